"""Which tags a release makes: that of its row always, and the one its workflow listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.place import WHOLE
from omninode_release.text.workflow import find_named_tag

if TYPE_CHECKING:
    from omninode_release.phases.ports import EntryContext, Step


def release_tags(step: Step, ctx: EntryContext, revision: str) -> tuple[str, ...]:
    """The tags to make on ``revision``, the one that starts the publish workflow last.

    With ``trigger: auto`` a tag of another configured format is made too where the workflow at
    that commit listens to it and not to ours; otherwise nothing would be published. So is the tag
    that a dispatch names: the workflow may check it out.
    """
    ours, *others = step.tags_to_make(ctx)
    publish, workflow = ctx.config.publish_for(step.repo), read_workflow(ctx, revision)
    if publish.trigger == "auto" and not ctx.forge.is_started_by(ours, workflow):
        started = [tag for tag in others if ctx.forge.is_started_by(tag, workflow)]
        if started:
            return (ours, started[0])
    released = ctx.config.makes_release(step.repo)
    named = find_named_tag(publish, workflow, ours, released=released)
    return (ours, named) if named and ctx.forge.runs_elsewhere else (ours,)


def read_workflow(ctx: EntryContext, revision: str) -> str:
    """The publish workflow's text; empty where there is none."""
    return ctx.clone.inside(WHOLE).text(revision, ctx.forge.workflow_path) or ""
