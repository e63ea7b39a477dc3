"""A changelog entry that is written: a heading in the form of another, a bullet for each change.

At the end of a changelog in Markdown there may be a link reference for each version.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.changelogs.dates import DATE, write_date
from omninode_release.text.changelogs.markdown import escape_inline, find_visible_lines
from omninode_release.text.formats.line_edits import Edit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence

    from omninode_release.text.changelogs.markdown import Heading
    from omninode_release.text.commits.meaning import CommitMeaning

# The text of a heading: `[1.2.3] - 2026-02-25`, `v1.2.3 (25th February, 2026)`, `Release 1.2.3`,
# `1.2.3 / 2026-02-25`, `1.2.3 - released 2026-02-25`, `[1.2.3](…/compare/…) (2026-02-25)`, or the
# whole tag of one package of several, `[libs/core-v1.2.3]`. What follows a version must be marked
# off from it: "1.2 in depth" is a chapter. What stands around a version and is not imitated is
# `odd`: an anchor, emphasis, an emoji, a label of a link. Where no link is defined for it, mdformat
# writes `\[1.2.3\]`.
ENTRY_HEADING = re.compile(
    rf"""
    (?P<odd> (?: <a\b[^>]*>\s*</a>\s* | [*_`] | :\w+:\s* | [^\w\s\x00-\x7f]\s* )* )
    (?P<name> (?:[A-Za-z][\w.-]*(?:\s+|[/@]))? )
    (?P<open>(?:\\?\[)?) (?P<tag> (?: [A-Za-z][\w./-]*? (?: [-/@_] | == ) )?? ) (?P<v>[vV]?)
    (?P<version> [0-9]+(?:\.[0-9]+)+
        (?: [-+.]?[A-Za-z][\w.+-]* | [-+] (?![0-9]{{4}}[-/.][0-9]{{2}}) [0-9][\w.+-]* )? )
    (?P<close>(?:\\?\])?)
    (?P<link> \( [^()\s][^()\s/]*+/[^()\s]+ \) )?
    (?: [*_`]+ | \[[^\[\]]*\] )?
    (?: (?P<lead> \s* (?: (?: --? | [\u2013\u2014:,/|] ) \s* )?
                  (?: [Rr]eleased?:?\s+ (?:on\s+)? )? [(\[]? )
        (?P<date> {DATE.pattern} )
        (?P<after> .* )
      | (?P<other> \s*[-\u2013\u2014:,(/|].* | \s+[^\w\s].* )
    )?
    """,
    re.VERBOSE,
)
COMPARE = re.compile(r"(?P<base>.*/compare/)(?P<old>.+?)(?P<dots>\.{2,3})(?P<new>[^.].*)")
_COMPARE_LINK = re.compile(r"\]\([^()\s]*/compare/(?P<old>[^()\s]+?)\.{2,3}[^().\s][^()\s]*\)")
_CLOSING = {"(": ")", "[": "]"}
_GROUPS = {"feat": "Added", "fix": "Fixed", "security": "Security"}
_ORDER = ("Added", "Changed", "Fixed", "Security")
# Types whose name says no more than the group or, beside it, the scope does. Without a scope a
# type is half the sentence ("docs: how a container …"), and any other word before the colon may be
# its subject ("Dockerfile: …", "revert: …"): those stay.
_QUIET = re.compile("build|chore|ci|deps|docs|feat|fix|perf|refactor|security|style|tests?")
_REFERENCE = re.compile(r" {0,3}\[(?P<label>[^\]]+)\]:\s*(?P<url>\S+)\s*")
_VERSION_LABEL = re.compile(r"v?[0-9]+\.[0-9]+(?:\.[0-9]+\S*)?", re.IGNORECASE)


class NewEntry(NamedTuple):
    """What is told of a release, whatever form its changelog has."""

    version: str
    date: dt.date
    changes: Sequence[CommitMeaning]
    pins: Sequence[str]
    """Requirements as written (``omnibase-core==0.21.0``)."""
    compare: tuple[str | None, str]
    """The previous tag, if any, and the new one, for links."""
    merge: bool | None = None
    """Whether bullets follow what a person wrote beforehand; None is the form's own way."""


def write_heading(
    style: re.Match[str] | None,
    version: str,
    date: dt.date,
    compare: tuple[str | None, str],
) -> str:
    """The heading's text in the form of ``style``; words after the date were that entry's own.

    What cannot be imitated whole is written in a form of ours: a bracket that closes behind words
    of that entry, an anchor.
    """
    title = _imitate_heading(style, version, date, compare) if style and not style["odd"] else ""
    again = ENTRY_HEADING.fullmatch(title)
    whole = again is not None and again["version"] == version and is_balanced(title)
    return title if whole else f"[{version}] - {date.isoformat()}"


def _imitate_heading(
    style: re.Match[str], version: str, date: dt.date, compare: tuple[str | None, str]
) -> str:
    url = write_compare_url(style["link"][1:-1], compare) if style["link"] else None
    link = f"({url})" if url else ""
    before = "".join(style[each] for each in ("name", "open", "tag", "v"))
    title = f"{before}{version}{style['close']}{link}"
    if style["date"]:
        closing = _CLOSING.get(style["lead"][-1:], "")
        return f"{title}{style['lead']}{write_date(date, like=style['date'])}{closing}"
    return f"{title} - {date.isoformat()}" if style["other"] else title


def is_balanced(text: str) -> bool:
    """True when every bracket is closed by its own kind, in order."""
    closing = []
    for character in text:
        if character in _CLOSING:
            closing.append(_CLOSING[character])
        elif character in _CLOSING.values() and (not closing or closing.pop() != character):
            return False
    return not closing


def write_compare_url(url: str, compare: tuple[str | None, str]) -> str | None:
    """The address that shows the new tag as ``url`` showed an older one; None if we cannot tell."""
    previous, new = compare
    if found := COMPARE.fullmatch(url):
        if previous:
            return f"{found['base']}{previous}{found['dots']}{new}"
        return found["base"].removesuffix("compare/") + f"releases/tag/{new}"
    site, tag_page, _ = url.partition("/releases/tag/")
    return f"{site}{tag_page}{new}" if tag_page else None


def write_bullets(
    changes: Iterable[CommitMeaning],
    pins: Iterable[str],
    *,
    escape: Callable[[str], str] = escape_inline,
) -> dict[str, list[str]]:
    """The bullets of Keep a Changelog's groups, in its order; breaking changes first in each.

    ``escape`` makes one line of text that is no markup.
    """
    groups: dict[str, list[str]] = {name: [] for name in _ORDER}
    for change in sorted(changes, key=lambda each: not each.breaking):
        groups[_GROUPS.get(change.type, "Changed")].append(_write_bullet(change, escape))
    groups["Changed"] += [f"Pin {escape(each)}" for each in pins]
    return {name: bullets for name, bullets in groups.items() if bullets}


def _write_bullet(change: CommitMeaning, escape: Callable[[str], str]) -> str:
    label = ", ".join(change.scopes)
    if not label:
        label = "" if change.type in _GROUPS else change.type
    elif change.type and not _QUIET.fullmatch(change.type):
        label = f"{change.type}({label})"
    said = change.description or change.commit.subject or change.commit.sha[:12]
    tickets = "".join(f" [{ticket}]" for ticket in change.tickets if ticket not in said)
    number = f" (#{change.pr})" if change.pr and f"(#{change.pr})" not in said else ""
    line = escape(f"{label + ': ' if label else ''}{said}{tickets}{number}")
    return f"**BREAKING** {line}" if change.breaking else line


def edit_references(
    lines: Sequence[str], version: str, compare: tuple[str | None, str]
) -> list[Edit]:
    """The edits that give the new entry a link reference, where the others have one."""
    start = find_text_end(lines, 0)
    found = [
        (index, reference["label"], reference["url"])
        for index, line in find_visible_lines(lines)
        if index >= start and (reference := _REFERENCE.fullmatch(line))
    ]
    edits = [
        Edit(index, index + 1, [f"[{label}]: {old['base']}{compare[1]}{old['dots']}{old['new']}"])
        for index, label, url in found
        if label.casefold() == "unreleased" and (old := COMPARE.fullmatch(url))
    ]
    versions = [each for each in found if _VERSION_LABEL.fullmatch(each[1])]
    if not versions:
        return edits
    index, label, first = versions[0]
    # The first release of all links to its tag, having nothing to compare with; later ones compare.
    like = next((url for _, _, url in versions if COMPARE.fullmatch(url)), first)
    new = (label[0] if label[0] in "vV" else "") + version
    url = write_compare_url(like, compare)
    if url and new not in {label for _, label, _ in versions}:
        edits.append(Edit(index, index, [f"[{new}]: {url}"]))
    return edits


def edit_unreleased_link(lines: Sequence[str], heading: Heading | None, tag: str) -> list[Edit]:
    """The edit by which a link in the heading of [Unreleased] shows what comes after ``tag``."""
    at = heading.line if heading else 0
    found = _COMPARE_LINK.search(lines[at]) if heading else None
    if found is None:
        return []
    start, end = found.span("old")
    return [Edit(at, at + 1, [f"{lines[at][:start]}{tag}{lines[at][end:]}"])]


def find_text_end(lines: Sequence[str], start: int) -> int:
    """The line after the last text: neither blank lines at the end nor references belong to it."""
    end = len(lines)
    while end > start:
        last = lines[end - 1].rstrip("\r")
        if last.strip() and not _REFERENCE.fullmatch(last):
            break
        end -= 1
    return end
