"""Headings that a person wrote into a changelog for a version before its release."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from omninode_release.errors import ReleaseError
from omninode_release.text.versions import parse_version
from omninode_release.text.written_dates import DATE, TO_COME, is_status, is_to_come, write_date

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence

    from packaging.version import Version


_GENERAL = frozenset({"changes", "for", "in", "release", "version", "v"})
"""Words of a title that name no package."""


class Entry(NamedTuple):
    """One entry of a changelog, of whatever form."""

    line: int
    """Where its heading stands, counted from 1."""
    title: str
    version: str
    after: str
    """What its title says after the version."""
    body: tuple[str, ...]
    """Its lines without the heading, and without carriage returns."""
    start: int = 0
    """The first of them, counted from 0."""

    @property
    def names(self) -> list[str]:
        """The words of its title in front of the version."""
        before = self.title[: len(self.title) - len(self.after)].rpartition(self.version)[0]
        return re.findall(r"[A-Za-z][\w.-]*", before.rstrip("vV"))

    @property
    def status(self) -> int | None:
        """The line of the body that says when it was released; None where there is no such line."""
        first = next((at for at, line in enumerate(self.body) if line.strip()), None)
        return first if first is not None and is_status(self.body[first]) else None

    @property
    def says_when(self) -> str:
        """The words that say when it was, or that it was not yet."""
        return f"{self.after} {'' if self.status is None else self.body[self.status]}"

    @property
    def is_dated(self) -> bool:
        return DATE.search(self.says_when) is not None

    @property
    def is_pending(self) -> bool:
        """True where it says itself that it is not released."""
        return is_to_come(self.says_when)


class Announced(NamedTuple):
    """A version that a changelog has an entry for and no tag has reached."""

    version: Version
    line: int
    words: str
    """Its heading, and what says that it is not released."""
    is_dated: bool = False


def find_announced(
    entries: Sequence[Entry], tagged: Version | None, names: Collection[str]
) -> Iterator[Announced]:
    """The versions above the last tag that the entries at the top declare.

    ``names`` are those of the package: an entry for another one declares nothing of this one.

    One that is dated already declares nothing unless it is the topmost: a release may have been
    given up below a later one.
    """
    if tagged is None:
        return
    known = _GENERAL | {canonicalize_name(each) for each in names}
    ours = [each for each in entries if known.issuperset(map(canonicalize_name, each.names))]
    new = [*takewhile(lambda each: _is_above(each, tagged), ours)]
    for number, each in enumerate(new):
        if number == 0 or each.is_pending or not each.is_dated:
            said = "" if each.status is None else f", {each.body[each.status].strip()}"
            yield Announced(
                parse_version(each.version), each.line, f"{each.title}{said}", each.is_dated
            )


def date_words(words: str, model: Entry | None, date: dt.date) -> str:
    """The words with the date in place of those that say it is to come; dated like ``model``."""
    found = DATE.search(model.says_when) if model else None
    return TO_COME.sub(write_date(date, like=found[0] if found else ""), words, count=1)


def date_status(line: str, model: Entry | None, date: dt.date) -> str:
    """A line that said "Unreleased" as the released entries have it; one with a date stays."""
    if not is_to_come(line):
        return line
    like = write_status(model, date)
    return like or TO_COME.sub(f"Released {date.isoformat()}", line, count=1)


def write_status(model: Entry | None, date: dt.date) -> str | None:
    """The line that says when it was released, as ``model`` has it; None where that has none."""
    if model is None or model.status is None:
        return None
    line = model.body[model.status]
    if not DATE.search(line):
        return None
    return DATE.sub(lambda found: write_date(date, like=found[0]), line, count=1)


def _is_above(entry: Entry, tagged: Version) -> bool:
    try:
        return parse_version(entry.version) > tagged
    except ReleaseError:
        return False
