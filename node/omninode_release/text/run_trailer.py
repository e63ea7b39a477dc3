"""What ties a commit to the run that made it: a trailer of its message."""

from __future__ import annotations

_KEY = "Release-Run: "


def write_run_trailer(run_id: str) -> str:
    """The trailer's line."""
    return f"{_KEY}{run_id}"


def read_run_trailer(body: str) -> str | None:
    """The run that a commit says it is of; a merge repeats it below words of its own."""
    lines = (line.strip() for line in body.split("\n"))
    return next((line.removeprefix(_KEY) for line in lines if line.startswith(_KEY)), None)
