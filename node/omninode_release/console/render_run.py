"""One run, from its state file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.console.table import render_section, render_table
from omninode_release.errors import ErrorCode, split_lines, split_next, typed
from omninode_release.models.phase import PhaseState
from omninode_release.text.control_characters import plain
from omninode_release.text.durations import write_duration
from omninode_release.text.next_commands import find_resume
from omninode_release.text.run_summary import (
    describe_verification,
    list_approvals,
    list_what_stays,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from omninode_release.models.state import GateRecord, RunStanding, RunState


def render_run(
    state: RunState,
    standing: RunStanding,
    *,
    running: int | None = None,
    now: datetime | None = None,
    width: int | None = None,
) -> Iterator[str]:
    """One run, from its state file; ``running`` is the process that is at it, ``now`` the time."""
    yield f"Run {state.run_id}: {standing}"
    yield f"  started {_show(state.started_at)}, last step {_show(state.updated_at)}"
    if standing == "interrupted":
        yield f"  {_describe_interruption(state)}"
    if state.abandoned_at is not None:
        yield f"  given up {_show(state.abandoned_at)}, when it was {state.status}"
    if state.gate:
        yield f"  gate: {_describe_gate(state.gate)}"
    yield from (f"  approved {plain(line)}" for line in list_approvals(state.approvals))
    if state.verify:
        yield f"  {plain(describe_verification(state.verify))}"
    rows = [
        (name, str(r.tier), f"{r.old_version} → {r.new_version}",
         _describe_progress(r.completed_phase, r.error_code),
         f"#{r.pr_number}" if r.pr_number else "-", r.tag or "-")
        for name, r in state.repos.items()
    ]  # fmt: skip
    yield ""
    header = ("repo", "tier", "old → new", "state", "PR", "tag")
    yield from render_table(header, rows, width=width)
    if standing == "in_progress" and not _is_at_the_gate(state):
        yield from render_section("In progress", _list_in_progress(state, now))
    else:
        yield from render_section("Cannot be taken back", list_what_stays(state))
    yield from render_section("Failed", _list_failed(state, standing))
    yield from _render_last_output(state)
    last_word = _describe_next(state, standing, running)
    if last_word:
        yield ""
        yield last_word


def _is_at_the_gate(state: RunState) -> bool:
    return state.gate is not None and state.gate.decision == "pending"


def _list_failed(state: RunState, standing: RunStanding) -> Iterator[str]:
    """Without what to type next where nobody is to type it: the run goes on, or is given up."""
    goes_on_by_hand = standing not in {"in_progress", "abandoned"}
    for name, repo in state.repos.items():
        if repo.error and repo.error_code is not ErrorCode.TIER_BLOCKED:
            message, *next_line = split_next(repo.error)
            yield f"{name}: {plain(message)}"
            if goes_on_by_hand:
                yield from (f"  {plain(line)}" for line in next_line)


def _describe_next(state: RunState, standing: RunStanding, running: int | None) -> str | None:
    if running is not None:
        return f"It is running (pid {running})."
    match standing:
        case "completed":
            return None
        case "in_progress":
            return (
                f"It is carried out elsewhere ({state.invocation or 'by a process unknown here'})."
            )
        case "abandoned":
            return f"Next: omni-release clean {state.run_id}"
        case _:
            return f"Next: {typed(find_resume(state))}"


def _show(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _describe_interruption(state: RunState) -> str:
    """Which process was killed or interrupted, when it was heard of last, and what it was at."""
    who = state.invocation or "the process that carried it out"
    at = [f"{name}, {repo.in_progress}" for name, repo in state.repos.items() if repo.in_progress]
    idle = "at the gate" if _is_at_the_gate(state) else "before its first step or between two"
    doing = f"at work on {'; '.join(at)}" if at else idle
    return f"{plain(str(who))} stopped after {_show(state.updated_at)}, {doing}"


def _list_in_progress(state: RunState, now: datetime | None) -> Iterator[str]:
    for name, repo in state.repos.items():
        since = repo.in_progress_since
        if repo.in_progress is None or repo.phase is PhaseState.DONE:
            continue
        at = f" since {_show(since)}" if since else ""
        took = f" ({write_duration((now - since).total_seconds())})" if now and since else ""
        yield f"{name}: {repo.in_progress}{at}{took}"


def _render_last_output(state: RunState) -> Iterator[str]:
    said = {name: repo.last_output for name, repo in state.repos.items() if repo.last_output}
    if state.last_output and state.last_output not in said.values():
        said["the run"] = state.last_output
    for name, output in said.items():
        yield from render_section(f"Last output ({name})", map(plain, split_lines(output)))


def _describe_gate(gate: GateRecord) -> str:
    if gate.taken_up:
        return plain(gate.taken_up)
    who = " by an unverified token" if gate.is_unverified else ""
    who = f" by {plain(gate.approver)}" if gate.approver else who
    why = f": {plain(' '.join(gate.reason.split()))}" if gate.reason else ""
    return f"{gate.decision}{who} ({gate.provider}){why}"


def _describe_progress(phase: PhaseState, code: ErrorCode | None) -> str:
    if code is ErrorCode.TIER_BLOCKED:
        return "blocked"
    return f"{code} after {phase}" if code else phase.value
