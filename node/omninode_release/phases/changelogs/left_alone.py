"""A changelog of another form, or of another tool: it stays as it is, and none is made beside it.

The entry is told all the same: in the pull request and at the gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.phases.changelogs.new_entries import WrittenEntry, make_entry
from omninode_release.text.changelogs import markdown_changelog as changelog

if TYPE_CHECKING:
    from omninode_release.phases.ports import EntryContext, Step
    from omninode_release.text.changelogs.choice import Changelog


def find(step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry | None:  # noqa: ARG001 - there is nothing to find
    return None


def write(step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry:
    return WrittenEntry(path=None, entry=preview(step, ctx, base, found))


def preview(step: Step, ctx: EntryContext, base: str, found: Changelog) -> str:  # noqa: ARG001 - no file has it
    text = changelog.write_entry(None, make_entry(step, ctx, base))
    return changelog.find_entry(text, step.new) or ""
