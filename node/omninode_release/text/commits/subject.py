"""Take the subject of a commit apart, and tell by it what a release itself commits.

The rules are those of conventionalcommits.org 1.0.0, opened as far as real histories need: tickets,
words in brackets and emoji before the type, several scopes, several types.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TICKET = r"[A-Z][A-Z0-9]*-[0-9]+"
# OMN-1, and lists of them in one scope: OMN-1/OMN-2, OMN-1+2
_TICKETS = re.compile(rf"{TICKET}(?:[+/](?:{TICKET}|[0-9]+))*")
_EMOJI = (
    "[\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
_LEADING = re.compile(
    rf"\[(?P<word>[^\[\]]*)\]\s*|(?P<ticket>{TICKET}):\s*|(?P<mark>:[a-z0-9_+-]+:|{_EMOJI})\s*"
)
_SCOPES = r"(?:\((?:[^()]|\([^()]*\))*\))*"
_BETWEEN_SCOPES = re.compile(r"[(),]+")
_HEAD = re.compile(
    rf"""
    (?P<types> [A-Z]+ (?:\+[A-Z]+)* )
    (?P<early>!?) \s? (?P<scopes> {_SCOPES} ) (?P<bang>!?) \s?
    : (?!//) \s* (?P<text> .* )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.ASCII,
)
# A `!` is kept before the colon of whatever stands for a type: `feat/ui!:`, `i18n!:`.
_MARKED = re.compile(rf"[\w+,/&.-]+!?\s?{_SCOPES}(?<!\s)!\s?:(?!//)")
_ANY_PR = re.compile(r"\s?\(#[0-9]+\)")
# What git revert and the forges write; `Reapply` is git's own word for a revert of a revert.
_UNDO = re.compile(r'(?P<verb>revert|reapply) "(?P<what>.*)"', re.IGNORECASE | re.DOTALL)

REVERTS = ("revert", "reapply")
_VERSION = r"v?[0-9]+\.[0-9]+\.[0-9][\w.+-]*"
_LOOSE_VERSION = r"v?[0-9]+\.[0-9][\w.+-]*"
_TAIL = r"(?:\s*[\[(].*)?"
# bump2version, bump-my-version, bumpver, tbump, zest.releaser, and people by hand
_VERSION_BUMP = re.compile(
    rf"""
      bump \s (?:package\s|project\s)? version:? \s (?:from\s)?
        (?: {_LOOSE_VERSION} \s? (?:→|->|=>|to) \s? | to\s )? {_LOOSE_VERSION} {_TAIL}
    | bump \s to \s {_VERSION} {_TAIL}
    | prepar(?:e|ing) \s release \s (?:version\s)? {_LOOSE_VERSION} {_TAIL}
    | start \s version \s {_VERSION} {_TAIL}
    | back \s to \s development: \s {_LOOSE_VERSION} {_TAIL}
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# `1.2.0` is what npm and python-semantic-release commit.
_RELEASE_TITLE = re.compile(
    rf"(?:(?:version\s+|release\s+(?:[\w.-]+\s+)?)?{_VERSION}|release\s+{_LOOSE_VERSION})"
    r"(?:\s*\[[^\]]*\])*",
    re.IGNORECASE,
)
# "release", "release core", "release core v0.2.0 and pin …"; but "release the lock" is work.
_RELEASE_CHORE = re.compile(
    r"release(?:\s+[\w./-]+)?(?:\s*[\[(].*)?|release\s+(?:\S+\s+)?v?[0-9]+\.[0-9]+\.[0-9]+.*",
    re.IGNORECASE | re.DOTALL,
)


class Subject(NamedTuple):
    types: tuple[str, ...]
    """Lower case, as many as are named; `revert` and `reapply` also for what git writes."""
    scopes: tuple[str, ...]
    """As written, without tickets."""
    tickets: tuple[str, ...]
    """Those that stand as scope or before the type."""
    description: str
    words: str
    """The description without the groups and the emoji before it, which stay where no type is."""
    bang: bool


def read_subject(title: str) -> Subject:
    """The parts of ``title``, which has lost its pull request numbers."""
    words, tickets, rest = _cut_leading_groups(title)
    if rest[:1] in "rR" and (undo := _UNDO.fullmatch(rest)):
        return Subject((undo["verb"].lower(),), (), tickets, undo["what"], undo["what"], bang=False)
    head = _HEAD.fullmatch(rest)
    if head is None:
        description = " ".join([*words, rest]).strip()
        return Subject((), (), tickets, description, rest, bang=bool(_MARKED.match(rest)))
    scopes, ticketed = _split_scopes(head["scopes"]) if head["scopes"] else ((), ())
    return Subject(
        types=tuple(head["types"].lower().split("+")),
        scopes=scopes,
        tickets=tickets + ticketed,
        description=head["text"],
        words=head["text"],
        bang=bool(head["early"] or head["bang"]),
    )


def _split_scopes(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The scopes in ``(a, b)(c)``, and the tickets among them."""
    named = [part.strip() for part in _BETWEEN_SCOPES.split(text) if part.strip()]
    return (
        tuple(part for part in named if not _TICKETS.fullmatch(part)),
        tuple(part for part in named if _TICKETS.fullmatch(part)),
    )


def _cut_leading_groups(title: str) -> tuple[list[str], tuple[str, ...], str]:
    """``[word]`` groups and emoji as written, tickets, and what is left of the title."""
    words: list[str] = []
    tickets: list[str] = []
    while found := _LEADING.match(title):
        name = found["ticket"] or (found["word"] or "").strip()
        if _TICKETS.fullmatch(name):
            tickets.append(name)
        else:
            words.append(found[0].strip())
        title = title[found.end() :]
    return words, tuple(tickets), title


def strip_trailing_prs(title: str) -> str:
    """The title without `(#12)` at its end; squashing a pull request twice leaves two of them."""
    while title.endswith(")"):
        rest, mark, number = title[:-1].rpartition("(#")
        if not mark or not number.isdecimal():
            break
        title = rest.rstrip()
    return title


def strip_prs(subject: str) -> str:
    """The subject on one line, without any pull request number."""
    return _ANY_PR.sub("", " ".join(subject.split()))


def is_bookkeeping(kind: str, subject: Subject) -> bool:
    """True for a release, or a version raised by hand, by the type and the words of its subject."""
    match kind:
        case "release":
            return True
        case "bump":  # commitizen
            return bool(_VERSION_BUMP.fullmatch(f"bump {subject.words}"))
        case "chore":
            scopes = [scope.lower() for scope in subject.scopes]
            if "release" in scopes or _RELEASE_CHORE.fullmatch(subject.words):
                return True
            # `chore(deps): bump version to 2.0` is about another package.
            deps = any(scope.startswith("dep") for scope in scopes)
            return not deps and bool(_VERSION_BUMP.fullmatch(subject.words))
        case "":
            return any(form.fullmatch(subject.words) for form in (_RELEASE_TITLE, _VERSION_BUMP))
        case _:
            return False
