"""Which tags a release makes: that of its row always, and the one its workflow listens to."""

from __future__ import annotations

from omninode_release.phases.ports import Context, Step


def release_tags(step: Step, ctx: Context, revision: str) -> tuple[str, ...]:
    """The tags to make on ``revision``, the one that starts the publish workflow last.

    With ``trigger: auto`` a tag of another configured format is made too where the workflow at
    that commit listens to it and not to ours; otherwise nothing would be published.
    """
    ours, *others = step.tags_to_make(ctx)
    if ctx.config.publish.trigger != "auto":
        return (ours,)
    data = ctx.clone.file(revision, ctx.forge.workflow_path)
    workflow = data.decode("utf-8", errors="replace") if data else ""
    if ctx.forge.is_started_by(ours, workflow):
        return (ours,)
    return (ours, *[tag for tag in others if ctx.forge.is_started_by(tag, workflow)][:1])
