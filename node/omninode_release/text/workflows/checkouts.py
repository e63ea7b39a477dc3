"""What the checkouts of a workflow bring along beside the files of the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from omninode_release.text.formats.toml_document import list_at, value_at
from omninode_release.text.workflows.workflow import read_jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

Beside = Literal["lfs", "submodules"]
_BY_HAND: Mapping[Beside, str] = {"lfs": "lfs", "submodules": "submodule"}
"""What a step says that gets them by itself, or calls what does."""


def checks_out(workflow: str, beside: Beside) -> bool:
    """False where every checkout of the workflow leaves them out; it may get them in other ways."""
    steps = [
        step
        for job in read_jobs(workflow).values()
        for step in list_at(job, ("steps",))
        if isinstance(step, dict)
    ]
    checkouts = [each for each in steps if "actions/checkout@" in str(each.get("uses"))]
    done = [f"{each.get('run')} {each.get('uses')}" for each in steps]
    by_hand = any(_BY_HAND[beside] in each for each in done)
    return not checkouts or by_hand or any(_is_on(each, beside) for each in checkouts)


def _is_on(step: Mapping[str, Any], beside: Beside) -> bool:
    said = str(value_at(step, ("with", beside)) or "false")
    return said.lower() != "false"
