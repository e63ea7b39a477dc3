"""What surrounds one invocation of a run; nothing in it changes while the run works."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from omninode_release.adapters.git import Answers, Patience
from omninode_release.console.render import Console
from omninode_release.console.terminal import find_width, is_lively
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Subscribers, shielded
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.config_parts import GitState
from omninode_release.models.run_id import make_run_id
from omninode_release.planning.clones.packages import find_packages
from omninode_release.planning.scan import Scan
from omninode_release.release.requests.find_organisation import (
    find_config,
    find_places,
    load_rules,
    recall,
)
from omninode_release.release.requests.names_given import (
    guess,
    require_known,
    require_shown_names,
    require_targets,
)
from omninode_release.release.requests.typed_request import type_start
from omninode_release.release.store import Store
from omninode_release.system.files import StreamLines
from omninode_release.system.process import Programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from omninode_release.events import Report
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.plan_file import PlanFile
    from omninode_release.models.request import ReleaseRequest
    from omninode_release.release.environment import Environment
    from omninode_release.release.owners.control import Control
    from omninode_release.release.requests.policy import Rules
    from omninode_release.system.clock import Clock
    from omninode_release.system.paths import Places
    from omninode_release.system.process import JournalEntry

BUILT_IN = "built in"
"""The name of the configuration that no file holds: the one of contract.yaml."""


@dataclass(frozen=True)
class Session:
    """The request, and everything it is carried out with."""

    request: ReleaseRequest
    environment: Environment
    rules: Rules
    configuration: str
    """The file the configuration was read from, or ``built in``."""
    places: Places
    programs: Programs
    report: Subscribers
    started_at: datetime
    run_id: str
    control: Control | None = None
    """Where the run is kept beside the state root."""
    given: PlanFile | None = None
    """The plan that a file holds, and that the run must come to."""
    given_in: Path | None = None
    """That file."""
    answers: Answers = field(default_factory=Answers)
    """What git has said of commits, to any caller."""

    @property
    def config(self) -> ReleaseConfig:
        """The configuration the run is held to: the machine's policy has had its say."""
        return self.rules.config

    @property
    def clock(self) -> Clock:
        return self.environment.clock

    @property
    def has_lock(self) -> bool:
        """True once this process holds the run lock."""
        return bool(self.programs.keep_fds)

    @cached_property
    def store(self) -> Store:
        control = self.control.at(self.programs, self.report) if self.control else None
        return Store(self.places, self.clock, self.environment.secrets, control)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The repositories the request is about, each once."""
        return tuple(dict.fromkeys(self.request.repos)) or self.config.graph.repos

    def scan(self) -> Scan:
        patience = Patience(self.clock, self.config.polling, attempts=3)
        return Scan(
            self.places.omni_home, self.config, self.programs.at("scan"), patience, self.answers
        )

    def with_subscriber(self, subscriber: Report) -> Session:
        return replace(self, report=self.report.also(subscriber))

    def with_journal(self, journal: Callable[[JournalEntry], None]) -> Session:
        programs = replace(self.programs, journal=shielded(journal, self.report))
        return replace(self, programs=programs)

    def with_lock(self, fd: int) -> Session:
        """The same with a lock's descriptor, which every program inherits."""
        return replace(self, programs=replace(self.programs, keep_fds=(fd,)))


def open_session(request: ReleaseRequest, environment: Environment) -> Session:
    """Find folders and configuration. Raises CONFIG_INVALID and UNKNOWN_REPO."""
    request, environment = recall(request, environment)
    places = _find_places(request, environment)
    programs = make_programs(environment)
    if request.verbose:
        console = Console(environment.stdout)
        programs = replace(programs, echo=shielded(console.command))
    found = find_config(environment, places.omni_home, request.config)
    rules = load_rules(environment, places, request.config)
    given_in = environment.absolute(request.plan, what="file") if request.plan else None
    given = _read_given(given_in, rules)
    request = _make_request(request, given) if given else request
    programs = replace(programs, passed=rules.config.pass_environment)
    config = _name_repositories(rules.config, places, programs)
    require_shown_names((*config.graph.repos, str(places.omni_home)), environment)
    require_known((*request.repos, *sorted(request.words.repos)), config)
    require_targets(request)
    started_at = environment.clock.now()
    control = None
    if isinstance(config.state, GitState):  # a state that stays here must not pay for it
        from omninode_release.release.owners.control import reach_control  # noqa: PLC0415

        control = reach_control(config, places, environment, programs, offline=request.offline)
    store = Store(places, environment.clock, control=control)
    run_id = _find_run_id(request, config, store, started_at, given)
    return Session(
        request=request,
        environment=environment,
        rules=replace(rules, config=config),
        configuration=str(found or BUILT_IN),
        places=places,
        programs=programs,
        report=Subscribers(*_open_subscribers(request, environment, places, run_id)),
        started_at=started_at,
        run_id=run_id,
        control=control and _tell(control, request, run_id, given_in, store),
        given=given,
        given_in=given_in,
    )


