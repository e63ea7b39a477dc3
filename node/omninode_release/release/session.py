"""What surrounds one invocation of a run; nothing in it changes while the run works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from omninode_release.console.render import Console
from omninode_release.console.terminal import find_width, is_lively
from omninode_release.errors import ErrorCode, ReleaseError, usage_error
from omninode_release.events import Report, Subscribers, shielded
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.request import ReleaseRequest
from omninode_release.models.run_id import make_run_id
from omninode_release.planning.packages import find_packages
from omninode_release.planning.scan import Scan
from omninode_release.release.environment import Environment
from omninode_release.release.policy import Rules
from omninode_release.release.store import Store
from omninode_release.system.child_environment import child_environment
from omninode_release.system.clock import Clock
from omninode_release.system.files import StreamLines
from omninode_release.system.paths import Places
from omninode_release.system.process import JournalEntry, Programs
from omninode_release.system.redaction import withheld_secrets

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

    @property
    def config(self) -> ReleaseConfig:
        """The configuration the run is held to: the machine's policy has had its say."""
        return self.rules.config

    @property
    def clock(self) -> Clock:
        return self.environment.clock

    @property
    def store(self) -> Store:
        return Store(self.places, self.clock)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The repositories the request is about, each once."""
        return tuple(dict.fromkeys(self.request.repos)) or self.config.graph.repos

    def scan(self) -> Scan:
        return Scan(self.places.omni_home, self.config, self.programs.at("scan"))

    def with_subscriber(self, subscriber: Report) -> Session:
        """The same with one more subscriber to its events."""
        return replace(self, report=self.report.also(subscriber))

    def with_journal(
        self, journal: Callable[[JournalEntry], None], *, secrets: Sequence[str]
    ) -> Session:
        """The same with every program in ``journal``, and ``secrets`` shown nowhere."""
        programs = replace(
            self.programs,
            journal=shielded(journal, self.report),
            secrets=(*self.programs.secrets, *secrets),
        )
        return replace(self, programs=programs)

    def with_lock(self, fd: int) -> Session:
        """The same with a lock's descriptor, which every program inherits."""
        return replace(self, programs=replace(self.programs, keep_fds=(fd,)))


def open_session(request: ReleaseRequest, environment: Environment) -> Session:
    """Find folders and configuration. Raises CONFIG_INVALID and UNKNOWN_REPO."""
    request = _take_up_places(request, environment)
    try:
        places = environment.find_places(request.omni_home, request.config)
    except ReleaseError as error:
        error.hint = _guess(request.repos, COMMANDS) + (error.hint or "")
        raise
    programs = make_programs(environment)
    if request.verbose:
        console = Console(environment.stdout)
        programs = replace(programs, echo=shielded(console.command))
    found = environment.find_config(places.omni_home, request.config)
    rules = environment.load_rules(places, request.config)
    config = _name_repositories(rules.config, places, programs)
    _require_known((*request.repos, *sorted(request.words.repos)), config)
    _require_targets(request)
    started_at = environment.clock.now()
    store = Store(places, environment.clock)
    run_id = _find_run_id(request, config, store, started_at)
    return Session(
        request=request,
        environment=environment,
        rules=replace(rules, config=config),
        configuration=str(found or BUILT_IN),
        places=places,
        programs=programs,
        report=Subscribers(
            open_console(environment, verbose=request.verbose),
            *_open_stream(
                environment, run_id, 0 if request.dry_run else store.count_events(run_id)
            ),
        ),
        started_at=started_at,
        run_id=run_id,
    )


def open_console(environment: Environment, *, verbose: bool = False) -> Report:
    """What shows events to the person at stdout: a board on a terminal, and else lines."""
    out, variables = environment.stdout, environment.variables
    if is_lively(out, variables) and not verbose:
        # Rich costs 40 ms to import, and only a person who watches has them to spare.
        from omninode_release.console.live import LiveConsole  # noqa: PLC0415

        return LiveConsole(out, environment.clock, variables)
    return Console(out, verbose=verbose, width=find_width(out, variables))


