"""Symbolic links of a repository that a release could follow to somewhere else."""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def judge_links(links: Mapping[str, str], written: Iterable[str]) -> str | None:
    """What is wrong with the first link that a release must not meet; None where there is none.

    ``links`` are the repository's, path to target; ``written`` are the files that a release reads
    and writes. A link that leaves the repository leads to another file on each machine.
    """
    for path in written:
        parts = [str(each) for each in (PurePosixPath(path), *PurePosixPath(path).parents)]
        linked = next((part for part in parts if part in links), None)
        if linked is not None:
            return f"{linked} is a symbolic link to {links[linked]}, and a release writes {path}"
    for path, target in links.items():
        if target.startswith("/"):
            return f"{path} is a symbolic link to {target}, which is on one machine only"
        reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if reached == ".." or reached.startswith("../"):
            return f"{path} is a symbolic link to {target}, which leaves the repository"
    return None
