"""Find ``Release-As: X.Y.Z`` and ``Release-Level: minor``, which say a version in a commit.

They stand on a line of their own in the body, as release-please has it; quoted text is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.version_words import Word
from omninode_release.text.commits.breaking_footers import drop_quoted_blocks
from omninode_release.text.commits.merges import trace_merges
from omninode_release.text.commits.reverts import find_undone
from omninode_release.text.versions.version import complete_version, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from packaging.version import Version

    from omninode_release.models.commit import Commit

_FOOTER = re.compile(r"release-(?P<what>as|level):[ \t]*(?P<value>\S.*?)[ \t\r]*", re.IGNORECASE)
_MAYBE = re.compile(r"^release-(?:as|level):", re.IGNORECASE | re.MULTILINE)


def find_release_word(commits: Sequence[Commit]) -> Word | None:
    """The newest word of a range given newest first, without what reverts took back.

    Raises VERSION_INVALID for one that names neither a version nor a level.
    """
    if not any(_MAYBE.search(commit.body) for commit in commits):
        return None
    undone = find_undone(commits, trace_merges(commits))
    words = (word for each in commits if each.sha not in undone for word in _read_words(each))
    return next(words, None)


def _read_words(commit: Commit) -> Iterator[Word]:
    """The words of one commit, the last one first: it was written with all others in view."""
    for line in reversed([*drop_quoted_blocks(commit.body.split("\n"))]):
        found = _FOOTER.fullmatch(line)
        if found is None:
            continue
        said = f"{line.strip()} of {commit.sha[:12]}"
        try:
            if found["what"].lower() == "as":
                yield Word(said, version=str(_read_version(found["value"])))
            else:
                yield Word(said, level=Level(found["value"].lower()))
        except (ReleaseError, ValueError):
            raise _no_word(found["what"].lower(), line.strip(), commit) from None


def _read_version(text: str) -> Version:
    return parse_version(complete_version(text.removeprefix("v")))


def _no_word(what: str, line: str, commit: Commit) -> ReleaseError:
    """A commit that is pushed stays as it is: the hint says what goes before it."""
    kind = "a version X.Y.Z" if what == "as" else f"a level ({', '.join(Level)})"
    option = "--version REPO=X.Y.Z" if what == "as" else "--bump REPO=LEVEL"
    return ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"expected {kind} in {commit.sha[:12]}, found {line!r}.",
        hint=f"pass {option}, which goes before it",
    )
