"""What bringing locks up to date leaves."""

from __future__ import annotations

from typing import NamedTuple


class Written(NamedTuple):
    """The files, which agree with the manifest now, and what has moved in them."""

    files: tuple[str, ...]
    moved: tuple[str, ...]
    """What changed its version beside this repository and what it pins."""
