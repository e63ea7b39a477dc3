"""Lines that keep the place of what a changelog does not tell yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTHING = re.compile(
    r"\W{0,9}(?:nothing(?: changed| here| new)?|none|n/a|tbd|no(?: unreleased)? changes)(?: yet)?"
    r"\W{0,9}"
    r"|[-*+][ ]+\\?\[\w+[ ][^\[\]]*\][ ]*",
    re.IGNORECASE,
)
"""What a tool or a person writes where nothing is told yet: also a bullet that is all in brackets,
as in ``- [Short description of a change]``."""
_COMMENT = re.compile(r"<!--.*-->\s*")


def says_nothing(line: str) -> bool:
    """True for a blank line, and for one such as ``- Nothing changed yet.``."""
    return not line.strip() or _NOTHING.fullmatch(line) is not None


def is_comment(line: str) -> bool:
    """True for a line of Markdown that is a comment and nothing else."""
    return _COMMENT.fullmatch(line) is not None


def drop_places(lines: Sequence[str]) -> list[str]:
    """The lines without those that say nothing; all, where one tells something.

    Beside others a line such as ``None`` may be code, or one thing of several.
    """
    tells = any(not says_nothing(line) and not is_comment(line) for line in lines)
    return [line for line in lines if tells or not line.strip() or not says_nothing(line)]
