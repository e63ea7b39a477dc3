"""The forms of changelogs that are written as text: one module each, imported when it is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.text.announcements import Entry
    from omninode_release.text.changelog_entry import NewEntry


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


def _markdown() -> Form:
    from omninode_release.text import changelog

    return changelog


def _rst() -> Form:
    from omninode_release.text import rst_changelog

    return rst_changelog


FORMS: Mapping[str, Callable[[], Form]] = {"markdown": _markdown, "rst": _rst}


def find_form(kind: str, path: str) -> Form:
    """The form of a changelog; where towncrier writes it, Markdown by its file's name alone."""
    by_name = "markdown" if path.lower().endswith((".md", ".markdown")) else "rst"
    return FORMS.get(kind, FORMS[by_name])()
