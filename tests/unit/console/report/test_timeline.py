"""Where the time of a run went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from omninode_release.console.report.timeline import Kind, read_timeline
from omninode_release.models.phase import Phase
from omninode_release.models.state import RunState
from support.reports import MOMENT, some_state


def ran(step: str, program: str, seconds: float, ended: float) -> dict[str, Any]:
    """A line of the journal: a program that ended so many seconds after the run began."""
    at = (MOMENT + timedelta(seconds=ended)).isoformat()
    return {"at": at, "step": step, "argv": [f"/usr/bin/{program}", "x"], "seconds": seconds}


def reached(state: RunState, repo: str, *steps: tuple[str, float, str]) -> RunState:
    history = [
        {"phase": phase, "at": MOMENT + timedelta(seconds=at), "event": event}
        for phase, at, event in steps
    ]
    told = state.repos[repo].model_validate(
        state.repos[repo].model_dump() | {"phase_history": history}
    )
    return state.with_repo(repo, told, at=state.updated_at)


def test_a_step_lasts_from_its_first_program_to_its_record() -> None:
    state = reached(some_state(), "a", ("LOCKED", 9, "REACHED"), ("MERGED", 70, "REACHED"))
    journal = [ran("a/LOCK", "git", 1, 2), ran("a/LOCK", "uv", 4, 7), ran("a/MERGE", "gh", 2, 20)]

    lock, merge = read_timeline(state, journal)

    assert (lock.phase, lock.seconds) == (Phase.LOCK, 8)
    assert lock.shares == {Kind.GIT: 1, Kind.UV: 4, Kind.OWN: 3}
    assert (merge.phase, merge.seconds) == (Phase.MERGE, 52)
    assert merge.shares == {Kind.FORGE: 2, Kind.CHECKS: 50}


def test_a_look_at_a_later_repository_does_not_last_until_its_turn() -> None:
    state = reached(some_state(), "b", ("WORKTREE", 60, "REACHED"))
    journal = [
        ran("b/WORKTREE", "git", 1, 1), ran("a/WORKTREE", "git", 1, 3),
        ran("b/WORKTREE", "git", 1, 60),
    ]  # fmt: skip

    assert [(each.repo, each.seconds) for each in read_timeline(state, journal)] == [
        ("b", 1), ("a", 1), ("b", 1),
    ]  # fmt: skip


def test_a_step_that_failed_says_so() -> None:
    state = reached(some_state(), "a", ("LINT", 5, "FAILED"))

    [span] = read_timeline(state, [ran("a/LINT", "pre-commit", 3, 5)])

    assert span.failed
    assert span.shares == {Kind.HOOKS: 3}


def test_what_is_no_step_and_what_is_torn_is_passed_over() -> None:
    journal: list[dict[str, Any]] = [
        {}, {"at": 3, "step": "a/LOCK", "seconds": 1}, {"at": "x", "step": "a/LOCK", "seconds": 1},
        {"at": datetime.now(UTC).isoformat(), "step": "tools", "argv": [], "seconds": 0.0},
        ran("c/LOCK", "git", 1, 1), ran("a/NOTHING", "git", 1, 1),
    ]  # fmt: skip

    assert read_timeline(some_state(), journal) == ()
