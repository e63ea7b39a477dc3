"""What others do while a run is at work, and how the run refuses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.github.pulls import GitHubPulls
from omninode_release.adapters.local.pulls import LocalPulls
from omninode_release.models.phase import Phase
from omninode_release.phases.shared import last_look
from support.endings import RUN, before_phase, state_of
from support.forges import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.models.forge import PullRequest
    from omninode_release.phases.output import LateCommit
    from omninode_release.phases.ports import Context, Step
    from support.cli import Ran


BREAKS = "release: x\n\nBREAKING CHANGE: y"


def refused(ran: Ran, site: Site, phase: Phase, *words: str, code: str = "PLAN_STALE") -> None:
    assert ran.code == 1, ran.out
    assert ran.err.startswith(f"{code}: beta: "), ran.err
    for word in words:
        assert word in ran.err, f"expected {word!r} in:\n{ran.err}"
    assert f"omni-release --resume {RUN}" in ran.err
    beta = state_of(site.org)["repos"]["beta"]
    assert (beta["phase"], beta["error_code"]) == (phase.leads_to, code)


def before_last_look(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen once, when a pull request could be merged and is looked at once more."""
    look_again, due = last_look._look_again, [act]

    def looks(step: Step, ctx: Context, pull: PullRequest) -> tuple[LateCommit, ...]:
        if due:
            due.pop()()
        return look_again(step, ctx, pull)

    patch.setattr(last_look, "_look_again", looks)


def when_merging(patch: pytest.MonkeyPatch, act: Callable[[], object], *, after: bool) -> None:
    """Let something happen once, between the last look and the merge, or right after it."""
    for pulls in (LocalPulls, GitHubPulls):
        patch.setattr(pulls, "merge", interrupted(pulls.merge, [act], after=after))


def interrupted(merge: Any, due: list[Callable[[], object]], *, after: bool) -> Any:
    def merges(self: Any, number: int, **words: Any) -> None:
        if due and not after:
            due.pop()()
        merge(self, number, **words)
        if due:
            due.pop()()

    return merges


def while_checks_run(
    site: Site, patch: pytest.MonkeyPatch, act: Callable[[], object]
) -> dict[str, Any]:
    """Let something happen once, between the pull request and its merge; what was there after."""
    seen: dict[str, Any] = {}

    def acts() -> None:
        act()
        seen.update(site.outside())

    before_phase(patch, Phase.MERGE, acts)
    return seen
