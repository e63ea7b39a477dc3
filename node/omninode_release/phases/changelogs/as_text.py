"""A changelog that is written as text, in the form of its newest entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError
from omninode_release.phases.changelogs.new_entries import WrittenEntry, make_entry
from omninode_release.text.changelogs.forms import (
    find_form,
    name_changelog,
    require_known_form,
)

if TYPE_CHECKING:
    from omninode_release.phases.ports import EntryContext, Step
    from omninode_release.text.changelogs.choice import Changelog
    from omninode_release.text.changelogs.entry import NewEntry
    from omninode_release.text.changelogs.forms import Form


def find(step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry | None:  # noqa: ARG001 - the worktree tells
    text = ctx.files.read(found.path)
    entry = (
        find_form(found.kind, found.path).find_entry(text, step.new) if text is not None else None
    )
    return None if entry is None else WrittenEntry(path=found.path, entry=entry)


def write(step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry:
    text, entry = _add_entry(step, ctx, base, found, ctx.files.read(found.path))
    ctx.files.write(found.path, text)
    return WrittenEntry(path=found.path, entry=entry)


def preview(step: Step, ctx: EntryContext, base: str, found: Changelog) -> str:
    return _add_entry(step, ctx, base, found, ctx.clone.text(base, found.path))[1]


def _add_entry(
    step: Step, ctx: EntryContext, base: str, found: Changelog, text: str | None
) -> tuple[str, str]:
    """The changelog with the entry, and the entry."""
    try:
        return _edit(step, find_form(found.kind, found.path), text, make_entry(step, ctx, base))
    except ProgramFailed:
        raise
    except ReleaseError as error:
        raise name_changelog(error, step.repo, found.path) from None


def _edit(step: Step, form: Form, text: str | None, new: NewEntry) -> tuple[str, str]:
    require_known_form(form, text or "", new.compare[0], new.version)
    edited = form.write_entry(text, new)
    entry = form.find_entry(edited, step.new)
    if entry is None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"the entry for {step.new} cannot be found again.",
            hint=f"write it by hand on {step.base}",
        )
    return edited, entry
