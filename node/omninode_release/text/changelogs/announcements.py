"""Headings that people wrote into a changelog before a release, and dates as they write them."""

from __future__ import annotations

import re
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from omninode_release.errors import ReleaseError
from omninode_release.text.changelogs.dates import DATE, write_date
from omninode_release.text.versions.version import (
    complete_version,
    find_version_to_come,
    is_same,
    leave_out_zero,
    parse_version,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from packaging.version import Version

_GENERAL = frozenset({"changes", "for", "in", "release", "version", "v"})
"""Words of a title that name no package."""
TO_COME = re.compile(
    # No \b: it is none beside the `_` of emphasis.
    r"(?<![^\W_])(?:un-?released|not (?:yet )?released(?: yet)?|not yet|tbd|tba"
    r"|(?:in|under) development|yyyy[-/.]mm[-/.]dd)(?![^\W_])"
    r"|(?<=\()future(?=\))|\b[0-9x]{4}-[0-9x]{2}-x{2}\b|[0-9?]{4}-[0-9?]{2}-\?{2}",
    re.IGNORECASE,
)
_SAYS_TO_COME = re.compile(
    r"\s*[-\u2013\u2014:,/|]?\s*(?P<emphasis>[*_`]{0,3})"
    rf"[(\[]?(?:{TO_COME.pattern})[)\]]?(?P=emphasis)",
    re.IGNORECASE,
)
"""With what marks it off."""
WAITING = re.compile(
    r"\W{0,9}(?:un-?released|upcoming|pending|latest|next(?: (?:version|release))?|main|master"
    r"|trunk|head|dev|development|in development|not yet released)"
    r"\W{0,9}(?:changes|version|release)?\W{0,9}"
    r"(?:tbd|tba|un-?released|not yet released)?\W{0,9}",
    re.IGNORECASE,
)
"""A title that names no version, over what comes with the next release."""
# A mark of a list, or of a heading; or a few words, as in "What's new in" and ":version:".
_BEFORE = (
    r"(?:[ \t]*(?:[-*+\u2022][ \t]+)?[*_`#=([ ]*"
    r"|(?![ \t]*(?:[-*+\u2022][ \t]|[<[]))\W*(?:\w[\w'\u2019]*+\W+){1,4}(?:[0-9.]+ to )?)"
)
_INCLUDES = re.compile(
    r"[ \t]*(?:\.\. (?:include|mdinclude|toctree|release-notes|changelog|git_changelog)::"
    r"|(?:`{3}|:{3}) ?\{(?:include|toctree)\}|-+8<-+ |\{!|\{%-? include)"
)
"""What shows another file, or what a tool makes of it, in reStructuredText or Markdown."""
_TITLE = 100
_AFTER = r"(?=\W*(?:[-\u2013\u2014:,(/|].*|[0-9]{1,4}[-/.]\w+[-/.][0-9]{2,4}\W*)?$)"
_RELEASE = re.compile(rf"[*_`#=( \t]*(?i:version |release )?v?[0-9]+\.[0-9]+(?:\.[0-9]+)?{_AFTER}")
# `Changes in gmpy2 2.3.2`, where it is a heading.
_NAMED_RELEASE = re.compile(
    rf"(?:#+ +)?(?:[A-Za-z][\w'\u2019.-]*[ ]+){{1,4}}v?[0-9]+\.[0-9]+(?:\.[0-9]+)?{_AFTER}"
)
_UNDERLINE = re.compile(r"([-=~^*+#\"`])\1{2,}\s*$")
_FIRST = re.compile(r"[0-9]+\.[0-9]+(?:\.0)?")
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_WHEN = re.compile(r"\b(?:released?|date)\b", re.IGNORECASE)
_WORDS = re.compile(r"\b(?:released?|date|on)\b|[\W_]", re.IGNORECASE)


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
    develops: bool = False
    """True where its heading says a version that leads to it, such as 1.2.0.dev0: no entry of it
    is found below that."""


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
            version, leads_to = _read_version(each), _find_version_to_come(each)
            if version is not None:
                words, develops = f"{each.title}{said}", leads_to is not None
                yield Announced(version, each.line, words, each.is_dated, develops)


def date_words(words: str, entries: Iterable[Entry], date: dt.date) -> str:
    """The words with the date in place of those that say it is to come; dated like ``entries``.

    Without them where at least two are released and none says when, in whatever form.
    """
    released = [each for each in entries if not each.is_pending]
    model = next((each for each in released if each.is_dated), None)
    if len(released) > 1 and not any(_YEAR.search(each.says_when) for each in released):
        return _SAYS_TO_COME.sub("", words)
    found = DATE.search(model.says_when) if model else None
    return TO_COME.sub(write_date(date, like=found[0] if found else ""), words, count=1)


def date_status(line: str, model: Entry | None, date: dt.date) -> str:
    """A line that said "Unreleased" as the released entries have it; one with a date stays."""
    if not is_to_come(line):
        return line
    like = write_status(model, date)
    verb = "" if _WHEN.search(TO_COME.sub("", line)) else "Released "
    return like or TO_COME.sub(f"{verb}{date.isoformat()}", line, count=1)


def write_status(model: Entry | None, date: dt.date) -> str | None:
    """The line that says when it was released, as ``model`` has it; None where that has none."""
    if model is None or model.status is None:
        return None
    line = model.body[model.status]
    if not DATE.search(line):
        return None
    return DATE.sub(lambda found: write_date(date, like=found[0]), line, count=1)


def _is_above(entry: Entry, tagged: Version) -> bool:
    version = _read_version(entry)
    return version is not None and version > tagged


def _read_version(entry: Entry) -> Version | None:
    """The release that an entry is of, or to be of; None of a candidate, and of any other text."""
    try:
        return _find_version_to_come(entry) or parse_version(complete_version(entry.version))
    except ReleaseError:
        return None


def _find_version_to_come(entry: Entry) -> Version | None:
    is_open = "dev" in entry.version or entry.is_pending
    return find_version_to_come(entry.version) if is_open else None


def imitate_version(version: str, entries: Iterable[Entry]) -> str:
    """8.1.0 as ``8.1``, or the other way round, as the newest entry of such a release has it."""
    whole = complete_version(version)
    if not whole.endswith(".0"):
        return version
    found = next((each.version for each in entries if _FIRST.fullmatch(each.version)), version)
    return whole if found.count(".") == 2 else leave_out_zero(whole)


def is_to_come(text: str) -> bool:
    """True for words such as ``Unreleased``."""
    return TO_COME.search(text) is not None


def is_status(line: str) -> bool:
    """True for a line that says when an entry was released, or that it is not, and nothing else."""
    found = DATE.search(line) or TO_COME.search(line)
    return found is not None and not _WORDS.sub("", line[: found.start()] + line[found.end() :])


def tells_of_releases(text: str) -> bool:
    """True for a text with a line that looks like the title of a release, in whatever form."""
    lines = text.split("\n")
    return any(
        len(line) < _TITLE
        and (_RELEASE.match(line) or (_NAMED_RELEASE.match(line) and _is_heading(line, below)))
        for line, below in zip_longest(lines, lines[1:], fillvalue="")
    )


def _is_heading(line: str, below: str) -> bool:
    return line.startswith("#") or _UNDERLINE.match(below) is not None


def find_title(lines: Sequence[str]) -> int | None:
    """The first line, counted from 1, that begins like the title of a release."""
    found = (at for at, line in enumerate(lines, 1) if len(line) < _TITLE and _RELEASE.match(line))
    return next(found, None)


def find_unread(lines: Sequence[str], entries: Sequence[Entry], version: str) -> int | None:
    """The line, counted from 1, that looks like the title of a release and is no entry's.

    None where the release has an entry, and where nothing looks like it.
    """
    if any(is_same(each.version, version) for each in entries):
        return None
    short = leave_out_zero(version)
    number = re.escape(short) + (r"(?:\.0)?" if short.count(".") == 1 else "")
    title = re.compile(rf"{_BEFORE}(?<![0-9]\.)v?{number}{_AFTER}")  # 0.2.0 is not 2.0
    if not entries:  # what begins a line may be the title then, whatever follows
        title = re.compile(rf"{title.pattern}|v?{number} ")
    found = (
        at for at, line in enumerate(lines, start=1) if len(line) < _TITLE and title.match(line)
    )
    return next(found, None)


def find_included(
    lines: Sequence[str], entries: Sequence[Entry], version: str | None
) -> int | None:
    """The line, counted from 1, that shows entries from elsewhere.

    None where the release has an entry in the text, or where there is no such line.
    """
    if any(version is None or is_same(each.version, version) for each in entries):
        return None
    found = (at for at, line in enumerate(lines, start=1) if _INCLUDES.match(line))
    return next(found, None)
