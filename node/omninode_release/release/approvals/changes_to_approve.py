"""What a person sees of each repository before approving: entry, comparison, files that differ."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError, typed_git
from omninode_release.gate.ports import Change
from omninode_release.models.phase import Phase
from omninode_release.phases.changelog import preview
from omninode_release.release.steps import NoCollector

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.phases.ports import Context, Step
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World


def find_changes(world: World, record: RunRecord, plan: Plan) -> tuple[Change, ...]:
    """One for each repository that is still to be released; looks at clones only."""
    return tuple(_find_change(world, record, row) for row in plan.remaining)


def _find_change(world: World, record: RunRecord, row: RepoPlan) -> Change:
    step, ctx = world(record.written, row, Phase.CHANGELOG)
    if not world.config.rehearse:
        why = "rehearse: false puts off until after the approval"
        ctx = replace(ctx, collector=NoCollector(why))
    lines = [f"{step.repo} {step.old} → {step.new}"]
    url = ctx.forge.compare_url(row.last_tag, row.base_sha or "")
    if url is not None:
        lines.append(f"Compare: {url}")
    lines += ["", _read_entry(step, ctx)]
    return Change(step.repo, "\n".join(lines), partial(_show_diff, world, row), url)


def _read_entry(step: Step, ctx: Context) -> str:
    """The changelog's entry; what is in its way is said in its place."""
    try:
        return preview(step, ctx) or "(the changelog's entry is empty)"
    except ReleaseError as error:
        return f"(no changelog entry can be shown: {error.message})"


def _show_diff(world: World, row: RepoPlan) -> str:
    """Files that differ from the last release, and the command that shows how."""
    git = world.site(row.repo).git
    since = f"refs/omni-release/tags/{row.last_tag}" if row.last_tag else git.empty_tree()
    tip = row.base_sha or ""
    whole = typed_git(git.path, "diff", since, tip)
    try:
        return f"{git.diff_stat(since, tip)}\n{whole}"
    except ReleaseError as error:
        return f"(no difference can be shown: {error.message})"
