"""Words of commits in places where a forge would act on them, or has no room for all of them."""

from __future__ import annotations

import re

from omninode_release.errors.excerpt import MARK

# GitHub Docs, "Using keywords in issues and pull requests": a keyword, perhaps a colon, and an
# issue of this repository, of another, or by its address.
_CLOSING = re.compile(
    r"\b(?P<word>close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?P<gap>:?[ \t]+)"
    r"(?P<issue>(?:[\w.-]+/[\w.-]+)?#\d+|GH-\d+|https?://[^\s/]+/[\w.-]+/[\w.-]+/issues/\d+)",
    re.IGNORECASE,
)
# GitHub Docs, "Skipping workflow runs": anywhere in the message of the commit that is pushed, also
# of one that a tag is on. Other services read such words, too.
_SKIPPING = re.compile(r"\[(?P<words>(?:skip|no)[ -][\w -]+|[\w-]+[ -]skip)\]", re.IGNORECASE)


def disarm(text: str) -> str:
    """``fixes #12`` as ``fixes (#12)``, and ``[skip ci]`` as ``(skip ci)``.

    A release names an issue again and closes none, and its own workflows are not to be skipped.
    """
    return _SKIPPING.sub(r"(\g<words>)", _CLOSING.sub(r"\g<word>\g<gap>(\g<issue>)", text))


def find_skipping(text: str) -> str | None:
    """The words of a commit's message by which a push of it starts no workflow."""
    found = _SKIPPING.search(text)
    return found and found[0]


def cut_middle(text: str, longest: int, *, end: int, note: str) -> str:
    """``text``, or where it is longer than ``longest`` its beginning, ``note`` and its end.

    Lines stay whole where they can; ``end`` is how much of the end is kept at the most.
    """
    if len(text) <= longest:
        return text
    head, tail = text[: longest - end - len(note) - 2 * len(MARK)], text[len(text) - end :]
    head, tail = head.rpartition("\n")[0] or head, tail.partition("\n")[2] or tail
    return f"{head}{MARK}{note}{MARK if tail else ''}{tail}"
