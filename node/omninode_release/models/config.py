"""An organisation's release configuration: the ``release:`` section of contract.yaml, or a file.

Everything that differs between organisations stands here and nothing secret does (spec,
Credential Resolution). Durations are in the unit their name says.
"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from omninode_release.models.branch_name import BranchName
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.commit import Level
from omninode_release.models.model import Model
from omninode_release.models.publish import Publish
from omninode_release.models.pull_words import PullWords
from omninode_release.models.tag_format import TagFormat
from omninode_release.models.template import SubjectTemplate

_FINITE = ConfigDict(allow_inf_nan=False)
_NOT = "!"

RepoName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", examples=["omnibase_core"])
]
"""A repository's name: one path component and one branch component."""


Argv = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    Field(min_length=1, examples=[["python3", "scripts/write_docs.py"]]),
]
"""A command as a list of words; no shell reads it."""

Hooks = Literal["pre-commit", "prek", "none"] | Argv
"""What LINT runs."""


class Graph(Model):
    """Which repositories exist, in which tier, and what each depends on."""

    tiers: tuple[dict[RepoName, tuple[RepoName, ...]], ...] = Field(min_length=1)
    """Tier 1 first; in each, repository name to the repositories it depends on."""
    ignore: tuple[RepoName, ...] = ()
    """Repositories under omni_home that depend on ours and are not released."""

    @field_validator("tiers")
    @classmethod
    def _tiers_are_a_graph(
        cls, tiers: tuple[dict[str, tuple[str, ...]], ...]
    ) -> tuple[dict[str, tuple[str, ...]], ...]:
        tier_of: dict[str, int] = {}
        for number, tier in enumerate(tiers, start=1):
            for repo in tier:
                if repo in tier_of:
                    raise ValueError(f"{repo} stands in tier {tier_of[repo]} and in tier {number}")
                if repo in COMMANDS:
                    raise ValueError(f"{repo} is a command word of omni-release, not a repository")
                tier_of[repo] = number
        edges = {repo: needs for tier in tiers for repo, needs in tier.items()}
        for repo, needs in edges.items():
            _check_edges(repo, needs, tier_of)
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            cycle = " -> ".join(reversed(error.args[1]))  # an arrow is "depends on"
            raise ValueError(f"dependencies go round in a circle: {cycle}") from None
        return tiers

    def tier_of(self, repo: str) -> int:
        """The tier (1 is released first) ``repo`` stands in; KeyError when it is in none."""
        return next(n for n, tier in enumerate(self.tiers, start=1) if repo in tier)

    @property
    def repos(self) -> tuple[str, ...]:
        """Every repository, in tier order and as listed."""
        return tuple(repo for tier in self.tiers for repo in tier)


def _check_edges(repo: str, needs: tuple[str, ...], tier_of: dict[str, int]) -> None:
    for need in needs:
        if need not in tier_of:
            raise ValueError(f"{repo} depends on {need}, which stands in no tier")
        if tier_of[need] > tier_of[repo]:
            raise ValueError(
                f"{repo} (tier {tier_of[repo]}) depends on {need} (tier {tier_of[need]});"
                " a dependency must stand in the same or an earlier tier"
            )


class Local(Model):
    """The embedded forge and index: everything on this machine."""

    index_dir: str = Field(default="../index", examples=["../index"])
    """The folder index, relative to omni_home or absolute."""
    index_only: bool = False
    """True where the folder holds everything a release needs: uv then asks no other index."""
    checks: tuple[str, ...] = Field(default=(), examples=[["python3", "scripts/check.py"]])
    """The command run in the head commit's tree of a pull request; empty: nothing to check."""


class Timeouts(Model):
    """How long one thing may take before the tool gives up on it."""

    model_config = _FINITE

    gate_minutes: float = Field(default=1440, gt=0)
    """How long the gate waits for a person."""
    git_seconds: float = Field(default=120, gt=0)
    """How long one git command may take."""
    lock_minutes: float = Field(default=15, gt=0)
    """How long ``uv lock`` may take."""
    lint_minutes: float = Field(default=30, gt=0)
    """How long the hooks that LINT runs may take."""
    after_bump_minutes: float = Field(default=15, gt=0)
    """How long one command of ``after_bump`` may take."""
    checks_minutes: float = Field(default=30, gt=0)
    """How long the embedded forge's check command may take."""
    merge_minutes: float = Field(default=60, gt=0)
    """How long checks, reviews and a merge queue are waited for, in all."""
    api_seconds: float = Field(default=60, gt=0)
    """How long one call of a service's API may take."""
    checks_grace_seconds: float = Field(default=60, ge=0)
    """How long checks may take to report for the first time where none is required."""
    workflow_grace_seconds: float = Field(default=60, ge=0)
    """How long a run for the tag may take to show up, before one is dispatched."""
    index_grace_seconds: float = Field(default=60, ge=0)
    """How long a version may take to show up on the index after its workflow run failed."""
    verify_minutes: float = Field(default=10, gt=0)
    """How long the packages of a run may take to install together."""
    orphan_seconds: float = Field(default=60, ge=0)
    """How long a run waits for the child processes of a killed one."""


