"""What pre-commit and prek print of the hooks that they run, and what a person needs of it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import split_lines
from omninode_release.errors.excerpt import start_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING = re.compile(r".+\.{3}.*(?:Passed|Failed|Skipped)$")
_PROJECT = re.compile("[\N{MULTIPLICATION SIGN}\N{CHECK MARK}] |Running hooks for `")
"""Right above the hooks of one project of a prek workspace, which may be indented; a hook may print
the same of its own tests."""
_ID = "- hook id: "
_AROUND = re.compile(
    r"\s*(?:- (?:exit code|duration): |Check the log at |ERROR: Ignored the following )"
)
"""Lines that do not say what is wrong."""
_CAUSES = (r"fatal: |ERROR: ", r"error: |caused by: |\w+Error: ")
"""How lines begin that say why; what git or pip says names more than what is printed around it."""
_LINES = 3
_LONGEST = 400
"""Characters of a line."""


class FailedHook(NamedTuple):
    id: str
    lines: tuple[str, ...]
    """All that is printed of it, its heading first."""

    @property
    def reason(self) -> str:
        """The first line of what it said."""
        return next(iter(_list_reasons(self.lines[2:])), "it says nothing").removeprefix("- ")


def find_failed_hooks(output: str) -> list[FailedHook]:
    """The hooks that failed; none also where what runs them failed itself.

    A hook that passes is printed with its id, too, where its settings say ``verbose``.
    """
    hooks: list[list[str]] = [[]]
    for line, below in pairwise([*split_lines(output), ""]):
        if _HEADING.match(line) or (_PROJECT.match(line) and _HEADING.match(below)):
            hooks.append([])
        hooks[-1].append(line)
    return [
        FailedHook(lines[1].strip().removeprefix(_ID), tuple(lines))
        for lines in hooks[1:]
        if lines[0].endswith("Failed") and len(lines) > 1 and lines[1].strip().startswith(_ID)
    ]


def explain_hooks(output: str) -> str:
    """Why hooks, or what runs them, failed, in one line."""
    failed = find_failed_hooks(output)
    if len(failed) == 1:
        return failed[0].reason
    if failed:
        return "; ".join(f"{hook.id}: {hook.reason}" for hook in failed[:_LINES])
    said = _list_reasons(split_lines(output))
    for cause in _CAUSES:
        found = [line for line in said if re.match(cause, line)]
        if found:
            return "; ".join(found[:_LINES])
    return "; ".join(said[-_LINES:]) or "it says nothing"


def keep_failed(output: str) -> list[str]:
    """The lines of the hooks that failed; all where what runs them failed itself."""
    failed = find_failed_hooks(output)
    return [line for hook in failed for line in hook.lines] or split_lines(output)


def _list_reasons(lines: Sequence[str]) -> list[str]:
    own = (line.strip() for line in lines if not _AROUND.match(line))
    return [start_of(line, _LONGEST) for line in own if line]
