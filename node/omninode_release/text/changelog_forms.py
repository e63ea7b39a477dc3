"""The forms of changelogs that are written as text: one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from omninode_release.text import changelog, rst_changelog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.text.announcements import Entry
    from omninode_release.text.new_entry import NewEntry


class Form(Protocol):
    """One form; satisfied by a module."""

    def list_entries(self, text: str) -> list[Entry]:
        """The entries in order, whether released or not."""
        ...

    def find_entry(self, text: str, version: str) -> str | None:
        """The text of an entry that is there and dated, without its heading; None without one."""
        ...

    def write_entry(self, text: str | None, new: NewEntry) -> str:
        """The changelog with the entry; the same text where it is there. Raises CHANGELOG_FAILED.

        None is a file that is not there yet.
        """
        ...


FORMS: Mapping[str, Form] = {"markdown": changelog, "rst": rst_changelog}


def find_form(path: str) -> Form:
    """The form of a file that a tool of its own writes, by its name."""
    return rst_changelog if path.endswith(".rst") else changelog
