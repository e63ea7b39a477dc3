"""What starts a publish workflow, and what a dispatch of it is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from omninode_release.models.template import fill_template
from omninode_release.text.workflow import dispatch_trouble, is_started_by, listens_to_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.publish import Publish

Start = Literal["tag", "dispatch", "release", "none"]
_VERSION = re.compile(r"(?:^|[^0-9A-Za-z.])v?(\d[0-9A-Za-z.+!]*)$")


def choose_start(publish: Publish, workflow: str, tags: Sequence[str], *, released: bool) -> Start:
    """What starts ``workflow`` for these tags; ``released``: they become a GitHub Release anyway.

    A Release that is made anyway starts what listens to it, so nothing else may.
    """
    if publish.trigger != "auto":
        return publish.trigger
    if any(is_started_by(workflow, tag) for tag in tags):
        return "tag"
    if listens_to_release(workflow):
        can_dispatch = dispatch_trouble(workflow, list_inputs(publish)) is None
        return "release" if released or not can_dispatch else "dispatch"
    return "dispatch"


def list_inputs(publish: Publish) -> tuple[str, ...]:
    """The names of the inputs of a dispatch."""
    return ("tag",) if publish.inputs is None else tuple(publish.inputs)


def fill_inputs(publish: Publish, repo: str, tag: str) -> dict[str, str]:
    """The inputs of a dispatch at ``tag``.

    Release workflows compare the input with the version in pyproject.toml and take only a leading
    ``v`` off, so it is given without what stands before the last slash.
    """
    if publish.inputs is None:
        return {"tag": tag.rpartition("/")[2]}
    version = _VERSION.search(tag)
    values = {"repo": repo, "tag": tag, "version": version[1] if version else tag}
    return {name: fill_template(value, values) for name, value in publish.inputs.items()}


def find_named_tag(publish: Publish, workflow: str, tag: str, *, released: bool) -> str | None:
    """The tag that a dispatch names and that is not ``tag``: a workflow may check it out.

    None where something else starts the workflow, and where the configuration says the inputs.
    """
    named = tag.rpartition("/")[2]
    if named == tag or publish.inputs is not None or is_started_by(workflow, named):
        return None
    start = choose_start(publish, workflow, (tag,), released=released)
    return named if start == "dispatch" else None
