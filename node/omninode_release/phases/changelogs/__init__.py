"""How CHANGELOG writes each kind of changelog: an explicit registry of one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from omninode_release.phases.changelogs import as_text, by_towncrier, left_alone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.models.changelog import ChangelogKind
    from omninode_release.phases.changelogs.written import Written
    from omninode_release.phases.ports import EntryContext, Step
    from omninode_release.text.changelog_files import Changelog


class Keeper(Protocol):
    """One way to keep a changelog; satisfied by a module.

    ``base`` is the commit that the entry tells of, ``found`` the file that it goes into.
    """

    def find(self, step: Step, ctx: EntryContext, base: str, found: Changelog) -> Written | None:
        """What was written, if the entry is in the worktree already; reads only."""
        ...

    def write(self, step: Step, ctx: EntryContext, base: str, found: Changelog) -> Written:
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