class Polling(Model):
    """How often a wait looks again: short at first, then up to ``max_seconds``."""

    model_config = _FINITE

    min_seconds: float = Field(default=1, gt=0)
    """The first pause."""
    max_seconds: float = Field(default=30, gt=0)
    """The longest pause."""


_NO = frozenset({"cancel", "deny", "hold", "no", "reject", "stop"})


class GateCommands(Model):
    """The words a person answers the gate with."""

    approve: tuple[str, ...] = Field(default=("approve",), min_length=1, examples=[["approve"]])
    """Each of them, as the whole reply, approves; the first is shown."""
    reject: tuple[str, ...] = Field(default=("reject",), min_length=1, examples=[["reject"]])
    """Each of them, as the first word of a reply, rejects; the first is shown."""


class ReleaseConfig(Model):
    """One organisation's configuration."""

    organization: str = Field(min_length=1, examples=["OmniNode-ai"])
    """The organisation's name, for people."""
    graph: Graph
    """Which repositories are released, and in which order."""
    forge: str = "github"
    """Where pull requests live; ``local`` keeps them beside bare repositories."""
    index: str = "pypi"
    """Where packages are published; ``local`` is a folder of wheels."""
    index_url: str | None = Field(default=None, examples=["https://packages.example"])
    """Where ``simple/NAME/`` and ``pypi/NAME/VERSION/json`` stand, for ``index: pypi``; the public
    index when null. ``OMNI_RELEASE_INDEX_URL`` goes before it, and is the place for a password."""
    gate: Literal["slack", "console"] = "slack"
    """Where a person is asked."""
    attestation: Literal["auto", "verify", "format"] = "auto"
    """How a gate token is checked: ``auto`` looks it up in Slack where Slack's credentials are, and
    checks its form alone where there are none; ``verify`` refuses there; ``format`` never looks."""
    tag_formats: tuple[TagFormat, ...] = Field(
        default=("{repo}/v{version}", "v{version}"), min_length=1, examples=[["{repo}/v{version}"]]
    )
    """Names a release tag can have; the first is made. Where a file does not write this key, each
    repository's own is found out from its newest release tags, and the first of these is made
    where there are none."""
    tag_formats_of: dict[RepoName, Annotated[tuple[TagFormat, ...], Field(min_length=1)]] = Field(
        default_factory=dict, examples=[{"omniclaude": ["v{version}"]}]
    )
    """The same for single repositories: goes before ``tag_formats`` and what their tags say."""
    default_bump: Level = Level.PATCH
    """The level of commits that say nothing of theirs."""
    major_on_zero: bool = True
    """Whether a breaking change takes 0.x to 1.0.0; otherwise it raises the minor part."""
    ahead: Literal["auto", "bump", "as_is"] = "auto"
    """What a version above the last tag means: bump it again, release it as it is, or, with
    ``auto``, as it is where the index does not have it and its level suffices."""
    late_commits: Literal["same_level", "refuse"] = "same_level"
    """Whether commits newer than the approved plan are let in where they leave the level alone."""
    pins: Literal["respect", "override"] = "respect"
    """Whether a pin stays inside the bounds a requirement has, such as ``<2``, or goes past them;
    it never goes below them. An exact requirement is no bound: a release raises it."""
    verify: Literal["off", "warn", "fail"] = "warn"
    """What it means when the packages of a run do not install together once all are published:
    a warning, or a run that has failed; ``off`` does not look."""
    version_files: dict[RepoName, tuple[str, ...]] = Field(
        default_factory=dict, examples=[{"omniclaude": ["src/omniclaude/version.py"]}]
    )
    """Further files that hold the version, per repository; ``!`` before one that holds another."""
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
    files they change join the release commit. They are given no tokens."""
    hooks: Hooks = Field(default="pre-commit", examples=["pre-commit"])
    """What LINT runs over all files: ``pre-commit``, ``prek``, a command as a list, or ``none``."""
    hooks_of: dict[RepoName, Hooks] = Field(
        default_factory=dict, examples=[{"omniclaude": ["make", "lint"]}]
    )
    """The same for single repositories."""
    local: Local = Local()
    """The embedded forge and index."""
    timeouts: Timeouts = Timeouts()
    """How long each thing may take."""
    polling: Polling = Polling()
    """How often a wait looks again."""
    base_branches: dict[RepoName, BranchName] = Field(
        default_factory=dict, examples=[{"omniclaude": "develop"}]
    )
    """The branch a repository is released from, where that is not its remote's default branch."""
    rehearse: bool = True
    """Whether a run builds and locks every planned package in throw-away trees before the gate."""
    approvers: tuple[str, ...] = Field(default=(), examples=[["U012ABCDEF"]])
    """Who may answer ``gate: slack``, by Slack's user id; when empty, anybody in the channel who
    is a full member of its workspace."""
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

    @field_validator("verify", mode="before")
    @classmethod
    def _off_is_a_word(cls, value: object) -> object:
        """YAML 1.1 reads a bare ``off`` as false."""
        return "off" if value is False else value

    @field_validator("commands")
    @classmethod
    def _words_are_told_apart(cls, commands: GateCommands) -> GateCommands:
        """A word that means no in everybody's mouth must not approve."""
        no = {*map(str.lower, commands.reject), *_NO}
        both = sorted(no & {*map(str.lower, commands.approve)})
        if both:
            raise ValueError(f"approve: {both[0]!r} rejects")
        broken = [each for each in (*commands.approve, *commands.reject) if len(each.split()) != 1]
        if broken:
            raise ValueError(f"expected single words, found {broken[0]!r}")
        return commands

    @model_validator(mode="after")
    def _version_files_stay_inside(self) -> Self:
        per_repository: dict[str, Iterable[str]] = {
            "after_bump": self.after_bump,
            "base_branches": self.base_branches,
            "github_release": () if isinstance(self.github_release, bool) else self.github_release,
            "hooks_of": self.hooks_of,
            "publish_of": self.publish_of,
            "tag_formats_of": self.tag_formats_of,
            "version_files": self.version_files,
        }
        for key, repos in per_repository.items():
            for repo in repos:
                if repo not in self.graph.repos:
                    raise ValueError(f"{key} names {repo}, which stands in no tier")
        for repo, paths in self.version_files.items():
            for path in paths:
                pure = PurePosixPath(path.removeprefix(_NOT))
                if pure.is_absolute() or ".." in pure.parts:
                    raise ValueError(f"version_files of {repo}: {path!r} leaves the repository")
        return self

    def version_files_of(self, repo: str) -> tuple[str, ...]:
        """The files of ``version_files`` that BUMP writes."""
        return tuple(p for p in self.version_files.get(repo, ()) if not p.startswith(_NOT))

    def is_other_version(self, repo: str, path: str) -> bool:
        """True for a file that ``version_files`` says to hold another version."""
        return f"{_NOT}{path}" in self.version_files.get(repo, ())

    def publish_for(self, repo: str) -> Publish:
        """How a tag of ``repo`` becomes a package."""
        own = self.publish_of.get(repo)
        return self.publish.changed_by(own) if own else self.publish

    def makes_release(self, repo: str) -> bool:
        """True where ``github_release`` asks for one."""
        said = self.github_release
        return said if isinstance(said, bool) else repo in said

    def hooks_for(self, repo: str) -> Hooks:
        """What LINT runs in ``repo``."""
        return self.hooks_of.get(repo, self.hooks)

    @property
    def templates(self) -> tuple[str, ...]:
        """Every text that names places of a release."""
        words = self.pull_request
        return tuple(filter(None, (self.commit_subject, words.title, *words.body)))

    def declared_tag_formats(self, repo: str) -> tuple[str, ...] | None:
        """The formats that were written for ``repo``; None where its tags are to decide."""
        if repo in self.tag_formats_of:
            return self.tag_formats_of[repo]
        return self.tag_formats if "tag_formats" in self.model_fields_set else None

    def tag_formats_to_make(self, repo: str, first: str | None) -> tuple[str, ...]:
        """The format that is made for ``repo``, and those that its workflow may listen to instead.

        ``first`` is what its row of the plan says.
        """
        declared = self.tag_formats_of.get(repo, ())
        made = first or self.tag_formats[0]
        return tuple(dict.fromkeys((made, *declared, *self.tag_formats)))


REMEMBERED_KEYS_MAY_CHANGE = frozenset(
    {
        "timeouts",
        "polling",
        "rehearse",
        "approvers",
        "resume_gate",
        "approval_hours",
        "pins",
        "verify",
    }
)
"""Top-level keys a resumed run may find changed; any other change is refused."""
