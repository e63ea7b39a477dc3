"""Whether a workflow makes the tag of the version itself, as one that is only dispatched may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.workflows.upload_steps import list_steps_that

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omninode_release.text.workflows.conditions import Facts

_MAKES_TAG = re.compile(r"^\s*git\s(?:[^\n]{0,200}\s)?tag\s(?P<rest>[^\n]*)$", re.MULTILINE)
_READS_OR_MOVES = re.compile(
    r"(?:^|\s)(?:-[ldfnv]\w*|--(?:list|delete|force|verify|sort|contains|merged|points-at)\b)"
)
_MINDS = re.compile(r"\|\||\brev-parse\b|\bls-remote\b|\bshow-ref\b|\bset \+e\b")
"""What a script says that goes on where the tag is there."""


def find_own_tag(workflow: str, event: Facts) -> str | None:
    """The job that makes a new tag for this event, and fails where the tag is there."""
    steps = list_steps_that(_makes_tag, workflow)
    return next((each.job for each in steps if each.may_run(event)), None)


def _makes_tag(step: Mapping[str, Any]) -> bool:
    script = re.sub(r"\\\s*\n", " ", str(step.get("run", "")))
    made = [each["rest"] for each in _MAKES_TAG.finditer(script)]
    is_new = any("$" in rest and not _READS_OR_MOVES.search(rest) for rest in made)
    return is_new and not _MINDS.search(script) and "continue-on-error" not in step
