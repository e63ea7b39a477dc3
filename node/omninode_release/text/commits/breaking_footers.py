"""Find `BREAKING CHANGE:` where a message means it, and not where it only mentions it.

It counts at the start of a paragraph and directly after another footer, anywhere in the body: a
squash puts the footers of each commit in the middle. It does not count further on in a wrapped
paragraph, behind a bullet or a quotation mark, or in a block that quotes something else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BREAKING = re.compile(r"BREAKING[ -]CHANGE:")
_FOOTER = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?::\s+|\s+#)\S")
# A heading and a rule end a paragraph as a blank line does.
_BREAK = re.compile(r"\s*|\s*(?:-{3,}|\*{3,}|_{3,})\s*|#{1,6}\s.*")
_DETAILS = "</details>"
_DETAILS_TAG = re.compile(r"<(?P<ends>/?)details\b", re.IGNORECASE)
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def has_breaking_footer(body: str) -> bool:
    """True when a line of ``body`` is the footer `BREAKING CHANGE:` or `BREAKING-CHANGE:`."""
    if not _BREAKING.search(body):  # a quarter of the time of a long history
        return False
    begins, after_footer = True, False
    for line in drop_quoted_blocks(body.replace("\r\n", "\n").split("\n")):
        if _BREAKING.match(line):
            if begins or after_footer:
                return True
            after_footer = False
        elif not line[:1].isspace():  # an indented line continues what stands above it
            after_footer = bool(_FOOTER.match(line))
        begins = bool(_BREAK.fullmatch(line))
        after_footer = after_footer and not begins
    return False


def drop_quoted_blocks(lines: Sequence[str]) -> Iterator[str]:
    """The lines without fenced code, `<details>` and comments; one without an end hides nothing."""
    unclosed: set[str] = set()
    details = _match_details(lines)
    at = 0
    while at < len(lines):
        end = _find_end(lines[at])
        closing = None
        if end == _DETAILS:
            closing = details.get(at)
        elif end is not None and end not in unclosed:
            closing = next((n for n in range(at, len(lines)) if _ends(lines, n, end, at)), None)
            if closing is None:
                unclosed.add(end)
        yield lines[at] if closing is None else ""
        at = (at if closing is None else closing) + 1


def _match_details(lines: Sequence[str]) -> dict[int, int]:
    """The line of each `<details>` to that of the end that is its own: one may hold others.

    Where one is left without, a text that only mentions them took it: the next end is its end.
    """
    found: dict[int, int] = {}
    opened: list[int] = []
    ends: list[int] = []
    for at, line in enumerate(lines):
        for tag in _DETAILS_TAG.finditer(line):
            if not tag["ends"]:
                opened.append(at)
                continue
            ends.append(at)
            if opened:
                found[opened.pop()] = at
    for at in opened:
        following = bisect_left(ends, at)
        if following < len(ends):
            found[at] = ends[following]
    return found


def _find_end(line: str) -> str | None:
    """What ends the block that ``line`` opens; None for a line that opens none."""
    if fence := _FENCE.match(line):
        return fence[1]
    start = line.lstrip().lower()
    if start.startswith("<details"):
        return _DETAILS
    return "-->" if start.startswith("<!--") else None


def _ends(lines: Sequence[str], at: int, end: str, start: int) -> bool:
    """True when line ``at`` has ``end`` in it, or is the fence that closes one further up."""
    if end[0] not in "`~":
        return end in lines[at].lower()
    line = lines[at].strip()
    return at > start and line.startswith(end) and not line.strip(end[0])
