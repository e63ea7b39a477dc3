"""The message of a release commit: its subject, and the trailer that ties it to its run."""

from __future__ import annotations

_START = "release: "
_KEY = "Release-Run: "


def write_release_subject(released: list[str], ticket: str | None) -> str:
    """``release: core v1.5.0, cli v2.0.1 [OMN-1234]``, for packages of one repository."""
    return f"{_START}{', '.join(released)}" + (f" [{ticket}]" if ticket else "")


def find_part_of(subject: str, repo: str) -> str:
    """The subject as if it were about ``repo`` alone; empty where others alone are released."""
    parts = subject.removeprefix(_START).split(", ")
    if not subject.startswith(_START) or len(parts) == 1:
        return subject
    return next((f"{_START}{part}" for part in parts if part.startswith(f"{repo} v")), "")


def write_run_trailer(run_id: str) -> str:
    """The trailer's line."""
    return f"{_KEY}{run_id}"


def read_run_trailer(body: str) -> str | None:
    """The run that a commit says it is of; a merge repeats it below words of its own."""
    lines = (line.strip() for line in body.split("\n"))
    return next((line.removeprefix(_KEY) for line in lines if line.startswith(_KEY)), None)
