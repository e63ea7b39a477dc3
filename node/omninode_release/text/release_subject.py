"""The subject of a release commit, which may release several packages of one repository."""

from __future__ import annotations

_START = "release: "


def write_release_subject(released: list[str], ticket: str | None) -> str:
    """``release: core v1.5.0, cli v2.0.1 [OMN-1234]``."""
    return f"{_START}{', '.join(released)}" + (f" [{ticket}]" if ticket else "")


def find_part_of(subject: str, repo: str) -> str:
    """The subject as if it were about ``repo`` alone; empty where others alone are released."""
    parts = subject.removeprefix(_START).split(", ")
    if not subject.startswith(_START) or len(parts) == 1:
        return subject
    return next((f"{_START}{part}" for part in parts if part.startswith(f"{repo} v")), "")
