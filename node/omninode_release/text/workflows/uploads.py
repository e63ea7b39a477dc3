"""Which workflow publishes a package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.publish import Publish
from omninode_release.text.workflows.called import read_with_calls
from omninode_release.text.workflows.dispatch_inputs import find_inputs
from omninode_release.text.workflows.event_facts import describe_end
from omninode_release.text.workflows.starts import (
    uploads_by_dispatch,
    uploads_by_release,
    uploads_by_tag,
)
from omninode_release.text.workflows.upload_steps import (
    find_other_line,
    find_upload_line,
    list_calls,
    list_direct,
    list_logins,
    may_upload,
)
from omninode_release.text.workflows.workflow import (
    WORKFLOW_FOLDER,
    is_started_by,
    is_workflow,
    list_awaited,
    read_events,
    read_jobs,
    read_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALL = re.compile(r"uses:\s*[\"']?\./\.github/workflows/(?P<file>[\w.-]+)")
# Events by which a release can start a workflow.
_STARTED = frozenset({"push", "release", "workflow_dispatch"})
_USUAL = "release.yml"
_ANY_TAG = "v1.0.0"


class Upload(NamedTuple):
    """A workflow that publishes."""

    workflow: str
    """Its file name."""
    line: int
    """Where it uploads, or calls what does."""
    inputs: Mapping[str, str] | None = None
    """What a dispatch has to be given, where that starts it and the usual input is not enough."""
    is_started: bool = True
    """A release starts it, or nothing that it listens to can be read."""


def find_uploads(files: Mapping[str, str], tag: str = _ANY_TAG) -> list[Upload]:
    """The workflows that publish; the one that a release as ``tag`` would start first.

    ``files`` are the texts of workflows, and of the actions that they use, by path. One that
    uploads goes before one that calls what is elsewhere, where a release starts both; what is only
    given a login counts where there is neither.
    """
    whole = {path: read_with_calls(files.get, path) or "" for path in files if is_workflow(path)}
    found = _find_direct(files, whole)
    elsewhere = {path: 1 for path, text in whole.items() if path not in found and list_calls(text)}
    if not found and not elsewhere:
        elsewhere = {path: 1 for path, text in whole.items() if list_logins(text)}
    elsewhere = {path: find_other_line(files[path]) or 1 for path in elsewhere}
    lines = elsewhere | found
    ranks = {path: _rank(path, whole[path], tag) for path in lines}
    for path in _list_starters([path for path in lines if ranks[path][0] > 2], whole, tag):
        lines.setdefault(path, 1)
        ranks[path] = _rank(path, whole[path], tag)
    ranked = sorted(lines, key=lambda path: (ranks[path][0] > 2, path in elsewhere, ranks[path]))
    return [
        Upload(
            path.rpartition("/")[2],
            lines[path],
            find_inputs(whole[path]) if ranks[path][0] == 2 else None,
            is_started=ranks[path][0] <= 2 or not read_events(whole[path]),
        )
        for path in ranked
    ]


def _find_direct(files: Mapping[str, str], whole: Mapping[str, str]) -> dict[str, int]:
    """Those in which a step uploads, also one of what they call in the repository."""
    found: dict[str, int] = {}
    for path, text in whole.items():
        line = find_upload_line(files[path])
        if list_direct(text) if _has_steps(text) else line:
            found[path] = line or _find_call(files[path]) or 1
    unread = [path for path in found if not _has_steps(whole[path])]
    for path in whole:
        text = files[path]
        for called in _CALL.finditer(text):
            if f"{WORKFLOW_FOLDER}/{called['file']}" in unread:
                found.setdefault(path, text.count("\n", 0, called.start()) + 1)
    return found


def _has_steps(workflow: str) -> bool:
    return any("steps" in job or "uses" in job for job in read_jobs(workflow).values())


def _find_call(text: str) -> int | None:
    call = re.search(r"uses:\s*[\"']?\./", text)
    return call and text.count("\n", 0, call.start()) + 1


def _list_starters(paths: list[str], whole: Mapping[str, str], tag: str) -> list[str]:
    """Those that the tag starts, and at whose end one of ``paths`` uploads."""
    end = describe_end(tag)
    uploading = [whole[path] for path in paths if may_upload(whole[path], end)]
    names = {name for text in uploading for name in list_awaited(text)}
    named = {path: read_name(text) or path for path, text in whole.items()}
    return [path for path in whole if named[path] in names and is_started_by(whole[path], tag)]


def _rank(path: str, workflow: str, tag: str) -> tuple[int, bool, str]:
    """How a release starts it, in the order that is tried, and how usual its name is."""
    if uploads_by_tag(workflow, tag):
        how = 0
    elif uploads_by_release(workflow, tag):
        how = 1
    elif uploads_by_dispatch(Publish(inputs=find_inputs(workflow)), workflow, tag):
        how = 2
    else:
        how = 4 if _STARTED.isdisjoint(read_events(workflow)) else 3
    name = path.rpartition("/")[2]
    return how, name != _USUAL, name
