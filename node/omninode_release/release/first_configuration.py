"""The first configuration of an organisation, and an existing one held against its clones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import yaml
from packaging.version import Version

from omninode_release.adapters.git import Git
from omninode_release.adapters.ports import RepositorySite
from omninode_release.adapters.registry import CHOICES
from omninode_release.adapters.slack_credentials import find_credentials
from omninode_release.contract.load import load_config
from omninode_release.contract.schemas import resource
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.commit import Level
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import OrgFacts
from omninode_release.models.fit import Difference, FitReport
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.request import ReleaseRequest
from omninode_release.planning.organisation import Organisation
from omninode_release.planning.survey.fits import find_guesses, find_refused_settings, judge_fits
from omninode_release.planning.survey.settings import (
    Setup,
    as_mapping,
    derive_settings,
    find_differences,
)
from omninode_release.planning.survey.survey import look_around
from omninode_release.release.plan_run import plan_run
from omninode_release.release.record import RunRecord
from omninode_release.release.requests.find_organisation import CONFIG_NAME
from omninode_release.release.requests.origins import (
    choose_forge,
    find_foreign_hosts,
    find_owner,
    judge_origins,
    tell_once,
)
from omninode_release.release.session import make_programs, open_session
from omninode_release.system.files import atomic_create, atomic_write
from omninode_release.system.presence import is_folder, is_there
from omninode_release.text.control_characters import plain
from omninode_release.text.versions.version import bump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from omninode_release.planning.survey.settings import Setting
    from omninode_release.planning.survey.survey import Survey
    from omninode_release.release.environment import Environment
    from omninode_release.release.requests.origins import Sites
    from omninode_release.release.session import Session
    from omninode_release.system.process import Programs

NO_ORIGIN = "origin"
"""What a clone lacks that no configuration can give it."""
SCHEMA_NAME = "release-config.schema.json"
"""The schema beside it: an editor that knows YAML's language server checks the file with it."""
_WIDTH = 98
_OF_FILES = frozenset(
    {ErrorCode.BUMP_FAILED, ErrorCode.CHANGELOG_FAILED, ErrorCode.LOCK_FAILED, ErrorCode.PIN_FAILED}
)


@dataclass(frozen=True)
class Clones:
    """The clones in a folder, looked at without a configuration."""

    environment: Environment
    omni_home: Path

    @cached_property
    def look(self) -> Survey:
        """What they show. Raises CONFIG_INVALID where no package is among them."""
        return look_around(self.omni_home, self._programs.at("scan"))

    @cached_property
    def sites(self) -> Sites:
        """Those that are to be released, as a forge is opened with them."""
        return {
            repo: self._site(repo)
            for repo, found in self.look.found.items()
            if repo not in self.look.left_out and is_folder(found.facts.path)
        }

    def describe(self) -> Setup:
        """What the origins, the folder and the user's files say of the organisation."""
        forge, owner = choose_forge(self.sites), find_owner(self.sites)
        organization = owner or self.omni_home.name or "organisation"
        return Setup(
            organization=organization,
            organization_from="the owner in the clones' origins" if owner else "the folder's name",
            forge=forge,
            index="local" if forge == "local" else "pypi",
            has_slack=self._has_slack(),
            is_built_in=organization == load_config(None).organization,
        )

    def find_lacks(self, config: ReleaseConfig) -> Iterator[Difference]:
        """What ``config`` says and the clones do not, or the other way round."""
        yield from find_differences(self.look, config)
        for repo, check in judge_origins(config.forge, self.sites).items():
            if check.state != "ok" and repo in config.graph.repos:
                hint = f" Next: {check.hint}" if check.hint else ""
                key = "forge" if self.sites[repo].origin else NO_ORIGIN
                yield Difference(key=key, text=f"{check.text}{hint}", repo=repo)

    def warn_of_hosts(self, config: ReleaseConfig) -> Iterator[Difference]:
        """What a person has to know of origins that only an Enterprise server could have."""
        hosts = find_foreign_hosts(self.sites) if config.forge == "github" else {}
        for repo, host in hosts.items():
            text = (
                f"its origin is on {host}: forge: github speaks to GitHub alone; where that is an"
                f" Enterprise server, gh auth login --hostname {host}"
            )
            yield Difference(key="forge", text=text, repo=repo)

    @cached_property
    def _programs(self) -> Programs:
        return make_programs(self.environment)

    def _site(self, repo: str) -> RepositorySite:
        return RepositorySite(
            repo=repo,
            git=Git(self.look.found[repo].facts.path, self._programs.at("scan")),
            config=ReleaseConfig.model_validate({"organization": "-", "graph": "auto"}),
            places=self.environment.places_of_runs(self.omni_home),
            clock=self.environment.clock,
            environ=self._programs.environ,
            secrets=self._programs.secrets,
            links=lambda: None,
        )

    def _has_slack(self) -> bool:
        """True also for half of the credentials: a person meant Slack, and a run says the rest."""
        around = self.environment
        try:
            return find_credentials(around.variables, around.credentials) is not None
        except ReleaseError:
            return True


