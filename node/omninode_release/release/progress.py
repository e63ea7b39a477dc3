"""How far a repository has come: what its state becomes by each thing that can happen to it.

Values in, values out; ``engine`` decides what happens and saves what comes of it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.state import PhaseEvent, RepoState

if TYPE_CHECKING:  # importing the phases costs a dry run 40 ms of CPU
    from datetime import datetime

    from omninode_release.errors import ReleaseError
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.state import RunState
    from omninode_release.phases.output import PhaseOutput

_NEXT = dict(pairwise(Phase))


def make_repo_state(
    row: RepoPlan, *, approved_hash: str | None, at: datetime, before: RepoState | None = None
) -> RepoState:
    """The state of a repository that is planned and not begun; what it went through is kept."""
    old, new = row.versions
    if row.bump is None:
        raise ValueError(f"{row.repo} has no planned level")
    return RepoState(
        tier=row.tier,
        old_version=old,
        new_version=new,
        bump=row.bump,
        distribution=row.distribution,
        last_tag=row.last_tag,
        approved_hash=approved_hash,
        phase_history=(before.phase_history if before else ())
        or (PhaseEvent(phase=PhaseState.PLANNED, at=at),),
        withdrawn=before.withdrawn if before else (),
        origin=before.origin if before else None,
    )


def plan_anew(
    repo: RepoState, row: RepoPlan, *, at: datetime, withdrawn: int | None = None
) -> RepoState:
    """Back to the beginning, by a row that was approved after the earlier one had gone stale.

    ``withdrawn`` is the pull request of the earlier one.
    """
    fresh = make_repo_state(row, approved_hash=repo.approved_hash, at=at, before=repo)
    return fresh.model_copy(
        update={
            "phase_history": _history(repo, PhaseState.PLANNED, "RESTARTED", at),
            "withdrawn": tuple(
                dict.fromkeys(
                    number
                    for number in (*repo.withdrawn, repo.pr_number, withdrawn)
                    if number is not None
                )
            ),
        }
    )


def is_stale(repo: RepoState, row: RepoPlan) -> bool:
    """True when the repository was begun under a row that ``row`` took the place of."""
    planned = repo.error_code is ErrorCode.PLAN_STALE or repo.new_version != row.new
    return repo.is_begun and planned


def list_companions(state: RunState, row: RepoPlan) -> list[RepoPlan]:
    """The other rows that are still to be merged by the branch and pull request of ``row``.

    None once it is merged itself: from there on each package goes its own way.
    """
    waiting = [
        each
        for each in state.plan.remaining
        if each.clone == row.clone and each.repo in state.repos
        if Phase.MERGE not in state.repos[each.repo].outputs
    ]
    others = [each for each in waiting if each.repo != row.repo]
    return others if len(others) < len(waiting) else []


def next_phase(repo: RepoState) -> Phase:
    """The first phase that has left no output yet."""
    return next((phase for phase in Phase if phase not in repo.outputs), [*Phase][-1])


def begin(repo: RepoState, phase: Phase, *, at: datetime) -> RepoState:
    return repo.model_copy(update={"in_progress": phase, "in_progress_since": at})


def complete(
    repo: RepoState, phase: Phase, output: PhaseOutput, *, already: bool, at: datetime
) -> RepoState:
    """The phase has left its output; ``already`` when it was found and not made."""
    first = phase not in repo.outputs
    evidence = output.model_dump(mode="json")
    if already:
        evidence = _keep_what_is_gone(repo.outputs.get(phase, {}), evidence)
    changes: dict[str, Any] = {
        # Never backwards: what is applied again shows in the history.
        "phase": _furthest(repo.phase, phase),
        "completed_phase": _furthest(repo.completed_phase, phase),
        "outputs": {**repo.outputs, phase: evidence},
        "in_progress": _NEXT.get(phase),  # one write says both: this is done, that begins
        "in_progress_since": at if phase in _NEXT else None,
        "error": None,
        "error_code": None,
        "last_output": None,
        **output.state_fields(),
    }
    if first or not already:
        event: Literal["REACHED", "REAPPLIED"] = "REACHED" if first else "REAPPLIED"
        changes["phase_history"] = _history(repo, phase.leads_to, event, at)
    return repo.model_copy(update=changes)


def finish(repo: RepoState, *, at: datetime) -> RepoState:
    return repo.model_copy(
        update={
            "phase": PhaseState.DONE,
            "completed_phase": PhaseState.DONE,
            "phase_history": _history(repo, PhaseState.DONE, "REACHED", at),
        }
    )


def fail(repo: RepoState, phase: Phase, error: ReleaseError, *, at: datetime) -> RepoState:
    """The phase has stopped the repository; ``phase`` names the state it would have led to."""
    return repo.model_copy(
        update={
            "phase": _furthest(repo.phase, phase),
            "phase_history": _history(repo, phase.leads_to, "FAILED", at),
            "in_progress": None,
            "in_progress_since": None,
            "error": error.text,
            "error_code": error.code,
            "last_output": error.last_output,
        }
    )


def block(repo: RepoState, *, cause: str) -> RepoState:
    """The repository is not attempted, for ``cause`` failed before it."""
    begun = bool(repo.outputs)  # together with it; no process is at work on it any more
    return repo.model_copy(
        update={
            "error_code": ErrorCode.TIER_BLOCKED,
            "error": f"{'stopped' if begun else 'not attempted'}: {cause} failed before it.",
            "in_progress": None if begun else repo.in_progress,
        }
    )


def _keep_what_is_gone(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Evidence found anew, with what was recorded where the world has nothing to say any more."""
    return {
        name: before.get(name, value) if value is None or value == [] else value
        for name, value in found.items()
    }


def _furthest(state: PhaseState, phase: Phase) -> PhaseState:
    return max(state, phase.leads_to, key=lambda each: each.rank)


def _history(
    repo: RepoState,
    state: PhaseState,
    event: Literal["REACHED", "FAILED", "REAPPLIED", "RESTARTED"],
    at: datetime,
) -> tuple[PhaseEvent, ...]:
    return (*repo.phase_history, PhaseEvent(phase=state, at=at, event=event))
