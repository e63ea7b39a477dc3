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


def close_nothing(text: str) -> str:
    """``fixes #12`` as ``fixes (#12)``: a release names an issue again, and closes none."""
    return _CLOSING.sub(r"\g<word>\g<gap>(\g<issue>)", text)


def cut_middle(text: str, longest: int, *, end: int, note: str) -> str:
    """``text``, or where it is longer than ``longest`` its beginning, ``note`` and its end.

    Lines stay whole where they can; ``end`` is how much of the end is kept at the most.
    """
    if len(text) <= longest:
        return text
    head, tail = text[: longest - end - len(note) - 2 * len(MARK)], text[len(text) - end :]
    head, tail = head.rpartition("\n")[0] or head, tail.partition("\n")[2] or tail
    return f"{head}{MARK}{note}{MARK if tail else ''}{tail}"
