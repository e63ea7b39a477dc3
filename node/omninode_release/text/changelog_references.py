"""The link references at the end of a changelog: one for each version, and of [Unreleased]."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.changelog_entry import COMPARE, write_compare_url
from omninode_release.text.line_edits import Edit
from omninode_release.text.markdown import find_visible_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

_REFERENCE = re.compile(r" {0,3}\[(?P<label>[^\]]+)\]:\s*(?P<url>\S+)\s*")
_VERSION_LABEL = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+\S*", re.IGNORECASE)


def edit_references(
    lines: Sequence[str], version: str, compare: tuple[str | None, str]
) -> list[Edit]:
    """The edits that give the new entry a link reference, where the others have one."""
    start = find_text_end(lines, 0)
    found = [
        (index, reference["label"], reference["url"])
        for index, line in find_visible_lines(lines)
        if index >= start and (reference := _REFERENCE.fullmatch(line))
    ]
    edits = [
        Edit(index, index + 1, [f"[{label}]: {old['base']}{compare[1]}{old['dots']}{old['new']}"])
        for index, label, url in found
        if label.casefold() == "unreleased" and (old := COMPARE.fullmatch(url))
    ]
    versions = [each for each in found if _VERSION_LABEL.fullmatch(each[1])]
    if not versions:
        return edits
    index, label, first = versions[0]
    # The first release of all links to its tag, having nothing to compare with; later ones compare.
    like = next((url for _, _, url in versions if COMPARE.fullmatch(url)), first)
    new = (label[0] if label[0] in "vV" else "") + version
    url = write_compare_url(like, compare)
    if url and new not in {label for _, label, _ in versions}:
        edits.append(Edit(index, index, [f"[{new}]: {url}"]))
    return edits


def find_text_end(lines: Sequence[str], start: int) -> int:
    """The line after the last text: neither blank lines at the end nor references belong to it."""
    end = len(lines)
    while end > start:
        last = lines[end - 1].rstrip("\r")
        if last.strip() and not _REFERENCE.fullmatch(last):
            break
        end -= 1
    return end
