"""Which tags a release makes: the namespaced one always, and the one its workflow listens to."""

from __future__ import annotations

from omninode_release.phases.ports import Context, Step
from omninode_release.text.versions import tag_name


def release_tags(step: Step, ctx: Context, revision: str) -> tuple[str, ...]:
    """The tags to make on ``revision``, the one that starts the publish workflow last.

    With ``trigger: auto`` a tag of another configured format is made too where the workflow at
    that commit listens to it and not to ours; otherwise nothing would be published.
    """
    ours = step.tag(ctx)
    if ctx.config.publish.trigger != "auto":
        return (ours,)
    data = ctx.clone.file(revision, ctx.forge.workflow_path)
    workflow = data.decode("utf-8", errors="replace") if data else ""
    if ctx.forge.is_started_by(ours, workflow):
        return (ours,)
    others = (tag_name(fmt, step.repo, step.new) for fmt in ctx.config.tag_formats[1:])
    return (ours, *[tag for tag in others if ctx.forge.is_started_by(tag, workflow)][:1])
