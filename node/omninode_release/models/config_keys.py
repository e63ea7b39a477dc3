"""The keys of a release configuration, and what each may be.

Everything that differs between organisations stands here and nothing secret does (spec,
Credential Resolution). Durations are in the unit their name says.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from omninode_release.models.branch_name import BranchName
from omninode_release.models.changelog import ChangelogSetting
from omninode_release.models.commit import Level
from omninode_release.models.config_parts import (
    Argv,
    GateCommands,
    GitState,
    Hooks,
    Local,
    Polling,
    PullWords,
    Timeouts,
    VariableName,
)
from omninode_release.models.graph import Graph, RepoName, read_graph
from omninode_release.models.lock import LockSetting
from omninode_release.models.model import Model
from omninode_release.models.pin_rule import PinRule
from omninode_release.models.place import PackagePlace
from omninode_release.models.placement import Placement
from omninode_release.models.publish import Publish
from omninode_release.models.tag_format import TagFormat
from omninode_release.models.template import SubjectTemplate
from omninode_release.models.version_scheme import VersionScheme


class ConfigKeys(Placement, Model):
    """What a configuration can say; ``ReleaseConfig`` holds one key against the others."""

    organization: str = Field(min_length=1, examples=["OmniNode-ai"])
    """The organisation's name, for people."""
    graph: Annotated[Graph, BeforeValidator(read_graph, Literal["auto"] | Graph)]
    """Which repositories are released, and in which order; ``auto``: as the manifests say."""
    packages: dict[RepoName, PackagePlace] = Field(
        default_factory=dict, examples=[{"core": {"repository": "mono", "path": "packages/core"}}]
    )
    """Packages that stand in a folder of a repository, or beside others in one: each is a name of
    the graph, and releases of one repository share a branch and a pull request."""
    forge: str = "github"
    """Where pull requests live; ``local`` keeps them beside bare repositories."""
    index: str = "pypi"
    """Where packages are published; ``local`` is a folder of wheels."""
    index_url: str | None = Field(default=None, examples=["https://packages.example"])
    """Where ``simple/NAME/`` and ``pypi/NAME/VERSION/json`` stand, for ``index: pypi``; the public
    index when null. ``OMNI_RELEASE_INDEX_URL`` goes before it, and is the place for a password."""
    gate: Literal["slack", "console", "environment"] = "slack"
    """Where a person is asked; ``environment`` asks GitHub who approved the job that releases."""
    gate_environment: str = Field(default="release", min_length=1, examples=["release"])
    """The environment of GitHub Actions whose reviewers approve, for ``gate: environment``."""
    attestation: Literal["auto", "verify", "format"] = "auto"
    """How a gate token is checked: ``auto`` looks it up in Slack where Slack's credentials are, and
    checks its form alone where there are none; ``verify`` refuses there; ``format`` never looks."""
    tag_formats: tuple[TagFormat, ...] = Field(
        default=("{repo}/v{version}", "v{version}"), min_length=1, examples=[["{repo}/v{version}"]]
    )
    """Names a release tag can have; the first is made. They end with ``{version}``, or with
    ``{version:_}`` for ``rel_1_2_0``. Where a file does not write this key, each repository's own
    is found out from its newest release tags, and the first of these is made where there are
    none."""
    tag_formats_of: dict[RepoName, Annotated[tuple[TagFormat, ...], Field(min_length=1)]] = Field(
        default_factory=dict, examples=[{"omniclaude": ["v{version}"]}]
    )
    """The same for single repositories: goes before ``tag_formats`` and what their tags say."""
    version_scheme: VersionScheme = "semver"
    """How versions are counted: by the level of the commits, or by the day the run began (UTC)."""
    version_scheme_of: dict[RepoName, VersionScheme] = Field(
        default_factory=dict, examples=[{"omniclaude": {"calver": "YYYY.M.PATCH"}}]
    )
    """The same for single repositories."""
    default_bump: Level = Level.PATCH
    """The level of commits that say nothing of theirs."""
    major_on_zero: bool = True
    """Whether a breaking change takes 0.x to 1.0.0; otherwise it raises the minor part."""
    ahead: Literal["auto", "bump", "as_is"] = "auto"
    """What a version above the last tag means: bump it again, release it as it is, or, with
    ``auto``, as it is where the index does not have it and its level suffices."""
    late_commits: Literal["same_level", "refuse"] = "same_level"
    """Whether commits newer than the approved plan are let in where they leave the level alone."""
    cascade: Literal["off", "patch"] = "off"
    """Whether a repository with nothing to release follows, as a patch, where its exact pin on a
    sibling of the run would stay behind."""
    pins: PinRule = "exact"
    """What becomes of a requirement on a sibling of the run. ``exact``: ``==`` its new version,
    where bounds such as ``<2`` admit that; ``override``: past them, too; ``raise``: ``>=`` its new
    version, with the upper bound it had or, past that, the next of its kind; ``keep``: as it is;
    ``lockstep``: ``exact``, and all that are joined by such edges get the highest of their versions
    together."""
    pins_of: dict[RepoName, dict[RepoName, PinRule]] = Field(
        default_factory=dict, examples=[{"omniclaude": {"omnibase_core": "raise"}}]
    )
    """The same for single edges: per repository, by the sibling it requires."""
    sources: Literal["refuse", "replace"] = "refuse"
    """What it means that a requirement to pin is taken from git, a path or a workspace: a refusal,
    or that the release has its pin instead."""
    after_release: Literal["nothing", "dev"] = "nothing"
    """What follows a release; ``dev``: a pull request with the next version in development."""
    verify: Literal["off", "warn", "fail"] = "warn"
    """What it means when the packages of a run do not install together once all are published:
    a warning, or a run that has failed; ``off`` does not look."""
    version_files: dict[RepoName, tuple[str, ...]] = Field(
        default_factory=dict, examples=[{"omniclaude": ["src/omniclaude/version.py"]}]
    )
    """Further files that hold the version, per repository; ``!`` before one that holds another."""
    changelog: ChangelogSetting = ChangelogSetting()
    """How changelogs are kept, in every repository."""
    changelog_of: dict[RepoName, ChangelogSetting] = Field(
        default_factory=dict, examples=[{"omniclaude": {"kind": "rst", "path": "CHANGES.rst"}}]
    )
    """The same for single repositories: what is written here goes before ``changelog``."""
    lock: LockSetting | None = Field(default=None, examples=["poetry"])
    """What LOCK brings up to date: ``uv`` (uv.lock), ``poetry``, ``pdm``, ``requirements`` (files
    that ``uv pip compile`` or pip-compile made), ``none``, or a command as a list, whose changed
    files join the release commit. Null: each lock that is there, by its own program."""
    lock_of: dict[RepoName, LockSetting] = Field(
        default_factory=dict, examples=[{"omniclaude": ["make", "lock"]}]
    )
    """The same for single repositories."""
    publish: Publish = Publish()
    """How a tag becomes a package."""
    publish_of: dict[RepoName, Publish] = Field(
        default_factory=dict, examples=[{"omniclaude": {"trigger": "release"}}]
    )
    """The same for single repositories; what is not written there is that of ``publish``."""
    github_release: bool | tuple[RepoName, ...] = Field(default=False, examples=[True])
    """Whether a tag becomes a GitHub Release with the changelog's entry as notes: ``true``, or the
    repositories where it does. One that is started by a Release has it in any case."""
    pull_request: PullWords = PullWords()
    """What pull requests say beside what the run writes."""
    commit_subject: SubjectTemplate | None = Field(
        default=None, examples=["chore(release): {repo} v{version}"]
    )
    """The subject of release commits; ``release: {repo} v{version}`` with the ticket when null."""
    after_bump: dict[RepoName, tuple[Argv, ...]] = Field(
        default_factory=dict, examples=[{"omniclaude": [["python3", "scripts/write_docs.py"]]}]
    )
    """Commands that PIN runs in a repository's worktree once version and pins are written; the
    files they change join the release commit. They are given no secrets
    but those that ``pass_environment`` names."""
    hooks: Hooks = Field(default="pre-commit", examples=["pre-commit"])
    """What LINT runs over all files: ``pre-commit``, ``prek``, a command as a list, or ``none``."""
    hooks_of: dict[RepoName, Hooks] = Field(
        default_factory=dict, examples=[{"omniclaude": ["make", "lint"]}]
    )
    """The same for single repositories."""
    pass_environment: tuple[VariableName, ...] = Field(default=(), examples=[["MYPY_CACHE_TOKEN"]])
    """Variables of the user that hooks, commands, uv and builds are given though they are named
    like a secret, or are kept from them otherwise."""
    local: Local = Local()
    """The embedded forge and index."""
    state: Literal["local"] | GitState = Field(
        default="local", examples=[{"git": "git@github.com:OmniNode-ai/release-state.git"}]
    )
    """Where the state of runs is kept: on this machine, or also in a branch of a control
    repository, from which any machine goes on with them."""
    timeouts: Timeouts = Timeouts()
    """How long each thing may take."""
    polling: Polling = Polling()
    """How often a wait looks again."""
    base_branches: dict[RepoName, BranchName] = Field(
        default_factory=dict, examples=[{"omniclaude": "develop"}]
    )
    """The branch a repository is released from, where that is not its remote's default branch."""
    rehearse: bool = True
    """Whether a run locks, lints and builds each package in throw-away trees before the gate."""
    approvers: tuple[str, ...] = Field(default=(), examples=[["U012ABCDEF"]])
    """Who may answer ``gate: slack``, by Slack's user id, or ``gate: environment``, by login; when
    empty, everyone in the channel who is a full member of its workspace, or any reviewer of the
    environment."""
    commands: GateCommands = GateCommands()
    """The words that decide at the gate."""
    resume_gate: Literal["ask", "reuse"] = "ask"
    """Whether a resume asks again, or takes up an approval of exactly what is left."""
    approval_hours: float = Field(default=24, gt=0, allow_inf_nan=False)
    """How old an approval may be that ``resume_gate: reuse`` takes up."""

    @field_validator("forge", "index", mode="before")
    @classmethod
    def _is_registered(cls, name: object, info: ValidationInfo) -> object:
        """The names are those of ``adapters/registry.py``, given as the context of a validation."""
        known = tuple((info.context or {}).get(info.field_name, ()))
        if known and name not in known:
            *others, last = known
            raise ValueError(f"expected {', '.join(others)} or {last}, found {name!r}")
        return name

    @field_validator("cascade", "verify", mode="before")
    @classmethod
    def _off_is_a_word(cls, value: object) -> object:
        """YAML 1.1 reads a bare ``off`` as false."""
        return "off" if value is False else value

    @property
    def named_repos(self) -> dict[str, tuple[str, ...]]:
        """Each key beside ``graph`` that names repositories, with those it names."""
        return {
            "packages": tuple(self.packages),
            "tag_formats_of": tuple(self.tag_formats_of),
            "version_scheme_of": tuple(self.version_scheme_of),
            "version_files": tuple(self.version_files),
            "changelog_of": tuple(self.changelog_of),
            "lock_of": tuple(self.lock_of),
            "after_bump": tuple(self.after_bump),
            "base_branches": tuple(self.base_branches),
            "github_release": (
                () if isinstance(self.github_release, bool) else self.github_release
            ),
            "hooks_of": tuple(self.hooks_of),
            "publish_of": tuple(self.publish_of),
            "pins_of": tuple(self.pins_of),
            **{f"pins_of.{repo}": tuple(edges) for repo, edges in self.pins_of.items()},
        }
