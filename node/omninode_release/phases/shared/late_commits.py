"""Commits that reached a base branch after the plan was approved, and what they do to it.

An approval is for these versions of this plan. A late commit that leaves the level as it is goes
along and is reported; one that would change it makes the plan stale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.events import Note
from omninode_release.phases.shared.other_manifest import list_lost, list_unplanned
from omninode_release.phases.shared.stale_plan import describe, stale_error
from omninode_release.phases.shared.tags import find_workflow_path, read_workflow
from omninode_release.text.changelogs.choice import find_strongest_fragment
from omninode_release.text.changelogs.news_fragments import TOWNCRIER
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.commits.release_footers import find_release_word
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.workflows.starts import find_start_trouble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.errors import ReleaseError
    from omninode_release.models.commit import Commit, Level
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.changelogs.news_fragments import Fragment


class _Asked(NamedTuple):
    """A level, and what asks for it."""

    level: Level | None
    """None when nothing is worth a release."""
    by: str
    """The commit or the fragment, in words; empty where there is none."""


def late_commits(step: Step, ctx: Context, tip: str, *, since: str | None = None) -> list[Commit]:
    """Commits of ``tip`` that the plan (or ``since``, a newer look) did not know.

    Raises PLAN_STALE when the base branch was rewound, when late commits are refused, or when
    they change the level that was approved, the package's name or what it requires of siblings.
    """
    known = since or step.row.base_sha
    if known is None or known == tip:
        return []
    if not ctx.clone.is_ancestor(known, tip):
        raise _moved_error(
            step, f"{step.base} no longer contains {known[:12]}, the commit planned on"
        )
    newer = ctx.clone.commits(tip, known)
    refuse_where_configured(step, ctx, newer)
    for each in step.together:
        there = ctx.beside(each)
        require_same_level(each, there, tip)
        found = [*list_unplanned(each, there, tip), *list_lost(each, there, tip)]
        if found:
            raise _moved_error(each, f"it has {', and '.join(found)}")
        require_start(each, there, tip)
    ctx.report(Note(f"{step.repo}: {len(newer)} late commits on {step.base} go along"))
    return newer


def require_start(step: Step, ctx: Context, revision: str) -> None:
    """Raise PLAN_STALE where the workflow that publishes would not start at ``revision`` any more.

    It did at the commit planned on: a tag there would be of a release that never comes.
    """
    planned = step.row.base_sha
    if planned is None or not ctx.forge.runs_elsewhere:
        return
    trouble = _find_trouble(step, ctx, revision)
    if trouble and not _find_trouble(step, ctx, planned):
        raise stale_error(
            step,
            f"expected {find_workflow_path(step, ctx)} to publish {step.repo} {step.new}, found at"
            f" {revision[:12]} that nothing starts it any more: {trouble}.",
        )


def _find_trouble(step: Step, ctx: Context, revision: str) -> str | None:
    publish, released = ctx.config.publish_for(step.repo), ctx.config.makes_release(step.repo)
    tags, workflow = step.tags_to_make(ctx), read_workflow(step, ctx, revision)
    return find_start_trouble(publish, workflow, tags, released=released)


def refuse_where_configured(step: Step, ctx: Context, late: Sequence[Commit]) -> None:
    """Raise PLAN_STALE for any late commit, where the configuration lets none in."""
    if late and ctx.config.late_commits == "refuse":
        raise _moved_error(step, f"{len(late)} new commits, the newest {describe(late[0])}")


def require_same_level(step: Step, ctx: Context, tip: str, others: Sequence[Commit] = ()) -> None:
    """Raise PLAN_STALE when what is released by now is another release than was approved.

    ``tip`` is a commit of the base branch; ``others`` are released with it and not on it. A level
    that a person forced with --bump was forced knowing the commits of the plan: only one that asks
    for more than both is another release.
    """
    if step.row.base_sha:
        newer = ctx.clone.commits_inside(tip, step.row.base_sha)
        _refuse_late_words(step, [*others, *newer])
    asked = _find_asked(step, ctx, tip, others)
    if _is_within_word(step, ctx, asked):
        return
    if asked.level is None and step.row.cascaded_from:
        return  # it was approved without a commit of its own
    if asked.level is None:
        raise _moved_error(step, "everything that was to be released was taken back")
    if ctx.config.find_calver(step.repo) is not None:
        return  # its version is that of a date, whatever comes along
    if asked.level is not step.row.bump and asked.by:
        raise _moved_error(
            step, f"{asked.by} makes it a {asked.level} release, {step.row.bump} was approved"
        )


def _is_within_word(step: Step, ctx: Context, asked: _Asked) -> bool:
    """True where more than the commits decided, and what is asked for now is no more than that.

    A person's word, or a heading of the changelog that declares a higher version.
    """
    if not step.row.base_sha or not (step.row.forced or step.row.declared_by):
        return False
    known = _find_asked(step, ctx, step.row.base_sha).level
    if step.row.forced:
        return _rank(asked.level) <= max(_rank(known), _rank(step.row.bump))
    is_raised = _rank(known) < _rank(step.row.bump)
    return is_raised and asked.level is not None and _rank(asked.level) <= _rank(step.row.bump)


def _refuse_late_words(step: Step, late: Sequence[Commit]) -> None:
    """Raise PLAN_STALE for a footer that says another version than was approved.

    What the command line said when the run was started goes before every footer.
    """
    word = find_release_word(late)
    if word is not None and not (step.row.word or "").startswith("--"):
        raise _moved_error(step, f"{word.said} asks for another release")


def _rank(level: Level | None) -> int:
    return -1 if level is None else level.rank


def _moved_error(step: Step, why: str) -> ReleaseError:
    return stale_error(step, f"{step.base} of {step.repo} moved after the approval: {why}.")


def _find_asked(step: Step, ctx: Context, tip: str, others: Sequence[Commit] = ()) -> _Asked:
    """What ``tip`` asks for, together with ``others``, which are not on it."""
    commits = [*others, *step.commits_to_release(ctx, tip)]
    decision = decide(commits, default_bump=ctx.config.default_bump)
    by = describe(decision.commit) if decision.commit else ""
    fragment = _find_fragment(step, ctx, tip)
    if decision.level and fragment and fragment.level.rank > decision.level.rank:
        return _Asked(fragment.level, fragment.path)
    return _Asked(decision.level, by)


def _find_fragment(step: Step, ctx: Context, tip: str) -> Fragment | None:
    paths = ctx.clone.paths(tip)
    telling = [path for path in (MANIFEST, TOWNCRIER) if path in paths]
    texts = {path: ctx.clone.text(tip, path) or "" for path in telling}
    return find_strongest_fragment(paths, texts, ctx.config.changelog_for(step.repo))
