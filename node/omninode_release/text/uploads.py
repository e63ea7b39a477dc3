"""Which workflow publishes, and for which events it may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.text.called_workflows import list_needs
from omninode_release.text.conditions import asks_itself, decide
from omninode_release.text.workflow import WORKFLOW_FOLDER, read_events, read_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omninode_release.text.conditions import Facts

_TO_TRY = re.compile(r"\btest[.-]?pypi\b")
"""What the index to try things on is called."""
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
_CALLED = re.compile(r"(?:publish|upload|release|pypi)[^/]*$", re.IGNORECASE)
"""What a workflow of another repository is called that may upload."""
# Events by which a release can start a workflow.
_STARTED = frozenset({"push", "release", "workflow_dispatch"})
_USUAL = "release.yml"


class Upload(NamedTuple):
    """A workflow that publishes."""

    workflow: str
    """Its file name."""
    line: int
    """Where it uploads, or calls what does."""


def may_upload(workflow: str, *events: Facts) -> bool:
    """False where every job or step that uploads says that it is for none of these events.

    A workflow may listen to tags as well, to build and test. What goes to TestPyPI is no upload.
    """
    jobs = read_jobs(workflow)
    found = [*_list_conditions(jobs)]
    return not found or any(_may_hold(each, event) for each in found for event in events)


def _may_hold(conditions: Sequence[str], event: Facts) -> bool:
    return all(decide(each, event) is not False for each in conditions)


def _list_conditions(jobs: Mapping[str, Mapping[str, Any]]) -> Iterator[list[str]]:
    """What holds for each step that uploads; else for each call of what is elsewhere and may."""
    direct = [
        [*_list_job_conditions(name, jobs), str(step.get("if", ""))]
        for name, job in jobs.items()
        for step in _list_steps(job)
        if _is_upload(step)
    ]
    calls = (name for name, job in jobs.items() if _CALLED.search(str(job.get("uses", ""))))
    yield from direct or ([*_list_job_conditions(name, jobs)] for name in calls)


def _list_job_conditions(name: str, jobs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What a job says under ``if``, and those that it needs: it is passed over as they are."""
    waiting, seen = [name], set[str]()
    while waiting:
        job = jobs.get(each := waiting.pop())
        if job is None or each in seen:
            continue
        seen.add(each)
        condition = str(job.get("if", ""))
        yield condition
        waiting += [] if asks_itself(condition) else list_needs(job)


def _list_steps(job: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    steps = job.get("steps")
    return [each for each in steps if isinstance(each, dict)] if isinstance(steps, list) else []


def _is_upload(step: Mapping[str, Any]) -> bool:
    """True for a step that uploads to another index than one to try things on."""
    given = step.get("with")
    said = {key: step.get(key, "") for key in ("uses", "run")}
    said |= given if isinstance(given, dict) else {}
    written = "\n".join(f"{key}: {value}" for key, value in said.items())
    return _find(_UPLOAD, written) is not None and not _TO_TRY.search(str(step))


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


def _find(pattern: re.Pattern[str], text: str) -> int | None:
    """The first line that matches, counted from 1; what follows a ``#`` is a comment."""
    for number, line in enumerate(text.split("\n"), start=1):
        if pattern.search(re.sub(r"(^|\s)#.*", "", line)):
            return number
    return None


def _rank(path: str, text: str) -> tuple[bool, bool, str]:
    name = path.rpartition("/")[2]
    return _STARTED.isdisjoint(read_events(text)), name != _USUAL, name
