"""The entry of a release: what it tells, from the commits since the last one, and where it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.phases.shared.tags import release_tags
from omninode_release.text.changelogs.entry import NewEntry
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.pins.lines import describe_requirement

if TYPE_CHECKING:
    from omninode_release.models.plan import PlannedPin, RepoPlan
    from omninode_release.phases.ports import EntryContext, Step


class WrittenEntry(NamedTuple):
    """An entry, and the files that it changed."""

    path: str | None
    """The changelog, relative to the repository; None where it is left as it is."""
    entry: str
    collected: tuple[str, ...] = ()
    """The fragments that went into it, and away."""


def make_entry(step: Step, ctx: EntryContext, base: str) -> NewEntry:
    """The entry for what ``base`` has and the last release has not.

    Its date is the day the run started, so that a resume writes the same.
    """
    setting = ctx.config.changelog_for(step.repo)
    counted = decide(
        step.commits_to_release(ctx, base), default_bump=ctx.config.default_bump
    ).counted
    return NewEntry(
        version=step.new,
        date=step.started_at.date(),
        changes=[each for each in counted if each.breaking or each.type not in setting.exclude],
        pins=[_describe_pin(pin, step.row) for pin in step.row.pins],
        compare=(step.row.last_tag, release_tags(step, ctx, base)[-1]),
        merge=None if setting.unreleased is None else setting.unreleased == "merge",
    )


def _describe_pin(pin: PlannedPin, row: RepoPlan) -> str:
    """The requirement, and where it is all that is released, from what that comes."""
    cause = f" (cascaded from {pin.repo})" if pin.repo in row.cascaded_from else ""
    return f"{describe_requirement(pin)}{cause}"
