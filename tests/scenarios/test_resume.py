"""A run that failed at any step ends, once resumed, in the world of one that did not fail."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from omninode_release.release.store import Store
from support.cli import Terminal, run_cli
from support.endings import (
    RUN,
    Place,
    Undisturbed,
    assert_released_once,
    branch,
    break_phase,
    ending,
    evidence,
    is_archived,
    outcome,
    resume,
    state_of,
    worktree,
)
from support.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.state import RunState
    from support.cli import Ran


@pytest.fixture
def stopped(place: Place, undisturbed: Undisturbed) -> Callable[[Phase, str], Org]:
    """The organisation as a run left it that failed in beta at a step."""
    del undisturbed  # made before, for it is made in the same place

    def stop(phase: Phase, when: str) -> Org:
        name = f"{phase}-{when}"
        if not place.has(name):
            org = place.put_back("alpha is released")
            _fail_at(phase, when, lambda: resume(org))
            failed = state_of(org)["repos"]["beta"]
            assert failed["error"].startswith(f"{phase} was made to fail")
            assert failed["phase"] == phase.leads_to
            assert phase not in failed["outputs"]
            place.keep(name)
        return place.put_back(name)

    return stop


def _fail_at(phase: Phase, when: str, run: Callable[[], Ran]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=when == "after")
        ran = run()
    assert ran.code == 3, ran.err


@pytest.mark.parametrize("lost", ["nothing", "worktree", "worktree and branch"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("phase", list(Phase))
def test_a_resumed_run_ends_like_an_undisturbed_one(
    stopped: Callable[[Phase, str], Org],
    undisturbed: Undisturbed,
    phase: Phase,
    when: str,
    lost: str,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    org = stopped(phase, when)
    if lost != "nothing":
        shutil.rmtree(worktree(org, "beta"), ignore_errors=True)
    if lost == "worktree and branch":
        git(org.clone("beta"), "worktree", "prune")
        git(org.clone("beta"), "update-ref", "-d", f"refs/heads/{branch('beta')}")

    written = _watch_writes(monkeypatch)

    ran = resume(org)

    assert (ran.code, ran.err) == (0, "")
    assert ending(org) == undisturbed.world
    assert outcome(ran) == undisturbed.outcome
    assert evidence(org) == undisturbed.evidence
    assert_released_once(org)
    assert is_archived(org)
    ranks = [state.repos["beta"].phase.rank for state in written]
    assert ranks == sorted(ranks)
    assert written[-1].repos["beta"].phase_history[0].phase == "PLANNED"


def _watch_writes(monkeypatch: pytest.MonkeyPatch) -> list[RunState]:
    """Every state that is written from now on."""
    written: list[RunState] = []
    save = Store.save

    def watched(store: Store, state: RunState) -> None:
        written.append(state)
        save(store, state)

    monkeypatch.setattr(Store, "save", watched)
    return written


def test_a_console_approval_resumes_what_a_token_began(
    stopped: Callable[[Phase, str], Org], undisturbed: Undisturbed
) -> None:
    org = stopped(Phase.PUSH, "before")

    ran = run_cli(org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert ending(org) == undisturbed.world
    assert outcome(ran) == undisturbed.outcome
    assert ran.result is not None
    assert ran.result["gate"]["provider"] == "console"
