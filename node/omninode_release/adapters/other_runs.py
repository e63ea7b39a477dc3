"""What other runs have open in a repository: an open pull request fails, a branch may be left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode
from omninode_release.models.check import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omninode_release.models.forge import OpenPull, ReleaseBranch

_SHOWN = 5
"""How many pull requests or branches are named."""


def check_other_runs(
    repo: str,
    branches: Sequence[ReleaseBranch],
    *,
    own_run: str | None,
    is_over: Callable[[str], bool],
    close: Callable[[OpenPull], str],
    cut_short: bool = False,
) -> Check:
    """Judge the release branches of a repository.

    ``is_over`` tells of a run that cannot be resumed; ``close`` answers what a person types to
    close a pull request; ``cut_short`` where there are more branches than were looked at.
    """
    others = [each for each in branches if each.run_id != own_run]
    opened = [(each.run_id, each.pull) for each in others if each.pull]
    if opened:
        other, pull = opened[0]
        resume = f"omni-release --resume {other} where it was begun, or {close(pull)}"
        return Check(
            repo,
            "other runs",
            "failed",
            "expected no open release pull request of another run, found"
            f" {list_pulls([found for _, found in opened])}",
            f"{close(pull)}, for the run {other} is over" if is_over(other) else resume,
            ErrorCode.PR_FAILED,
        )
    if others:
        names = ", ".join(each.name for each in others[:_SHOWN])
        names += "; there are more than the hundred looked at" if cut_short else ""
        return Check(repo, "other runs", "warning",
                     f"another run is at work here or left its branch behind: {names}")  # fmt: skip
    return none_or_unknown(
        repo, "other runs", "no other run has a branch here", cut_short=cut_short
    )


def none_or_unknown(repo: str, name: str, none: str, *, cut_short: bool) -> Check:
    """That nothing was found, where everything was looked at."""
    if cut_short:
        return Check(repo, name, "unknown", "there are more open than the hundred looked at")
    return Check(repo, name, "ok", none)


def list_pulls(pulls: Sequence[OpenPull]) -> str:
    """The first of them, with their branches."""
    every = [f"{pull.url} ({pull.branch})" for pull in pulls]
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
