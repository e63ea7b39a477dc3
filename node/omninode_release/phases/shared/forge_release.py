"""What starts the publish workflow, its run, and the Release of the tag: the changelog's entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases.changelog import ChangelogOutput
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.shared.tags import read_workflow
from omninode_release.phases.tag import TagOutput
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.forge_text import disarm
from omninode_release.text.versions.tag_formats import by_prefix, read_tags
from omninode_release.text.workflows.starts import choose_start, tag_only_builds

if TYPE_CHECKING:
    from omninode_release.adapters.ports import Releases
    from omninode_release.models.forge import WorkflowRun
    from omninode_release.phases.ports import Context, Step
    from omninode_release.text.workflows.starts import Start

_LATE = "### Released with it, after this was written"


def find_start(step: Step, ctx: Context) -> Start:
    """What starts the publish workflow at the commit that is tagged."""
    tagged = step.evidence(TagOutput)
    publish = ctx.config.publish_for(step.repo)
    released = ctx.forge.releases is not None and ctx.config.makes_release(step.repo)
    workflow = read_workflow(step, ctx, tagged.sha) if publish.trigger == "auto" else ""
    return choose_start(publish, workflow, tagged.tags, released=released)


def find_run(step: Step, ctx: Context) -> WorkflowRun | None:
    """The run of what this run has tagged; a tag of that name may have been on another commit."""
    tagged, publish = step.evidence(TagOutput), ctx.config.publish_for(step.repo)
    released = ctx.forge.releases is not None and ctx.config.makes_release(step.repo)
    workflow = read_workflow(step, ctx, tagged.sha)
    builds = tag_only_builds(publish, workflow, tagged.tags, released=released)
    return ctx.forge.runs.find(tagged.tags, tagged.sha, pushed=not builds)


def find_releases(step: Step, ctx: Context) -> Releases | None:
    """Where the tag becomes a Release, asked for or because that starts the workflow.

    None where it becomes none.
    """
    releases = ctx.forge.releases
    if releases is None or ctx.config.makes_release(step.repo):
        return releases
    return releases if find_start(step, ctx) == "release" else None


def find_release(step: Step, releases: Releases) -> str | None:
    """The Release that is there, also one that a person made. Raises PUBLISH_FAILED for a draft."""
    try:
        return releases.find(step.evidence(TagOutput).tags[0])
    except ReleaseError as error:
        if error.code is ErrorCode.PUBLISH_FAILED and error.hint:
            error.hint += f" (or publish it), then omni-release --resume {step.run_id}"
        raise


def make_release(step: Step, ctx: Context, releases: Releases) -> str:
    """The address of the Release, made if it is not there; one that is there stays as it is."""
    tagged = step.evidence(TagOutput)
    found = find_release(step, releases)
    return found or releases.create(
        tagged.tags[0],
        sha=tagged.sha,
        title=f"{step.distribution} {step.new}",
        notes=_write_notes(step, ctx),
        early=Version(step.new).is_prerelease,
        below=_is_below(step, ctx),
    )


def _write_notes(step: Step, ctx: Context) -> str:
    """The changelog's entry, and what reached the base branch after that was written."""
    entry, merged = step.evidence(ChangelogOutput).entry.strip(), step.evidence(MergeOutput)
    on_base = [each for each in merged.late if not each.on_release_branch]
    since = step.evidence(WorktreeOutput).base_sha
    inside = ctx.clone.commits_inside(merged.merge_sha, since) if on_base else ()
    ours = {each.sha for each in inside} - {merged.merge_sha}
    told = [f"- {disarm(each.subject)} ({each.sha[:12]})" for each in on_base if each.sha in ours]
    return "\n".join([entry, "", _LATE, "", *told]).strip() if told else entry


def _is_below(step: Step, ctx: Context) -> bool:
    """True where a higher version has been released, as of another series."""
    formats = by_prefix(ctx.config.tag_formats_to_make(step.repo, step.row.tag_format), step.repo)
    there = (name.removeprefix("refs/tags/") for name in ctx.clone.remote_refs("refs/tags/*"))
    finals = (each.version for each in read_tags(there, formats) if not each.version.is_prerelease)
    return any(version > Version(step.new) for version in finals)
