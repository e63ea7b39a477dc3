"""Which workflow of a repository publishes: the one that uploads, or that calls one that does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.workflow import WORKFLOW_FOLDER, read_events

if TYPE_CHECKING:
    from collections.abc import Mapping

# The action of the packaging authority, and what the usual programs call it.
_UPLOAD = re.compile(
    r"""
    gh-action-pypi-publish
    | \b twine \s+ (?:[^\n]*\s)? upload \b
    | \b (?: uv | poetry | flit | hatch | pdm | rye | maturin ) \s+ (?:-\S+\s+)* publish \b
    | \b maturin \s+ upload \b
    | command: \s* (?: upload | publish ) \b
    """,
    re.VERBOSE,
)
_CALL = re.compile(r"uses:\s*[\"']?\./\.github/workflows/(?P<file>[\w.-]+)")
# Events by which a release can start a workflow.
_STARTED = frozenset({"push", "release", "workflow_dispatch"})
_USUAL = "release.yml"


class Upload(NamedTuple):
    """A workflow that publishes."""

    workflow: str
    """Its file name."""
    line: int
    """Where it uploads, or calls what does."""


def find_uploads(workflows: Mapping[str, str]) -> list[Upload]:
    """The workflows that publish, by path and text; the one that a release would start first."""
    direct = {path: line for path, text in workflows.items() if (line := _find(_UPLOAD, text))}
    found = dict(direct)
    for path, text in workflows.items():
        for called in _CALL.finditer(text):
            if f"{WORKFLOW_FOLDER}/{called['file']}" in direct:
                found.setdefault(path, text.count("\n", 0, called.start()) + 1)
    ranked = sorted(found, key=lambda path: _rank(path, workflows[path]))
    return [Upload(path.rpartition("/")[2], found[path]) for path in ranked]


def is_workflow(path: str) -> bool:
    """True for a file that the forge takes for a workflow."""
    folder, _, name = path.rpartition("/")
    return folder == WORKFLOW_FOLDER and name.endswith((".yml", ".yaml"))


def _find(pattern: re.Pattern[str], text: str) -> int | None:
    """The first line that matches, counted from 1; what follows a ``#`` is a comment."""
    for number, line in enumerate(text.split("\n"), start=1):
        if pattern.search(re.sub(r"(^|\s)#.*", "", line)):
            return number
    return None


def _rank(path: str, text: str) -> tuple[bool, bool, str]:
    name = path.rpartition("/")[2]
    return _STARTED.isdisjoint(read_events(text)), name != _USUAL, name
