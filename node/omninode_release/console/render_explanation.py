"""Why a version, as a person reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.console.table import render_section, render_table
from omninode_release.text.control_characters import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.explanation import Explanation
    from omninode_release.models.plan import PinChange


def render_explanation(found: Explanation) -> Iterator[str]:
    """The version, what decided, and everything that was looked at for it."""
    new = f" → {found.new}" if found.new else ""
    yield f"{found.repo} {found.old or '(none)'}{new}"
    yield f"  {plain(found.why)}"
    if found.problem is not None:
        yield f"  {plain(found.problem)}"
    yield ""
    since = f"since {plain(found.since)}" if found.since else "of all its history"
    tip = f", up to {found.commit[:12]}" if found.commit else ""
    yield f"Commits {since}{tip}: {len(found.history)}"
    if found.history:
        rows = [
            (each.sha[:12], each.level or "-", plain(each.subject), each.rule)
            for each in found.history
        ]
        yield from render_table(("commit", "level", "subject", "rule"), rows)
    yield from render_section("Pins", map(_describe_pin, found.pins))
    yield from render_section("Needed by", found.needed_by)
    yield from render_section(
        "Seen, not used", (f"{e.kind} {plain(e.what)}: {plain(e.why)}" for e in found.seen)
    )


def _describe_pin(change: PinChange) -> str:
    before = plain(change.before) or "(none)"
    return f"{change.table}: {before} → {plain(change.after)}"
