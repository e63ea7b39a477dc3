"""What was written of a release."""

from __future__ import annotations

from typing import NamedTuple


class Written(NamedTuple):
    """An entry, and the files that it changed."""

    path: str | None
    """The changelog, relative to the repository; None where it is left as it is."""
    entry: str
    collected: tuple[str, ...] = ()
    """The fragments that went into it, and away."""
