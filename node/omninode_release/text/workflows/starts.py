"""What starts a publish workflow for a release: the tag, a GitHub Release, or a dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from omninode_release.text.workflows.event_facts import (
    describe_dispatch,
    describe_release,
    describe_tag_push,
)
from omninode_release.text.workflows.upload_steps import (
    list_all,
    list_upload_environments,
    may_upload,
)
from omninode_release.text.workflows.workflow import (
    dispatch_trouble,
    is_started_by,
    list_inputs,
    list_release_actions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omninode_release.models.publish import Publish

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
    can_dispatch = uploads_by_dispatch(publish, workflow, tags[0])
    if uploads_by_release(workflow, tags[0]):
        return "release" if released or is_started or not can_dispatch else "dispatch"
    builds = not any(_may_upload_somehow(workflow, tag) for tag in tags)
    return "tag" if is_started and not (can_dispatch and builds) else "dispatch"


def _may_upload_somehow(workflow: str, tag: str) -> bool:
    """True where pushing ``tag`` may upload, also by a script: a dispatch would upload it again."""
    if uploads_by_tag(workflow, tag):
        return True
    facts = describe_tag_push(workflow, tag)
    return is_started_by(workflow, tag) and any(each.may_run(facts) for each in list_all(workflow))


def find_start_trouble(
    publish: Publish, workflow: str, tags: Sequence[str], *, released: bool
) -> str | None:
    """Why nothing that a run does would start ``workflow``; None where something does.

    ``tags`` are those that may be made: where no tag is to start it, the first alone.
    """
    if publish.trigger == "none":
        return None
    if not workflow:
        return "it is not there"
    if publish.trigger not in {"auto", "tag"}:
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
    return is_started_by(workflow, tag) and may_upload(workflow, describe_tag_push(workflow, tag))


def uploads_by_release(workflow: str, tag: str) -> bool:
    """True when a GitHub Release of ``tag`` does so."""
    happening = describe_release(workflow, tag)
    return bool(happening) and may_upload(workflow, *happening)


def uploads_by_dispatch(publish: Publish, workflow: str, tag: str) -> bool:
    """True when a dispatch at ``tag`` does so."""
    trouble = dispatch_trouble(workflow, list_inputs(publish))
    return trouble is None and may_upload(workflow, describe_dispatch(publish, workflow, tag))


def tag_only_builds(
    publish: Publish, workflow: str, tags: Sequence[str], *, released: bool
) -> bool:
    """True where the run that a tag starts uploads nothing, and a dispatch does."""
    start = choose_start(publish, workflow, tags, released=released)
    return start == "dispatch" and not any(_may_upload_somehow(workflow, tag) for tag in tags)


def find_environments(
    publish: Publish, workflow: str, tags: Sequence[str], *, released: bool
) -> tuple[str, ...]:
    """The environments that the upload waits in, for what starts it."""
    start = choose_start(publish, workflow, tags, released=released)
    if start == "dispatch":
        events = [describe_dispatch(publish, workflow, tags[0])]
    elif start == "release":
        events = describe_release(workflow, tags[0])
    else:
        events = [describe_tag_push(workflow, tag) for tag in tags]
    return list_upload_environments(workflow, *events)


def choose_tags(
    publish: Publish,
    workflow: str,
    tags: Sequence[str],
    *,
    starts: Callable[[str], bool],
    released: bool,
    runs_elsewhere: bool,
) -> tuple[str, ...]:
    """Those of ``tags`` that are made: the first, and last the one that the workflow needs.

    With ``trigger: auto`` and ``tag`` one of another configured format is made too where the
    workflow starts, or uploads, for it and not for the first; otherwise nothing would be published.
    So is the tag that a dispatch names: the workflow may check it out. ``starts`` tells of a tag
    whether the forge would start the workflow by it.
    """
    ours, *others = tags
    if publish.trigger in {"auto", "tag"} and not _may_upload_somehow(workflow, ours):
        # The Release of the first uploads already; a second upload would be refused by the index.
        makes_release = released or publish.trigger == "auto"
        if starts(ours) and makes_release and uploads_by_release(workflow, ours):
            return (ours,)
        uploading = [tag for tag in others if starts(tag) and uploads_by_tag(workflow, tag)]
        started = [] if starts(ours) else [tag for tag in others if starts(tag)]
        for tag in (*uploading, *started):
            return (ours, tag)
    named = find_named_tag(publish, workflow, ours, released=released)
    return (ours, named) if named and runs_elsewhere else (ours,)


def find_named_tag(publish: Publish, workflow: str, tag: str, *, released: bool) -> str | None:
    """The tag that a dispatch names and that is not ``tag``: a workflow may check it out.

    None where something else starts the upload, and where the configuration says the inputs.
    """
    named = tag.rpartition("/")[2]
    if named == tag or publish.inputs is not None or uploads_by_tag(workflow, named):
        return None
    start = choose_start(publish, workflow, (tag,), released=released)
    return named if start == "dispatch" else None


def find_unpushed_tag(publish: Publish, workflow: str, tags: Sequence[str]) -> str | None:
    """The tag that a dispatch names and no run makes, for its push would start an upload, too.

    ``tags`` are those that may be made, the first of them for certain.
    """
    named = tags[0].rpartition("/")[2]
    is_named = publish.inputs is None and named not in tags
    return named if is_named and uploads_by_tag(workflow, named) else None
