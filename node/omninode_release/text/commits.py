"""What a commit means for a release, judged by its subject and its footers alone.

The rules are those of conventionalcommits.org 1.0.0, opened as far as real histories need: tickets
and words in brackets before the type, several scopes, several types. A squash body repeats the
whole log of a branch, so nothing in it counts but `BREAKING CHANGE:` among the footers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.commit import Commit, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TICKET = r"[A-Z][A-Z0-9]*-[0-9]+"
# OMN-1, and lists of them in one scope: OMN-1/OMN-2, OMN-1+2
_TICKETS = re.compile(rf"{_TICKET}(?:[+/](?:{_TICKET}|[0-9]+))*")
_LEADING = re.compile(rf"\[(?P<word>[^\[\]]*)\]\s*|(?P<ticket>{_TICKET}):\s*")
_HEAD = re.compile(
    r"""
    (?P<types> [A-Z]+ (?:\+[A-Z]+)* )
    (?P<early>!?) \s? (?P<scopes> (?:\([^()]*\))* ) (?P<bang>!?) \s?
    : (?!//) \s* (?P<text> .* )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.ASCII,
)
_PR = re.compile(r"\(#([0-9]{1,18})\)")
_ANY_PR = re.compile(r"\s?\(#[0-9]+\)")
# What git revert and the forges write; `Reapply` is git's own word for a revert of a revert.
_UNDO = re.compile(r'(?P<verb>revert|reapply) "(?P<what>.*)"', re.IGNORECASE | re.DOTALL)
_REVERTED_SHA = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)
_RELEASE_TITLE = re.compile(
    r"release\s+(?:[\w.-]+\s+)?v?[0-9]+\.[0-9]+\.[0-9]+\S*(?:\s*\[[^\]]*\])*", re.IGNORECASE
)
# "release", "release core", "release core v0.2.0 and pin …"; but "release the lock" is work.
_RELEASE_CHORE = re.compile(
    r"release(?:\s+[\w./-]+)?(?:\s*[\[(].*)?|release\s+(?:\S+\s+)?v?[0-9]+\.[0-9]+\.[0-9]+.*",
    re.IGNORECASE | re.DOTALL,
)
_BREAKING = re.compile(r"BREAKING[ -]CHANGE:")
_FOOTER = re.compile(r"BREAKING[ -]CHANGE:|[A-Za-z][A-Za-z0-9-]*(?::\s|\s#)")
_BULLET = re.compile(r"\s*[*+-]\s")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_RULE = re.compile(r"-{3,}")


class CommitMeaning(NamedTuple):
    """What one commit means."""

    commit: Commit
    type: str
    """Lower case; of several the one that decides; ``""`` when the subject has none."""
    scopes: tuple[str, ...]
    """As written, without tickets."""
    description: str
    """On one line, without type, scopes, leading groups and trailing pull request numbers."""
    level: Level
    breaking: bool
    bookkeeping: bool
    """True for what a release itself commits: it neither counts nor is listed."""
    pr: int | None
    tickets: tuple[str, ...] = ()
    """Tickets that stood as scope or before the type, and so are not in ``description``."""


class Decision(NamedTuple):
    """The level of a range of commits, and why."""

    level: Level | None
    """None when nothing in the range is worth a release."""
    commit: Commit | None
    """The newest commit of the highest level: the one a plan names as the reason."""
    counted: tuple[CommitMeaning, ...]
    """What counts towards level and changelog, newest first."""


class _Subject(NamedTuple):
    types: tuple[str, ...]
    scopes: tuple[str, ...]
    tickets: tuple[str, ...]
    description: str
    bang: bool


def classify(commit: Commit, *, default_bump: Level) -> CommitMeaning:
    """Read one commit; a type other than feat and fix, and none at all, is ``default_bump``."""
    title = " ".join(commit.subject.split())
    subject = _read_subject(_strip_trailing_prs(title))
    kind = max(subject.types, key=lambda each: _level_of(each, default_bump).rank, default="")
    breaking = subject.bang or _has_breaking_footer(commit.body)
    # The number inside a quoted title is the pull request that was undone, not this one.
    numbers = _PR.findall(title.rpartition('"')[2] if kind in {"revert", "reapply"} else title)
    return CommitMeaning(
        commit=commit,
        type=kind,
        scopes=subject.scopes,
        description=subject.description,
        level=Level.MAJOR if breaking else _level_of(kind, default_bump),
        breaking=breaking,
        bookkeeping=_is_bookkeeping(kind, subject),
        pr=int(numbers[-1]) if numbers else None,
        tickets=subject.tickets,
    )


def decide(commits: Sequence[Commit], *, default_bump: Level) -> Decision:
    """The level of ``tag..base``, given newest first: the highest of what counts.

    Merges and release bookkeeping do not count, and neither does a commit together with the
    revert of it. Level and commit are None when nothing else is there.
    """
    own = [commit for commit in commits if not commit.is_merge]
    undone = _find_undone(own)
    read = (classify(each, default_bump=default_bump) for each in own if each.sha not in undone)
    counted = tuple(each for each in read if not each.bookkeeping)
    if not counted:
        return Decision(None, None, ())
    reason = max(counted, key=lambda each: each.level.rank)
    return Decision(reason.level, reason.commit, counted)