def write_first(clones: Clones, target: Path) -> FitReport:
    """Write the configuration that the clones ask for, and plan by it.

    Raises CONFIG_INVALID where ``target`` is there already or cannot be written, and where the
    manifests require each other in a circle.
    """
    if is_there(target) or target.is_symlink():
        raise _taken(target, clones.omni_home)
    settings = derive_settings(clones.look, clones.describe())
    _require_order(settings, clones.look)
    _write(settings, target, clones.omni_home)
    session = _open(clones, target)
    lacks = [*clones.find_lacks(session.config), *clones.warn_of_hosts(session.config)]
    plan = _plan(session)
    return FitReport(
        organization=session.config.organization,
        configuration=session.configuration,
        written=True,
        settings=dict(as_mapping(settings)),
        repos=tuple(judge_fits(_look_ahead(session, plan), clones.look, lacks)),
        notes=find_guesses(plan),
    )


def compare(clones: Clones, config: Path | None) -> FitReport:
    """Hold the configuration in use against the clones. Raises CONFIG_INVALID for none."""
    session = _open(clones, config)
    lacks = [*clones.find_lacks(session.config)]
    lacking = [each for each in lacks if each.key == NO_ORIGIN]
    differences = [*tell_once((each for each in lacks if each not in lacking), clones.sites)]
    try:
        plan = _plan(session)
    except ReleaseError as error:  # the drift guard, or a circle
        plan = Plan(run_id=session.run_id, entries=())
        differences.insert(0, Difference(key="graph", text=error.text))
    differences += find_refused_settings(plan)
    return FitReport(
        organization=session.config.organization,
        configuration=session.configuration,
        written=False,
        settings=session.config.model_dump(mode="json", exclude_defaults=True),
        repos=tuple(judge_fits(_look_ahead(session, plan), clones.look, lacking)),
        differences=tuple(differences),
        notes=find_guesses(plan),
    )


def _open(clones: Clones, config: Path | None) -> Session:
    quiet = replace(clones.environment, stdout=clones.environment.stderr)
    request = ReleaseRequest(dry_run=True, offline=True, config=config, omni_home=clones.omni_home)
    return open_session(request, quiet)


def _plan(session: Session) -> Plan:
    record = RunRecord(session)
    facts = session.scan().read_clones(record.targets, ask_remotes=False)
    return plan_run(session, record, facts)


def _look_ahead(session: Session, plan: Plan) -> Plan:
    """The plan in which a row with nothing to release is refused where its next release would be.

    Only what its files say is looked for: no one knows yet which version that will have, and what
    will be released with it.
    """
    idle = {
        row.repo: str(bump(Version(row.current), Level.PATCH, major_on_zero=True))
        for row in plan.entries
        if row.status is PlanStatus.SKIP and row.current
    }
    if not idle:
        return plan
    later = _plan(replace(session, request=replace(session.request, versions=idle)))
    refused = {
        row.repo: row.model_copy(update={"new": None})
        for row in later.errors
        if row.repo in idle and row.error_code in _OF_FILES and not row.pins
    }
    return plan.model_copy(
        update={"entries": tuple(refused.get(row.repo, row) for row in plan.entries)}
    )


def _require_order(settings: list[Setting], look: Survey) -> None:
    """Raise CONFIG_INVALID where nothing is to be released, or only in a circle."""
    config = ReleaseConfig.model_validate(as_mapping(settings), context=CHOICES)
    repos = [repo for repo in look.found if repo not in config.graph.ignore]
    if not repos:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a package to publish, found {' '.join(look.left_out.values())}",
            hint="only packages that are published are released; there is nothing to write",
        )
    graph = config.graph.with_computed((dict.fromkeys(repos, ()),))
    facts = OrgFacts({repo: look.found[repo].facts for repo in repos}, {})
    Organisation.settle(config.model_copy(update={"graph": graph}), facts)


def _taken(target: Path, omni_home: Path) -> ReleaseError:
    named = () if target == omni_home / CONFIG_NAME else ("--config", str(target))
    check = ("omni-release", "init", "--check", "--omni-home", str(omni_home), *named)
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected no file at {target}, found one: init overwrites nothing.",
        hint=f"{typed(check)} compares it with the clones; move it away to have it written anew",
    )


def _write(settings: list[Setting], target: Path, omni_home: Path) -> None:
    text = "\n".join(_list_lines(settings)) + "\n"
    try:
        if not atomic_create(target, text.encode()):
            raise _taken(target, omni_home)
        _write_schema(target.with_name(SCHEMA_NAME))
    except OSError as error:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected to write {target}, found: {error.strerror}.",
            hint="omni-release --config FILE init writes it elsewhere",
        ) from None


def _write_schema(path: Path) -> None:
    """The schema that editors check the file with; one of an earlier version is replaced."""
    schema = (resource("schemas") / SCHEMA_NAME).read_bytes()
    if not atomic_create(path, schema) and b"urn:omninode-release:schema:" in path.read_bytes():
        atomic_write(path, schema)


def _list_lines(settings: Iterable[tuple[str, Any, Sequence[str]]]) -> Iterator[str]:
    """A file of these keys and values, each under comments that say why."""
    yield f"# yaml-language-server: $schema={SCHEMA_NAME}"
    yield "# How omni-release releases these packages; what is not here has its default."
    yield "# `omni-release init --check` compares this file with the clones."
    for key, value, why in settings:
        yield ""
        for reason in why:
            lines = wrap(plain(reason), _WIDTH, break_long_words=False, break_on_hyphens=False)
            yield from (f"# {line}" for line in lines)
        dumped = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=_WIDTH)
        yield dumped.rstrip("\n")