def _tell(
    control: Control, request: ReleaseRequest, run_id: str, plan: Path | None, store: Store
) -> Control:
    """The same, told what the request asks for."""
    begins = () if store.has_state(run_id) else type_start(request, run_id, plan)
    return replace(control, take_over=request.take_over, begins=begins)


def _find_places(request: ReleaseRequest, environment: Environment) -> Places:
    try:
        return find_places(environment, request.omni_home, request.config)
    except ReleaseError as error:
        error.hint = guess(request.repos, COMMANDS) + (error.hint or "")
        raise


def _read_given(path: Path | None, rules: Rules) -> PlanFile | None:
    if path is None:
        return None
    from omninode_release.release.requests.given_plan import (  # noqa: PLC0415 - start-up time
        read_plan_file,
    )

    return read_plan_file(path, rules)


def _make_request(request: ReleaseRequest, given: PlanFile) -> ReleaseRequest:
    said = {**given.words._asdict(), "repos": given.targets, "ticket": given.ticket}
    return replace(request, plan=None, **said)


def open_console(environment: Environment, *, verbose: bool = False) -> Report:
    """What shows events to the person at stdout: a board on a terminal, and else lines."""
    out, variables = environment.stdout, environment.variables
    hide = environment.secrets.hide
    if is_lively(out, variables) and not verbose:
        # Rich costs 40 ms to import, and only a person who watches has them to spare.
        from omninode_release.console.live import LiveConsole  # noqa: PLC0415

        return LiveConsole(out, environment.clock, variables, hide)
    return Console(out, verbose=verbose, width=find_width(out, variables), hide=hide)


def _open_subscribers(
    request: ReleaseRequest, environment: Environment, places: Places, run_id: str
) -> Iterator[Report]:
    """What shows events to a person, and what tells them to a program that asked for them."""
    yield open_console(environment, verbose=request.verbose)
    if environment.events is not None:
        # A plain dry run must not pay for it.
        from omninode_release.console.event_log import EventLog, count_events  # noqa: PLC0415

        written = 0 if request.dry_run else count_events(places, run_id)  # a dry run tells its own
        lines = StreamLines(environment.events, environment.secrets)
        yield EventLog(lines.write, run_id, environment.clock, written=written)


def make_programs(environment: Environment) -> Programs:
    """Programs as a user's surroundings have them."""
    return Programs(environment.variables, environment.clock, secrets=environment.secrets)


def _name_repositories(config: ReleaseConfig, places: Places, programs: Programs) -> ReleaseConfig:
    """The configuration with the repositories of a graph that is computed.

    Their tiers are the planner's to compute, from what the scan finds. Raises CONFIG_INVALID.
    """
    if not config.graph.is_computed:
        return config
    packages = find_packages(Scan(places.omni_home, config, programs.at("scan")))
    graph = config.graph.with_computed((dict.fromkeys(packages, ()),))
    named = config.model_copy(update={"graph": graph})
    for key, repos in config.named_repos.items():
        known = named.clones if key == "base_branches" else {*packages}
        left_out = config.graph.ignore if key == "packages" else ()  # at a root, beside others
        strangers = sorted({*repos} - {*known, *left_out})
        if strangers:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected {key} to name packages under {places.omni_home}"
                f" ({', '.join(sorted(known))}), found {', '.join(strangers)}.",
                hint=f"correct {key} in the release configuration, or clone what it names",
            )
    return named


def _find_run_id(
    request: ReleaseRequest,
    config: ReleaseConfig,
    store: Store,
    started_at: datetime,
    given: PlanFile | None,
) -> str:
    """The run's name as given, or made of repositories and day and of no run before."""
    named = request.resume or request.run_id
    if named:
        return named
    repos = dict.fromkeys(request.repos) or config.graph.repos
    plain = given.run_id if given else make_run_id(repos, started_at.date())
    number, run_id = 1, plain
    while store.is_taken(run_id):
        number += 1
        run_id = f"{plain}-{number}"
    return run_id
