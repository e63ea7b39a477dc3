"""The level that a commit of a base branch asks for, by its commits and by fragments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.phases.shared.stale import describe
from omninode_release.text.changelog_files import find_strongest_fragment
from omninode_release.text.commits import decide
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.news_fragments import TOWNCRIER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.commit import Commit, Level
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.news_fragments import Fragment


class Asked(NamedTuple):
    """A level, and what asks for it."""

    level: Level | None
    """None when nothing is worth a release."""
    by: str
    """The commit or the fragment, in words; empty where there is none."""


def find_asked(step: Step, ctx: Context, tip: str, others: Sequence[Commit] = ()) -> Asked:
    """What ``tip`` asks for, together with ``others``, which are not on it."""
    commits = [*others, *step.commits_to_release(ctx, tip)]
    decision = decide(commits, default_bump=ctx.config.default_bump)
    by = describe(decision.commit) if decision.commit else ""
    fragment = _find_fragment(step, ctx, tip)
    if decision.level and fragment and fragment.level.rank > decision.level.rank:
        return Asked(fragment.level, fragment.path)
    return Asked(decision.level, by)


def _find_fragment(step: Step, ctx: Context, tip: str) -> Fragment | None:
    paths = ctx.clone.paths(tip)
    telling = [path for path in (MANIFEST, TOWNCRIER) if path in paths]
    texts = {path: ctx.clone.text(tip, path) or "" for path in telling}
    return find_strongest_fragment(paths, texts, ctx.config.changelog_for(step.repo))
