"""How CHANGELOG writes each kind of changelog: an explicit registry of one module each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from omninode_release.errors import ProgramFailed, ReleaseError
from omninode_release.phases.changelogs import as_text, by_towncrier, left_alone
from omninode_release.text.changelogs.choice import find_changelog, list_telling
from omninode_release.text.manifests.manifest import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.models.changelog import ChangelogKind
    from omninode_release.phases.changelogs.new_entries import WrittenEntry
    from omninode_release.phases.ports import EntryContext, Step
    from omninode_release.text.changelogs.choice import Changelog


class Keeper(Protocol):
    """One way to keep a changelog; satisfied by a module.

    ``base`` is the commit that the entry tells of, ``found`` the file that it goes into.
    """

    def find(
        self, step: Step, ctx: EntryContext, base: str, found: Changelog
    ) -> WrittenEntry | None:
        """What was written, if the entry is in the worktree already; reads only."""
        ...

    def write(self, step: Step, ctx: EntryContext, base: str, found: Changelog) -> WrittenEntry:
        """Write the entry into the worktree. Raises CHANGELOG_FAILED."""
        ...

    def preview(self, step: Step, ctx: EntryContext, base: str, found: Changelog) -> str:
        """The entry that ``write`` would write on ``base``; changes nothing."""
        ...


KEEPERS: Mapping[ChangelogKind, Keeper] = {
    "markdown": as_text,
    "rst": as_text,
    "towncrier": by_towncrier,
    "none": left_alone,
}


def find_kept(
    step: Step, ctx: EntryContext, base: str, read: Callable[[str], str | None]
) -> Changelog:
    """The changelog that the repository keeps at ``base``, whose files ``read`` answers.

    What is no text says nothing of its form, and the plan has told that it is left as it is.
    """
    paths = ctx.clone.paths(base)
    texts = {path: _read_if_text(read, path) for path in list_telling(paths)}
    return find_changelog(paths, texts, ctx.config.changelog_for(step.repo))


def _read_if_text(read: Callable[[str], str | None], path: str) -> str:
    try:
        return read(path) or ""
    except ProgramFailed:
        raise
    except ReleaseError:
        return ""


def choose_keeper(step: Step, found: Changelog) -> Keeper:
    """A pre-release takes nothing of what the entry of its final release will tell."""
    return KEEPERS["none" if step.row.pre_release_of else found.kind]


def preview_entry(step: Step, ctx: EntryContext) -> str:
    """The entry as CHANGELOG would write it on the planned commit; reads only."""
    base = step.row.base_sha or ""
    found = find_kept(step, ctx, base, partial(read_text, partial(ctx.clone.file, base)))
    return choose_keeper(step, found).preview(step, ctx, base, found)