def _open_stream(environment: Environment, run_id: str, written: int) -> Iterator[Report]:
    """What tells events to the program that asked for them, if one did."""
    if environment.events is not None:
        # A plain dry run must not pay for it.
        from omninode_release.console.event_log import EventLog  # noqa: PLC0415

        lines = StreamLines(environment.events)
        yield EventLog(lines.write, run_id, environment.clock, written=written)


def _take_up_places(request: ReleaseRequest, environment: Environment) -> ReleaseRequest:
    """The request with folder and configuration of the run it resumes, where nothing names others.

    A run says how it is taken up; what it says must work wherever it is typed.
    """
    variables = environment.variables
    if not request.resume or request.omni_home or variables.get("OMNI_HOME"):
        return request
    try:
        state = Store(environment.places_of_runs(), environment.clock).load(request.resume)
    except ReleaseError:
        return request  # which is said where the run is looked for
    config, used = request.config, state.plan.configuration
    if not (config or variables.get("OMNI_RELEASE_CONFIG")) and used not in {None, BUILT_IN}:
        config = Path(used or "")
    return replace(request, omni_home=Path(state.omni_home), config=config)


def make_programs(environment: Environment) -> Programs:
    """Programs as a user's surroundings have them."""
    return Programs(
        child_environment(environment.variables),
        environment.clock,
        secrets=withheld_secrets(environment.variables),
    )


def _name_repositories(config: ReleaseConfig, places: Places, programs: Programs) -> ReleaseConfig:
    """The configuration with the repositories of a graph that is computed.

    Their tiers are the planner's to compute, from what the scan finds. Raises CONFIG_INVALID.
    """
    if not config.graph.is_computed:
        return config
    packages = find_packages(Scan(places.omni_home, config, programs.at("scan")))
    for key, named in config.named_repos.items():
        strangers = sorted(set(named) - set(packages))
        if strangers:
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected {key} to name packages under {places.omni_home}"
                f" ({', '.join(packages)}), found {', '.join(strangers)}.",
                hint=f"correct {key} in the release configuration, or clone what it names",
            )
    graph = config.graph.with_computed((dict.fromkeys(packages, ()),))
    return config.model_copy(update={"graph": graph})


def _find_run_id(
    request: ReleaseRequest, config: ReleaseConfig, store: Store, started_at: datetime
) -> str:
    """The run's name as given, or made of repositories and day and not archived yet."""
    named = request.resume or request.run_id
    if named:
        return named
    plain = make_run_id(dict.fromkeys(request.repos) or config.graph.repos, started_at.date())
    number, run_id = 1, plain
    while store.is_archived(run_id):
        number += 1
        run_id = f"{plain}-{number}"
    return run_id


def _require_known(repos: Sequence[str], config: ReleaseConfig) -> None:
    unknown = [repo for repo in repos if repo not in config.graph.repos]
    if not unknown:
        return
    raise ReleaseError(
        ErrorCode.UNKNOWN_REPO,
        f"expected repositories of the tier graph ({', '.join(config.graph.repos)}),"
        f" found {', '.join(unknown)}.",
        hint=_guess(unknown, (*COMMANDS, *config.graph.repos))
        + "correct the name, or "
        + (
            "clone the repository under omni_home"
            if config.graph.is_computed
            else "add the repository to graph.tiers"
        ),
    )


def _require_targets(request: ReleaseRequest) -> None:
    """Raise USAGE_ERROR for a word on a repository that was not asked for."""
    others = sorted(request.words.repos - set(request.repos)) if request.repos else []
    if others:
        raise usage_error(
            f"--bump or --version names {', '.join(others)}, which this run does not release: add"
            f" {others[0]} to the repositories, or leave it out."
        )


def _guess(names: Sequence[str], known: Iterable[str]) -> str:
    """The beginning of a hint where a name is nearly one of the ``known``."""
    near = [word for name in names[:1] for word in get_close_matches(name, list(known), 1)]
    return f"omni-release {near[0]} perhaps; otherwise " if near else ""
