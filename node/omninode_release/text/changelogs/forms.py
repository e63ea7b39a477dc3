"""The forms of changelogs that are written as text: one module each, imported when it is met."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.changelogs.announcements import find_included, find_title, find_unread
from omninode_release.text.versions.version import complete_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.models.changelog import ChangelogKind
    from omninode_release.text.changelogs.announcements import Entry
    from omninode_release.text.changelogs.entry import NewEntry


_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+\Z")


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
    from omninode_release.text.changelogs import markdown_changelog as changelog

    return changelog


def _rst() -> Form:
    from omninode_release.text.changelogs import rst_changelog

    return rst_changelog


FORMS: Mapping[str, Callable[[], Form]] = {"markdown": _markdown, "rst": _rst}


@lru_cache(maxsize=8)  # a plan asks for it with each question about the changelog
def guess_form(text: str) -> ChangelogKind | None:
    """The form in which entries are read, the first title among them; None where none does."""
    kinds: tuple[ChangelogKind, ...] = ("rst", "markdown")
    first = find_title(text.split("\n"))
    for kind in kinds:
        entries = FORMS[kind]().list_entries(text)
        if entries and (first is None or first >= entries[0].line):
            return kind
    return None


def find_form(kind: str, path: str) -> Form:
    """The form of a changelog; where towncrier writes it, Markdown by its file's name alone."""
    by_name = "markdown" if path.lower().endswith((".md", ".markdown")) else "rst"
    return FORMS.get(kind, FORMS[by_name])()


def require_known_form(form: Form, text: str, last_tag: str | None, new: str) -> None:
    """Raise CHANGELOG_FAILED where the last release is told of elsewhere, or in an unread form.

    The entry would stand anywhere, and in another form.
    """
    last = _VERSION.search(last_tag or "")
    version = complete_version(last[0]) if last else None
    lines, entries = text.split("\n"), form.list_entries(text)
    line = find_unread(lines, entries, version) if version else None
    if line is not None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"expected a heading for the last release that is read as one, found line {line}"
            f" ({lines[line - 1].strip()}): there is no telling where a new entry goes.",
            hint=f"write the entry for {new} by hand on the base branch",
        )
    line = find_included(lines, entries, version)
    if line is not None:
        raise ReleaseError(
            ErrorCode.CHANGELOG_FAILED,
            f"expected an entry for the last release, found line {line}"
            f" ({lines[line - 1].strip()}), which shows what stands elsewhere.",
            hint="name the file that has the entries by path in changelog_of",
        )


def name_changelog(error: ReleaseError, repo: str, path: str) -> ReleaseError:
    """The error with the file, and the setting that leaves it as it is."""
    return ReleaseError(
        error.code,
        f"{path}: {error.message}",
        hint=f"{error.hint}; or write changelog_of: {{{repo}: {{kind: none}}}} into the"
        " release configuration, and the file stays as it is",
    )
