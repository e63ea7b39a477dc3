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


def ran_within(step: str, program: str, began: float, seconds: float) -> dict[str, Any]:
    """The same by a run of today: the stamp is rounded down, and the beginning is a fine number."""
    opened = MOMENT + timedelta(seconds=0.4)
    at = (opened + timedelta(seconds=began + seconds)).replace(microsecond=0)
    return ran(step, program, seconds, 0) | {"at": at.isoformat(), "began": began}


def test_steps_within_a_second_have_their_own_lengths() -> None:
    state = reached(
        some_state(),
        "a",
        ("WORKTREE", 0, "REACHED"),
        ("BUMPED", 0, "REACHED"),
        ("PINNED", 1, "FAILED"),
    )
    journal = [
        ran_within("a/WORKTREE", "git", 0.1, 0.2),
        ran_within("a/BUMP", "git", 0.35, 0.1),
        ran_within("a/PIN", "git", 0.45, 0.1),
        ran_within("a/PIN", "git", 0.58, 0.01),
        ran_within("tools", "git", 0.6, 0),
    ]

    spans = read_timeline(state, journal)

    assert [round(each.seconds, 2) for each in spans] == [0.2, 0.1, 0.15]
    assert [each.failed for each in spans] == [False, False, True]
    assert [(each.start - spans[0].start).total_seconds() for each in spans] == [0, 0.25, 0.35]


def test_a_resumed_run_counts_from_its_own_beginning() -> None:
    journal = [ran_within("a/LOCK", "uv", 0.1 + n, 0.5) for n in range(3)]
    later = [ran_within("a/LINT", "git", 0.2, 0.5), ran_within("a/LINT", "git", 0.8, 0.5)]
    later = [
        each | {"at": (datetime.fromisoformat(each["at"]) + timedelta(seconds=100)).isoformat()}
        for each in later
    ]

    lock, lint = read_timeline(some_state(), [*journal, *later])

    assert (round(lock.seconds, 2), round(lint.seconds, 2)) == (2.5, 1.1)
    assert (lint.start - lock.start).total_seconds() > 99


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
