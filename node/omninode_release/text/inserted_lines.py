"""What a tool added to a text of which it was to change nothing else."""

from __future__ import annotations

from omninode_release.errors import split_lines


def find_inserted(old: str, new: str) -> str:
    """The lines that are new, without blank ones at either end."""
    before, after = split_lines(old), split_lines(new)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return "\n".join(after[start : len(after) - end]).strip("\n")


def keeps_old_lines(old: str, new: str) -> bool:
    """True where every old line that is not blank is still there, in order, in at most two blocks.

    What stands above the entry is one, what stands below it the other.
    """
    before = [line for line in split_lines(old) if line.strip()]
    after = [line for line in split_lines(new) if line.strip()]
    above = 0
    while above < min(len(before), len(after)) and before[above] == after[above]:
        above += 1
    below = len(before) - above
    return not below or after[-below:] == before[above:]
