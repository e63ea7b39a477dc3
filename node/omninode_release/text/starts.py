"""What starts a publish workflow for a release: the tag, a GitHub Release, or a dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from omninode_release.text.uploads import may_upload
from omninode_release.text.workflow import (
    dispatch_trouble,
    is_early,
    is_started_by,
    list_inputs,
    list_release_actions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.publish import Publish
    from omninode_release.text.conditions import Facts

Start = Literal["tag", "dispatch", "release", "none"]


def choose_start(publish: Publish, workflow: str, tags: Sequence[str], *, released: bool) -> Start:
    """What starts ``workflow`` for these tags; ``released``: they become a GitHub Release anyway.

    A Release that is made anyway starts what listens to it, so nothing else may. What starts a
    workflow whose jobs then upload nothing does not count.
    """
    if publish.trigger != "auto":
        return publish.trigger
    if any(uploads_by_tag(workflow, tag) for tag in tags):
        return "tag"
    is_started = any(is_started_by(workflow, tag) for tag in tags)
    can_dispatch = dispatch_trouble(workflow, list_inputs(publish)) is None and may_upload(
        workflow, _describe_event("workflow_dispatch", tags[0])
    )
    if _uploads_by_release(workflow, tags[0]):
        return "release" if released or is_started or not can_dispatch else "dispatch"
    # A dispatch beside a run that the tag has started would not be made.
    return "tag" if is_started else "dispatch"


def find_start_trouble(
    publish: Publish, workflow: str, tags: Sequence[str], *, released: bool
) -> str | None:
    """Why nothing that a run does would start ``workflow``; None where something does.

    ``tags`` are those that may be made: with a trigger that is written, the first alone.
    """
    if publish.trigger == "none":
        return None
    if not workflow:
        return "it is not there"
    if publish.trigger != "auto":
        tags = tags[:1]
    start, by_hand = choose_start(publish, workflow, tags, released=released), list_inputs(publish)
    if start == "release":
        heard = bool(list_release_actions(workflow, tags[0]))
        return None if heard else f"it does not listen to the GitHub Release of {tags[0]}"
    if start == "tag" and any(is_started_by(workflow, tag) for tag in tags):
        return None
    trouble = dispatch_trouble(workflow, by_hand)
    return trouble and f"it does not listen to the tag {' or '.join(tags)}, and {trouble}"


def uploads_by_tag(workflow: str, tag: str) -> bool:
    """True when pushing ``tag`` starts the workflow, and a job that may upload in it."""
    return is_started_by(workflow, tag) and may_upload(workflow, _describe_event("push", tag))


def _uploads_by_release(workflow: str, tag: str) -> bool:
    early = is_early(tag)
    happening = [
        {
            **_describe_event("release", tag),
            "github.event.action": action,
            "github.event.release.prerelease": early,
            "github.event.release.tag_name": tag,
        }
        for action in list_release_actions(workflow, tag)
    ]
    return bool(happening) and may_upload(workflow, *happening)


def _describe_event(name: str, tag: str) -> Facts:
    """What conditions see of an event at ``tag``; what it does not have is empty to them."""
    return {
        "github.event_name": name,
        "github.ref": f"refs/tags/{tag}",
        "github.ref_name": tag,
        "github.ref_type": "tag",
        "github.head_ref": "",
        "github.event.action": "",
        "github.event.release.draft": False,
        "github.event.release.prerelease": False,
        "github.event.release.tag_name": "",
    }


def find_named_tag(publish: Publish, workflow: str, tag: str, *, released: bool) -> str | None:
    """The tag that a dispatch names and that is not ``tag``: a workflow may check it out.

    None where something else starts the workflow, and where the configuration says the inputs.
    """
    named = tag.rpartition("/")[2]
    if named == tag or publish.inputs is not None or is_started_by(workflow, named):
        return None
    start = choose_start(publish, workflow, (tag,), released=released)
    return named if start == "dispatch" else None
