"""What the conditions of a workflow see of the events that a release makes.

Source: docs.github.com, "Contexts reference" and "Events that trigger workflows". What an event
does not have is null there, and the empty text here, which equals it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.models.template import names_place
from omninode_release.text.workflows.workflow import (
    fill_inputs,
    is_early,
    list_release_actions,
    read_inputs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.models.publish import Publish
    from omninode_release.text.workflows.conditions import Facts

_ABSENT: Facts = {
    "github.head_ref": "",
    "github.base_ref": "",
    "github.event.action": "",
    "github.event.ref": "",
    "github.event.release.draft": False,
    "github.event.release.prerelease": False,
    "github.event.release.tag_name": "",
    "github.event.pull_request.merged": "",
    "github.event.pull_request.head.ref": "",
    "github.event.pull_request.base.ref": "",
    "github.event.workflow_run.conclusion": "",
    "github.event.workflow_run.event": "",
}


def describe_tag_push(workflow: str, tag: str) -> Facts:
    known = {"github.event.ref": f"refs/tags/{tag}", **_without_inputs(workflow)}
    return {**_describe_tag("push", tag), **known}


def describe_release(workflow: str, tag: str) -> list[Facts]:
    """What the workflow listens to of a GitHub Release of ``tag`` that is no draft."""
    known = {
        "github.event.release.prerelease": is_early(tag),
        "github.event.release.tag_name": tag,
        **_without_inputs(workflow),
    }
    return [
        {**_describe_tag("release", tag), **known, "github.event.action": action}
        for action in list_release_actions(workflow, tag)
    ]


def describe_dispatch(publish: Publish, workflow: str, tag: str) -> Facts:
    """A dispatch at ``tag`` with the inputs that ``publish`` says."""
    facts = {**_describe_tag("workflow_dispatch", tag), "github.event.ref": f"refs/tags/{tag}"}
    given = fill_inputs(publish, "", tag)
    for name, spec in read_inputs(workflow).items():
        text = given.get(name, _find_default(spec))
        # The repository's name is not known here.
        if text is not None and not names_place((publish.inputs or {}).get(name, ""), "repo"):
            is_flag = spec.get("type") == "boolean"
            facts[f"github.event.inputs.{name}"] = text.lower() if is_flag else text
            facts[f"inputs.{name}"] = text.lower() == "true" if is_flag else text
    return facts


def describe_end(tag: str) -> Facts:
    """The good end of another workflow, which a push of ``tag`` has started."""
    run = "github.event.workflow_run"
    known = {f"{run}.conclusion": "success", f"{run}.event": "push", f"{run}.head_branch": tag}
    return {**_ABSENT, "github.event_name": "workflow_run", **known}


def describe_branch_push(workflow: str, branch: str) -> Facts:
    return {
        **_ABSENT,
        **_without_inputs(workflow),
        "github.event_name": "push",
        "github.ref": f"refs/heads/{branch}",
        "github.event.ref": f"refs/heads/{branch}",
        "github.ref_name": branch,
        "github.ref_type": "branch",
    }


def describe_pull(workflow: str, action: str, *, head: str, base: str) -> Facts:
    """What happens to the pull request of ``head`` into ``base``; it is closed by its merge."""
    is_merged = action == "closed"
    return {
        **_ABSENT,
        **_without_inputs(workflow),
        "github.event_name": "pull_request",
        "github.ref": f"refs/heads/{base}" if is_merged else "refs/pull/1/merge",
        "github.ref_name": base if is_merged else "1/merge",
        "github.event.action": action,
        "github.ref_type": "branch",
        "github.head_ref": head,
        "github.base_ref": base,
        "github.event.pull_request.head.ref": head,
        "github.event.pull_request.base.ref": base,
        "github.event.pull_request.merged": is_merged,
        "github.event.pull_request.draft": False,
    }


def _describe_tag(name: str, tag: str) -> dict[str, str | bool]:
    return {
        **_ABSENT,
        "github.event_name": name,
        "github.ref": f"refs/tags/{tag}",
        "github.ref_name": tag,
        "github.ref_type": "tag",
    }


def _without_inputs(workflow: str) -> Facts:
    names = read_inputs(workflow)
    return {f"{place}.{name}": "" for name in names for place in ("inputs", "github.event.inputs")}


def _find_default(spec: Mapping[str, Any]) -> str | None:
    """What an input is that is not given; None where that is not known."""
    if "default" in spec:
        value = "" if spec["default"] is None else spec["default"]
        return str(value).lower() if isinstance(value, bool) else str(value)
    kind = spec.get("type", "string")
    return {"string": "", "boolean": "false"}.get(str(kind))
