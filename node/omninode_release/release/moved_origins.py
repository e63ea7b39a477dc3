"""Repositories whose origin leads elsewhere than when their run was planned first.

An approval is of a release to one place. Once a person has pointed an origin at another, its row is
another too, and no earlier approval covers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.origins import name_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.models.plan import Plan
    from omninode_release.models.state import RepoState, RunState


def mark_moved(plan: Plan, before: RunState, find_origin: Callable[[str], str | None]) -> Plan:
    """The plan with ``moved_to`` in each row that is released elsewhere than it was planned for.

    ``before`` is what an earlier invocation of its run has left.
    """
    moved = {
        repo: name_origin(find_origin(repo) or "")
        for repo in (row.repo for row in plan.remaining)
        if repo in before.repos and before.repos[repo].origin
    }
    moved = {repo: now for repo, now in moved.items() if now != before.repos[repo].origin}
    entries = [row.model_copy(update={"moved_to": moved.get(row.repo)}) for row in plan.entries]
    lines = [_describe(repo, now, before.repos[repo]) for repo, now in moved.items()]
    return plan.model_copy(update={"entries": tuple(entries)}).with_warnings(lines)


def _describe(repo: str, now: str, state: RepoState) -> str:
    made = f", {state.pr_url} among it" if state.pr_url else ""
    stays = f"; what it has made there stays there{made}" if state.is_begun else ""
    return f"{repo}: origin leads to {now}, and the run was planned for {state.origin}{stays}"