def _level_of(kind: str, default_bump: Level) -> Level:
    return {"feat": Level.MINOR, "fix": Level.PATCH}.get(kind, default_bump)


def _read_subject(title: str) -> _Subject:
    """The parts of a subject that has lost its pull request numbers."""
    words, tickets, rest = _cut_leading_groups(title)
    if undo := _UNDO.fullmatch(rest):
        return _Subject((undo["verb"].lower(),), (), tickets, undo["what"], bang=False)
    head = _HEAD.fullmatch(rest)
    if head is None:
        return _Subject((), (), tickets, " ".join([*words, rest]).strip(), bang=False)
    named = [part.strip() for part in re.split(r"[(),]+", head["scopes"]) if part.strip()]
    return _Subject(
        types=tuple(head["types"].lower().split("+")),
        scopes=tuple(part for part in named if not _TICKETS.fullmatch(part)),
        tickets=(*tickets, *(part for part in named if _TICKETS.fullmatch(part))),
        description=head["text"],
        bang=bool(head["early"] or head["bang"]),
    )


def _cut_leading_groups(title: str) -> tuple[list[str], tuple[str, ...], str]:
    """``[word]`` groups as written, tickets, and what is left of the title."""
    words: list[str] = []
    tickets: list[str] = []
    while found := _LEADING.match(title):
        name = found["ticket"] or found["word"].strip()
        if _TICKETS.fullmatch(name):
            tickets.append(name)
        else:
            words.append(found[0].strip())
        title = title[found.end() :]
    return words, tuple(tickets), title


def _is_bookkeeping(kind: str, subject: _Subject) -> bool:
    match kind:
        case "release":
            return True
        case "chore":
            scoped = any(scope.lower() == "release" for scope in subject.scopes)
            return scoped or bool(_RELEASE_CHORE.fullmatch(subject.description))
        case "":
            return bool(_RELEASE_TITLE.fullmatch(subject.description))
        case _:
            return False


def _has_breaking_footer(body: str) -> bool:
    """True for `BREAKING CHANGE:` at the start of a line in the last paragraphs, the footers.

    Read from the end, past co-authors and the rule a forge puts before them, for as long as the
    paragraphs are footers. Further up it stands in prose, or in the log of a squashed branch.
    """
    for paragraph in reversed(_BLANK_LINES.split(body.replace("\r\n", "\n").strip())):
        footers = list(_find_footers(paragraph))
        if any(_BREAKING.match(line) for line in footers):
            return True
        if not footers and not _RULE.fullmatch(paragraph.strip()):
            return False
    return False


def _find_footers(paragraph: str) -> Iterator[str]:
    """The footer lines of a paragraph; a bullet before the first of them makes it a list."""
    seen = False
    for line in paragraph.split("\n"):
        if _FOOTER.match(line + " "):
            seen = True
            yield line
        elif _BULLET.match(line) and not seen:
            return


def _find_undone(commits: Sequence[Commit]) -> set[str]:
    """Commits that reverts in the same range took back, and those reverts, newest first.

    Newest first is what makes a revert of a revert come out right: it removes the younger revert
    before that one can remove anything.
    """
    undone: set[str] = set()
    for at, commit in enumerate(commits):
        wanted = _read_reverted_subject(commit.subject)
        if wanted is None or commit.sha in undone:
            continue
        standing = [each for each in commits[at + 1 :] if each.sha not in undone]
        named, targets = _find_targets(commit, wanted, standing)
        undone.update(target.sha for target in targets)
        if len(targets) == named:
            undone.add(commit.sha)
    return undone


def _find_targets(commit: Commit, wanted: str, older: Sequence[Commit]) -> tuple[int, list[Commit]]:
    """How many commits a revert names, and those of them that are in the range.

    By id where the body has one; by subject where it does not, because a squash rewrites the body.
    """
    if shas := set(_REVERTED_SHA.findall(commit.body)):
        return len(shas), [each for each in older if any(each.sha.startswith(s) for s in shas)]
    return 1, [each for each in older if _is_same_subject(each.subject, wanted)][:1]


def _read_reverted_subject(subject: str) -> str | None:
    """The subject that a revert names, or None for a commit that is no revert."""
    _, _, title = _cut_leading_groups(_strip_prs(subject))
    if undo := _UNDO.fullmatch(title):
        return f'Revert "{undo["what"]}"' if undo["verb"].lower() == "reapply" else undo["what"]
    head = _HEAD.fullmatch(title)
    return head["text"] if head and head["types"].lower() == "revert" else None


def _is_same_subject(subject: str, wanted: str) -> bool:
    """Equal but for pull request numbers; a forge cuts long titles and ends them in "…"."""
    subject, wanted = _strip_prs(subject), _strip_prs(wanted)
    if wanted.endswith("…"):
        return subject.startswith(wanted[:-1])
    return subject == wanted


def _strip_trailing_prs(title: str) -> str:
    """The title without `(#12)` at its end; squashing a pull request twice leaves two of them."""
    while title.endswith(")"):
        rest, mark, number = title[:-1].rpartition("(#")
        if not mark or not number.isdecimal():
            break
        title = rest.rstrip()
    return title


def _strip_prs(subject: str) -> str:
    return _ANY_PR.sub("", " ".join(subject.split()))
