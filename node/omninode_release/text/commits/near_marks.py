"""Find words of a commit that a person may mean as a level, and that do not count as one.

Tools differ on these forms, and prose has them too: they are shown, and never decide.
"""

# ruff: noqa: RUF001 - people do type fullwidth marks

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.commit import Level
from omninode_release.text.commits.subject import TICKET, read_subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.commit import Commit
    from omninode_release.text.commits.subject import Subject

# Most messages have none of these, in small letters: the patterns are asked of few.
_TELLING = ("break", "feature", "major", "minor", "!")
# A type where it should be: what says feat behind it is prose.
_TYPED = re.compile(r"\w+(?:\([^()]*\))?:\s")
# `Breaking change: …`, `Breaking: …` and `## Breaking changes`, and the upper-case words anywhere.
_FOOTER = re.compile(
    r"""
      (?i: ^ [^\w\n]* breaking [ _-] changes? [^\w\n:：]* (?: [:：] .* )? $ )
    | (?i: (?<=\n) [^\w\n]* breaking [^\w\n:：]* [:：] .* $ )
    | ^ .* \b BREAKING [ _-] CHANGES? \b .* $
    """,
    re.VERBOSE | re.MULTILINE,
)
_SQUASHED = re.compile(r"^[ \t]*(?:[*+-][ \t]+)?(?P<title>\S.*)$", re.MULTILINE)
# What git makes of a commit that was to be folded into another, and a mark that stands elsewhere.
_FOLDED = re.compile(r"(?:fixup|squash|amend)!\s+(?P<title>.*)", re.DOTALL)
_ASTRAY = re.compile(r"!\w+(?:\([^()]*\))?:|\w+\([^()]*!\):")
# `OMN-1 feat: …`, `feat[api]: …`, `fix/feat: …`, `feat - …`
_UNTYPED = re.compile(rf"(?:{TICKET}\s+|[a-z]+/)?feat\b", re.IGNORECASE)
_LEVEL_WORD = re.compile(
    r"(?: \[ | \( | [#] | semver:\s* ) (?P<word> breaking | major | minor ) \b",
    re.VERBOSE | re.IGNORECASE,
)
_TYPES = {
    "feature": Level.MINOR,
    "features": Level.MINOR,
    "minor": Level.MINOR,
    "major": Level.MAJOR,
    "breaking": Level.MAJOR,
}
_FULLWIDTH = str.maketrans("！：（）", "!:()")


class NearMark(NamedTuple):
    """Words that look like a level."""

    words: str
    """The line they stand in."""
    level: Level
    """What they look like."""
    why: str
    """Why they do not count."""


def find_near_marks(commit: Commit) -> Iterator[NearMark]:
    """Everything in a commit that looks like a level and is not read as one."""
    message = f"{commit.subject}\n{commit.body}"
    small = message.lower()
    is_plain = small.isascii()  # other letters can count as one of these
    is_usual = is_plain and ("feat" not in small or _TYPED.match(small))
    if is_usual and not any(map(small.__contains__, _TELLING)):
        return
    yield from _look_at_title(commit.subject)
    for found in () if is_plain and "breaking" not in small else _FOOTER.finditer(message):
        why = "only 'BREAKING CHANGE:' at the start of a paragraph of the body counts"
        yield NearMark(found[0].strip(), Level.MAJOR, why)
    for found in _SQUASHED.finditer(commit.body) if "!" in commit.body else ():
        if read_subject(found["title"]).bang:
            why = "of a squashed commit only the title of the whole counts"
            yield NearMark(found["title"].strip(), Level.MAJOR, why)


def _look_at_title(title: str) -> Iterator[NearMark]:
    subject = read_subject(title)
    if folded := _FOLDED.fullmatch(title):
        yield from _look_at_folded(title, read_subject(folded["title"]))
    elif _ASTRAY.match(title):
        yield NearMark(title, Level.MAJOR, "! counts right before the colon, or before the scope")
    plain = read_subject(title.translate(_FULLWIDTH))
    if plain.types != subject.types and (plain.bang or "feat" in plain.types):
        level = Level.MAJOR if plain.bang else Level.MINOR
        yield NearMark(title, level, "the type ends with ':', not with the fullwidth '：'")
    elif not subject.types and not subject.bang and _UNTYPED.match(subject.words):
        yield NearMark(title, Level.MINOR, "the type stands first and alone before (scope) and ':'")
    for kind in subject.types:
        if kind in _TYPES:
            yield NearMark(title, _TYPES[kind], f"the type {kind} has no level; feat, fix and ! do")
    if found := _LEVEL_WORD.search(title):
        level = _TYPES[found["word"].lower()]
        yield NearMark(title, level, "only the type and ! before the colon name a level")


def _look_at_folded(title: str, inner: Subject) -> Iterator[NearMark]:
    if inner.bang or "feat" in inner.types:
        level = Level.MAJOR if inner.bang else Level.MINOR
        yield NearMark(title, level, "it was to be folded into the commit it names")
