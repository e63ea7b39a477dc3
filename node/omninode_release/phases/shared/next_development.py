"""What follows a release where the base branch declares the next one: 8.5.0 becomes 8.5.1.dev0.

Effect: a pull request of its own, which people merge. Recognised by a pull request of that branch,
in whatever state, and by a base branch that says another version than the released one. A kill
leaves nothing but what is made again: commits that were not pushed are dropped.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from packaging.version import Version

from omninode_release.models.phase import Phase
from omninode_release.phases import bump, lock
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.clean_up import remove_traces_here
from omninode_release.phases.shared.owned_files import list_owned_files
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.manifest import read_declared
from omninode_release.text.versions import next_development


def start_development(step: Step, ctx: Context) -> str | None:
    """The address of the pull request; None where the base branch is past the release already."""
    step = replace(
        step,
        old=step.new,
        new=next_development(step.new),
        branch=f"after-{step.branch}",
        outputs={},
    )
    found = ctx.forge.find(step.branch)
    if found is not None:
        return found.url
    tip = ctx.clone.fetch(step.base)
    declared = read_declared(partial(ctx.clone.file, tip))
    if declared is None or declared.held.by_tag or declared.stands != Version(step.old):
        return None
    subject = f"Back to development: {step.new}"
    ref = f"refs/heads/{step.branch}"
    try:
        if ref not in ctx.clone.remote_refs(ref):
            _commit(step, ctx, tip, subject)
            ctx.clone.push(f"{ref}:{ref}")
        body = f"{step.distribution} {step.old} is released.\n\n{step.trailers}"
        made = ctx.forge.create(branch=step.branch, base=step.base, title=subject, body=body)
    finally:
        remove_traces_here(step, ctx)
    return made.url


def _commit(step: Step, ctx: Context, tip: str, subject: str) -> None:
    """The version in every place that holds it, on a fresh branch of the base."""
    remove_traces_here(step, ctx)
    ctx.clone.add_worktree(step.path, step.branch, start=tip)
    made = WorktreeOutput(worktree_path=str(step.path), branch=step.branch, base_sha=tip, late=())
    step = replace(step, outputs={Phase.WORKTREE: made})
    step = replace(step, outputs={**step.outputs, Phase.BUMP: bump.apply(step, ctx)})
    step = replace(step, outputs={**step.outputs, Phase.LOCK: lock.apply(step, ctx)})
    message = f"{subject}\n\n{step.trailers}\n"
    ctx.checkout.make_commit(message, list_owned_files(step), when=ctx.now())
