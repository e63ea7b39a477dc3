"""The status checks of a pull request as GitHub tells them: what counts of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.github.answers import CheckRun
from omninode_release.models.forge import StatusCheck

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from omninode_release.adapters.github.answers import Checked, Pull, Rollup, StatusContext
    from omninode_release.models.forge import StatusCheckState

# A skipped or neutral check satisfies a rule (GitHub Docs, "About status checks").
_GREEN = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
_STATUS: dict[str, StatusCheckState] = {
    "SUCCESS": "success",
    "PENDING": "pending",
    "EXPECTED": "pending",
    "FAILURE": "failure",
    "ERROR": "failure",
}
_HIDDEN = "those that GitHub does not show this login"
_PASSING = frozenset({"CLEAN", "HAS_HOOKS", "UNSTABLE"})
"""States of a pull request whose required checks are green."""


def list_checks(
    pull: Pull,
    contexts: Sequence[CheckRun | StatusContext | None],
    *,
    required: Sequence[str],
    blocked: bool,
) -> Iterator[StatusCheck]:
    """The checks that count, and those of ``required`` that have not said anything yet."""
    reported = tuple(_checks(each for each in contexts if each is not None))
    yield from reported
    rollup = pull.status_check_rollup
    if None in contexts and rollup is not None:
        yield _sum_up(pull, rollup, is_required=bool(required))
        return
    # Another app's check of the name that is required is none, and GitHub blocks the merge then.
    names = {check.name for check in reported if check.required or not blocked}
    yield from _unreported(names, required)


def _sum_up(pull: Pull, rollup: Rollup, *, is_required: bool) -> StatusCheck:
    """What GitHub says of all checks together, of which it shows this login not all.

    A fine-grained token may read no check runs of a private repository, whatever its permissions
    (https://github.com/cli/cli/issues/12597). If some are required, red ones may be others.
    """
    state = _STATUS[rollup.state]
    if is_required and state != "success":
        state = "success" if pull.merge_state_status in _PASSING else "pending"
    return StatusCheck(_HIDDEN, state, f"{pull.url}/checks", required=is_required, is_sum=True)


def contexts_of(pull: Checked) -> tuple[list[CheckRun | StatusContext | None], str | None]:
    """One page of a pull request's checks, None for a hidden one, and where the next begins."""
    rollup = pull.status_check_rollup
    if rollup is None:
        return [], None
    page = rollup.contexts.page_info
    return list(rollup.contexts.nodes or ()), page.end_cursor if page.has_next_page else None


def _checks(contexts: Iterable[CheckRun | StatusContext]) -> Iterator[StatusCheck]:
    """The newest run of each check: one that was run again is listed twice."""
    runs: dict[tuple[str, ...], list[CheckRun]] = {}
    for each in contexts:
        if isinstance(each, CheckRun):
            runs.setdefault(_key(each), []).append(each)
        else:
            state, words = _STATUS[each.state], each.description or ""
            yield StatusCheck(each.context, state, each.target_url, words, each.is_required)
    for several in runs.values():
        newest = max(reversed(several), key=_start)
        yield from (_of_run(each) for each in several if _is_beside(each, newest))


def _key(check: CheckRun) -> tuple[str, ...]:
    """What tells checks apart: two apps, workflows or events may have one of the same name."""
    suite = check.check_suite
    app, run = suite.app.slug if suite.app else "", suite.workflow_run
    return (check.name, app, run.workflow.name if run else "", run.event if run else "")


def _start(check: CheckRun) -> str:
    """When it began; what has not begun yet is newer than all that has."""
    return check.started_at or ("" if check.status == "COMPLETED" else "~")


def _is_beside(check: CheckRun, newest: CheckRun) -> bool:
    """True for the newest, and for what ran at its time: jobs of a matrix may share a name.

    An attempt of a workflow begins when the one before it has ended.
    """
    if check is newest:
        return True
    is_of_it = check.check_suite.id == newest.check_suite.id
    return is_of_it and (check.completed_at is None or check.completed_at > _start(newest))


def _of_run(run: CheckRun) -> StatusCheck:
    state: StatusCheckState = "pending"
    if run.status == "COMPLETED" and run.conclusion is not None:  # it may follow a moment later
        state = "success" if run.conclusion in _GREEN else "failure"
        state = "cancelled" if run.conclusion == "CANCELLED" else state
    words = run.title or (run.conclusion or "").lower()
    return StatusCheck(run.name, state, run.details_url, words, run.is_required)


def _unreported(names: Container[str], required: Iterable[str]) -> Iterator[StatusCheck]:
    """Required checks that have not said anything yet; ``names`` have."""
    for name in dict.fromkeys(required):
        if name not in names:
            yield StatusCheck(name, "pending", None, "it has not reported yet", required=True)
