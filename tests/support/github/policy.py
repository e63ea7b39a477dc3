"""What a test decides about a repository on the look-alike, and what it lets go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple


class UnknownError(Exception):
    """A request the look-alike has no answer for: the test that caused it fails."""


class RefusedError(Exception):
    """What GitHub would refuse, in its words."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Refusal(NamedTuple):
    """An answer of GitHub's that is a no, or of a server of it that knows nothing yet."""

    status: int
    body: dict[str, Any] | list[Any]
    headers: Mapping[str, str] = {}


@dataclass
class WorkflowRun:
    """A run that releases an organisation from one of its repositories."""

    id: int
    created_at: str
    attempt: int = 1
    actor: str = "ann"
    jobs: list[dict[str, Any]] = field(default_factory=list)
    deployments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """By number, the statuses of each."""
    reviews: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Policy:
    """How one repository behaves. A "look" is one time the tool asks for the thing in question."""

    clock: Callable[[], float] = lambda: 0.0
    """In seconds, for what takes time instead of looks."""

    # The repository.
    down: bool = False
    """Everything about it is answered 502."""
    permission: Literal["ADMIN", "MAINTAIN", "WRITE", "TRIAGE", "READ"] | None = "WRITE"
    archived: bool = False
    fork_of: str | None = None
    renamed_to: str | None = None
    """The name it has now: GitHub answers under the former one, too, and changes nothing there."""
    refusal: Refusal | None = None
    """What every request about it is answered with."""
    early: dict[str, tuple[int, Refusal]] = field(default_factory=dict)
    """By request: how often it is refused by a GitHub that has not seen the last change yet."""
    squash_allowed: bool = True
    default_branch: str = "main"
    workflow_file: str = "release.yml"
    """Which workflow publishes."""
    workflow: Literal["active", "disabled_manually"] | None = "active"
    strangers: tuple[tuple[str, Literal["User", "Bot"] | None], ...] = ()
    """Open pull requests of others: branch, and what made it."""

    labels: tuple[str, ...] = ()
    """Those it has."""
    drafts: tuple[str, ...] = ()
    """Tags that a colleague has prepared a Release for, and not published."""

    builds: Callable[[str], str] = lambda _: "."
    """By tag, the folder that its workflow builds, or several with spaces between."""

    rulesets: tuple[dict[str, Any], ...] = ()
    """Each: target, include, rules (kind to its pattern, or None)."""
    merge_methods: tuple[str, ...] = ()
    """Those that a ruleset allows for the base branch; without any it says none."""
    bypass: str | None = "never"
    """What GitHub says of whether this login may pass them by."""
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By name, what GitHub says of each."""
    workflow_run: WorkflowRun | None = None
    """A run of a workflow of its own, which a test pretends to be a job of."""
    admits: tuple[str, ...] = ()
    """The tags that may deploy to them, where they have policies of their own."""
    immutable: bool = False
    """Whether its Releases are."""

    # Checks, all under the name "ci" but for the optional one.
    checks: Literal["green", "red", "never"] = "green"
    checks_hidden: int = 0
    """Looks at a head before anything has reported."""
    checks_cancelled: int = 0
    """Looks after that while it is cancelled, and the newer run of it not there yet."""
    checks_running: int = 1
    """Looks while the check is running."""
    checks_edits: bool = False
    """A workflow runs again where words of the pull request are edited."""
    checks_secret: bool = False
    """The login may not read check runs: GitHub leaves each out, and tells their sum alone."""
    checks_page: int = 1
    """How many checks an answer holds: one, so that the tool has to turn pages."""
    checks_seconds: float = 0
    """How long it runs at least."""
    required: tuple[str, ...] = ("ci",)
    signed_only: bool = False
    """The base branch takes no commit without a signature."""
    by_ruleset: bool = False
    """The requirement stands in a ruleset, not in a classic protection."""
    more_checks: tuple[dict[str, Any], ...] = ()
    """What is special of others by that name."""
    optional_red: bool = False
    """A check nobody requires fails."""

    # The pull request.
    settles_after: int = 0
    """Looks while mergeability is not worked out."""
    strict: bool = False
    """The branch must be up to date before it is merged."""
    queue: Literal["merges", "ejects"] | None = None
    queue_of: str | None = None
    """The only branch it is of; None: all of them."""
    queue_looks: int = 2
    queue_gap: int = 0
    """Looks at which the queue has no entry any more and the pull request is not merged yet."""
    merge_commit_told: bool = True
    """False where a person pushed the merge: the event alone tells it."""
    merge_untold: int = 0
    """Answers that call it merged and do not name the commit yet."""
    merge_hidden_seconds: float = 0
    """How long a merge is told of that git does not serve yet."""
    review: Literal["required", "approved", "changes_requested"] | None = None
    unresolved: int = 0
    """Conversations nobody has resolved."""
    resolution_required: bool = False
    draft: bool = False
    """A colleague turns the pull request into a draft."""

    # The publish workflow.
    run: Literal["green", "red", "red but published"] = "green"
    run_hidden: int = 0
    """Looks before a run shows up in lists."""
    run_waits: str = "in_progress"
    """The status of a run that has not ended."""
    skips_events: tuple[str, ...] = ()
    """Events that each job of it is not for: a run of them ends as skipped."""
    builds_events: tuple[str, ...] = ()
    """Events for which its jobs build, and upload nothing."""
    run_looks: int = 1
    """Looks while it runs."""
    run_seconds: float = 0
    """How long it runs at least; its files are on the index then, looked at or not."""
    late_looks: int = 0
    """Looks between the end of a run and its files on the index."""
    push_starts: bool = True
    """False for what a workflow does with GITHUB_TOKEN: its tag or Release starts nothing."""
    checks_out_input: bool = False
    """The workflow checks out the tag that its input names."""
    dispatch_refused: int | None = None
    """The HTTP status a dispatch is answered with."""


FaultKind = Literal["502", "lost", "429", "secondary"]


@dataclass
class Fault:
    """One thing that goes wrong once for each repository: ``call`` names a request.

    ``502`` before anything is done; ``lost``: done, and the connection is gone before the answer;
    ``429`` and ``secondary``: the two shapes of a rate limit.
    """

    kind: FaultKind
    call: str
    repo: str | None = None
    """The only repository it happens to; None for each of them."""
