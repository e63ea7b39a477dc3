"""The message of a release commit: its subject, and the trailer that ties it to its run."""

from __future__ import annotations

import re

from packaging.version import Version

from omninode_release.models.run_id import is_run_id

_FORM = r"(?<![\w.])v?(\d+\.\d+{}(?:(?:a|b|rc)\d+)?)(?!\w|\.\w)"
_VERSION = re.compile(_FORM.format(r"\.\d+"), re.ASCII)
_OWN_VERSION = re.compile(_FORM.format(r"(?:\.\d+)?"), re.ASCII)
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


def list_versions(subject: str, repo: str, *, is_own: bool) -> list[Version]:
    """The versions that a subject names, as far as it is about ``repo``; a date is none.

    8.1 is one in the commit of a run of this tool alone, which names no 8.1.0: elsewhere it may be
    that of a Python.
    """
    part = find_part_of(subject, repo)
    words = _VERSION.findall(part) or (_OWN_VERSION.findall(part) if is_own else [])
    found = map(_read_version, words)
    return [each for each in found if each is not None]


def _read_version(words: str) -> Version | None:
    try:
        version = Version(words)
    except ValueError:  # more digits than `int` reads
        return None
    return version if str(version) == words else None


def write_run_trailer(run_id: str) -> str:
    return f"{_KEY}{run_id}"


def read_run_trailer(body: str) -> str | None:
    """The run that a commit says it is of; a merge repeats it below words of its own.

    What no run can be called is none: anybody may have written it, and a command may name it.
    """
    if _KEY not in body:  # as in nearly all of a history
        return None
    lines = (line.strip() for line in body.split("\n"))
    named = (line.removeprefix(_KEY) for line in lines if line.startswith(_KEY))
    return next(filter(is_run_id, named), None)
