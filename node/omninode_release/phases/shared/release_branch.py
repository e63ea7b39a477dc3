"""The release branch as others may have changed it: what is released by it is what was judged.

All who may push to it can commit there: a person mends what a hook or a check objects to, a
forge brings it up to date. What this run did not commit itself counts as a late commit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omninode_release.errors import CommandFailed, ProgramFailed, ReleaseError
from omninode_release.phases.commit import CommitOutput
from omninode_release.phases.shared.late_commits import (
    refuse_where_configured,
    require_same_level,
    require_start,
)
from omninode_release.phases.shared.other_manifest import list_unplanned
from omninode_release.phases.shared.stale_plan import stale_error
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.manifest_edit import find_planned_pins
from omninode_release.text.manifests.manifest import MANIFEST, read_declared
from omninode_release.text.pins.lines import describe_planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.commit import Commit
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.holders.ports import Read


def require_approved(
    step: Step, ctx: Context, head: str, tip: str, *, known: Sequence[str | None] = ()
) -> list[Commit]:
    """The commits of others at ``head`` of the release branch, which may be merged into ``tip``.

    Raises PLAN_STALE for a head that lost this run's commit, for commits that change the level, and
    for a merge without the planned version and pins; where the configuration refuses late commits
    also for any that this machine did not push, which ``known`` heads contain.
    """
    others = list_commits_of_others(step, ctx, head, tip)
    refuse_unknown(step, ctx, others, known)
    # On a conflict the forge refuses the merge, and says so better.
    merged = ctx.clone.merge_trees(tip, head) or head
    for each in step.together:
        there = ctx.beside(each)
        if others:
            require_same_level(each, there, tip, keep_inside(each, there, others, head, tip))
            require_start(each, there, merged)
        require_planned_manifest(each, there, merged, of=head)
    return others


def keep_inside(
    step: Step, ctx: Context, commits: Sequence[Commit], head: str, tip: str
) -> list[Commit]:
    """Those commits of ``head`` and not of ``tip`` that change the package."""
    inside = ctx.clone.commits_inside(head, step.evidence(WorktreeOutput).base_sha, tip)
    shas = {each.sha for each in inside}
    return [each for each in commits if each.sha in shas]


def refuse_unknown(
    step: Step, ctx: Context, others: Sequence[Commit], known: Sequence[str | None]
) -> None:
    """Raise PLAN_STALE, where late commits are refused, for any that no ``known`` head contains."""
    heads = [each for each in known if each is not None]
    new = [each for each in others if not any(ctx.clone.is_ancestor(each.sha, h) for h in heads)]
    refuse_where_configured(step, ctx, new)


def list_commits_of_others(step: Step, ctx: Context, head: str, tip: str) -> list[Commit]:
    """The commits at ``head`` that neither this run made nor ``tip`` contains, newest first.

    Bringing the branch up to date with the base branch is no change of its own. Raises PLAN_STALE
    when the head does not contain the commit of this run.
    """
    own = require_own_commit(step, ctx, head)
    found = ctx.clone.commits(head, step.evidence(WorktreeOutput).base_sha, tip)
    return [each for each in found if each.sha != own and not _is_update(ctx, each, tip)]


def require_own_commit(step: Step, ctx: Context, head: str) -> str:
    """The commit of this run, once ``head`` is here and contains it. Raises PLAN_STALE."""
    own = step.evidence(CommitOutput).sha
    _fetch_head(ctx, step, head)
    if not ctx.clone.is_ancestor(own, head):
        raise stale_error(
            step,
            f"expected {step.branch} of {step.repo} to contain {own[:12]}, the release commit of"
            f" this run, found it at {head[:12]} without it.",
        )
    return own


def require_planned_manifest(step: Step, ctx: Context, revision: str, *, of: str) -> None:
    """Raise PLAN_STALE unless ``revision`` is the package of the plan; ``of`` names it.

    It has the planned version and pins, and requires of other siblings what the plan has seen.
    """
    declared = read_declared(partial(ctx.clone.file, revision))
    admitted = declared is not None and declared.admits(step.new)
    found = [] if admitted else [f"version {declared and declared.says}"]
    if not found:
        found = _list_other_pins(step, partial(ctx.clone.text, revision))
        found += list_unplanned(step, ctx, revision)
    if found:
        wanted = describe_planned(step.new, step.row.pins)
        raise stale_error(
            step,
            f"expected {of[:12]} to release {step.repo} with {wanted}, found"
            f" {', '.join(found)} in {declared.holder if declared else MANIFEST}.",
        )


def _list_other_pins(step: Step, read: Read) -> list[str]:
    # A source that PIN took out must not have come back: it would decide what is installed.
    wanted = {p.distribution: p.model_copy(update={"source": None}) for p in step.row.pins}
    try:
        pins = find_planned_pins(read, wanted.values())
    except ProgramFailed:
        raise
    except ReleaseError as error:
        return [error.message]
    missing = wanted.keys() - {each.name for each in pins}
    return [
        *(repr(each.before) for each in pins if each.before != each.after),
        *(f"no requirement on {name}" for name in sorted(missing)),
    ]


def _fetch_head(ctx: Context, step: Step, head: str) -> None:
    if ctx.clone.commit_of(head) is not None:
        return
    try:
        ctx.clone.fetch_commit(head)
    except CommandFailed as error:
        raise stale_error(
            step,
            f"expected to see {head[:12]}, the head of {step.branch} of {step.repo}, found that the"
            f" remote does not give it: {error.last_words}.",
        ) from error


def _is_update(ctx: Context, commit: Commit, tip: str) -> bool:
    """True for a merge of the base branch that changes nothing but what is there already."""
    if len(commit.parents) != 2:
        return False
    ours, theirs = commit.parents
    return ctx.clone.is_ancestor(theirs, tip) and ctx.clone.merge_trees(
        ours, theirs
    ) == ctx.clone.tree_of(commit.sha)
