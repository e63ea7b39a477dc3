"""Whether the publish workflow would start for a release on GitHub, and upload then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.github.doubt import doubt
from omninode_release.adapters.github.remedies import view_workflow
from omninode_release.adapters.github.response import GitHubError
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.check import CannotTell, Check
from omninode_release.text.forge_text import find_skipping
from omninode_release.text.workflows.dispatch_inputs import find_inputs
from omninode_release.text.workflows.early_uploads import find_early_upload
from omninode_release.text.workflows.event_facts import describe_dispatch
from omninode_release.text.workflows.own_tags import find_own_tag
from omninode_release.text.workflows.starts import (
    choose_start,
    choose_tags,
    find_unpushed_tag,
    uploads_by_dispatch,
    uploads_by_release,
    uploads_by_tag,
)
from omninode_release.text.workflows.workflow import (
    dispatch_trouble,
    is_started_by,
    list_awaited,
    list_inputs,
    list_release_actions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omninode_release.adapters.github.forge import GitHubForge
    from omninode_release.adapters.ports import PlannedRelease
    from omninode_release.models.publish import Publish


def list_made_tags(forge: GitHubForge, text: str, release: PlannedRelease) -> tuple[str, ...]:
    """Those of the tags that a release makes; the last is the one that its workflow runs at."""
    return choose_tags(
        forge.publish,
        text,
        release.tags,
        starts=lambda tag: forge.is_started_by(tag, text),
        released=release.makes_release,
        runs_elsewhere=forge.runs_elsewhere,
    )


def require_start(forge: GitHubForge, text: str | None, release: PlannedRelease) -> str:
    """What starts the workflow, whose text is ``text``. Raises PUBLISH_FAILED where nothing would.

    Raises CannotTell where it would start and no job that uploads is for that.
    """
    tags, publish, name = release.tags, forge.publish, forge.workflow
    text = _require_enabled(forge, text)
    start = choose_start(publish, text, tags, released=release.makes_release)
    if start == "release":
        return _starts_by_release(forge, text, tags[0])
    by_tag = publish.trigger != "dispatch" and start != "dispatch"
    made = list_made_tags(forge, text, release)
    started = [tag for tag in made if by_tag and is_started_by(text, tag)]
    skipping = find_skipping(release.subject or "")
    if skipping:
        started = []
    if not started:
        _require_dispatch(forge, text, release, skipping)
        _doubt_tag_of_dispatch(forge, text, tags)
    by = f"starts by {started[0]}" if started else "is dispatched"
    if started:
        uploads = any(uploads_by_tag(text, tag) for tag in started)
    else:
        uploads = uploads_by_dispatch(publish, text, tags[0])
    if not uploads:
        raise _doubt_upload(name, by)
    return f"{name} {by}"


def _doubt_upload(name: str, by: str) -> CannotTell:
    return CannotTell(
        f"{name} {by}, and each job of it that uploads says under `if` that it is for something"
        " else, or uploads to try things out: the version may never come"
    )


def _require_dispatch(
    forge: GitHubForge, text: str, release: PlannedRelease, skipping: str | None
) -> None:
    publish, name = forge.publish, forge.workflow
    trouble = dispatch_trouble(text, list_inputs(publish))
    if not trouble:
        return
    if skipping:
        trouble = f"commit_subject has {skipping}, by which a tag starts nothing, and {trouble}"
    by_tag = publish.trigger != "dispatch"
    no_tag = f"the tag {' or '.join(release.tags)} or by " if by_tag else ""
    raise ReleaseError(
        ErrorCode.PUBLISH_FAILED,
        f"expected {name} of {forge.api.slug.path} to be started by {no_tag}a dispatch with the"
        f" input {', '.join(list_inputs(publish)) or 'that it needs'}, found"
        f" {'neither: ' if by_tag else 'that '}{trouble}.",
        hint=_advise(name, publish, text),
    )


def _advise(name: str, publish: Publish, text: str) -> str:
    """What makes a dispatch one that the workflow takes."""
    if publish.inputs is not None:
        key = "publish.inputs in the release configuration"
        return f"correct {key}, or what {name} takes under `workflow_dispatch`"
    add = f"add `workflow_dispatch: {{inputs: {{tag: {{required: true}}}}}}` under `on:` of {name}"
    return f"{_advise_otherwise(text)}{add}"


def _doubt_tag_of_dispatch(forge: GitHubForge, text: str, tags: Sequence[str]) -> None:
    named, name = find_unpushed_tag(forge.publish, text, tags), forge.workflow
    if named is not None:
        raise CannotTell(
            f"{name} is dispatched with the tag {named}, which no run makes, for its push would"
            f" start {name}, too: a job that checks it out fails; publish.inputs can name {{tag}}"
        )


def _advise_otherwise(text: str) -> str:
    """What the configuration can say, so that the workflow may stay as it is."""
    awaited, inputs = list_awaited(text), find_inputs(text)
    if awaited:
        named = " or ".join(map(repr, awaited))
        return f"name the file of {named}, at whose end it starts, as publish.workflow, or "
    if inputs is None:
        return ""
    said = ", ".join(f'{name}: "{value}"' for name, value in inputs.items())
    return f"write publish.inputs: {{{said}}} in the release configuration, or "


def _require_enabled(forge: GitHubForge, text: str | None) -> str:
    """The workflow's text. Raises PUBLISH_FAILED where there is none, or GitHub does not run it."""
    name, path = forge.workflow, forge.api.slug.path
    try:
        state = forge.runs.find_state()
    except GitHubError as error:
        raise doubt(
            error, ErrorCode.PUBLISH_FAILED, f"GitHub did not tell the state of {name}"
        ) from error
    if state == "missing" or text is None:
        hint, seen = "add it, or correct publish.workflow in the release configuration", ""
        if text is not None:  # it is there: the base branch has it
            hint, seen = view_workflow(name, forge.api.slug), " that this login can see"
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected {forge.workflow_path} on the default branch of {path}, found none{seen}.",
            hint=hint,
        )
    if state == "disabled":
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the workflow {name} of {path} to be enabled, found it disabled.",
            hint=typed(("gh", "workflow", "enable", name, "--repo", forge.api.slug.typed)),
        )
    return text


def _starts_by_release(forge: GitHubForge, text: str, tag: str) -> str:
    if not list_release_actions(text, tag):
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected {forge.workflow} of {forge.api.slug.path} to be started by the GitHub"
            f" Release of {tag}, found that it does not listen to that.",
            hint=f"add `release: {{types: [published]}}` under `on:` of {forge.workflow}, or"
            " correct publish.trigger in the release configuration",
        )
    by = "starts by the GitHub Release"
    if not uploads_by_release(text, tag):
        raise _doubt_upload(forge.workflow, by)
    return f"{forge.workflow} {by}"


def own_tag_checks(forge: GitHubForge, text: str, release: PlannedRelease) -> Iterator[Check]:
    """Whether a workflow that is dispatched makes the tag, which TAG has pushed by then."""
    tags, name = release.tags, forge.workflow
    start = choose_start(forge.publish, text, tags, released=release.makes_release)
    if start != "dispatch" or any(is_started_by(text, tag) for tag in tags):
        return
    job = find_own_tag(text, describe_dispatch(forge.publish, text, tags[0]))
    if job is not None:
        told = f"the job {job} of {name} makes a tag, and this release has pushed {tags[0]} by then"
        hint = f"let that step of {name} pass where the tag is there, or nothing after it is done"
        yield Check(release.row.repo, "own tag", "warning", told, hint)


def early_checks(
    forge: GitHubForge, release: PlannedRelease, workflows: Mapping[str, str]
) -> Iterator[Check]:
    """Workflows, by path and text, that may upload the version before it is tagged."""
    row = release.row
    branch, base = f"release/{release.own_run or 'RUN'}/{row.clone}", row.base_branch or ""
    if find_skipping(release.subject or ""):  # then neither the push nor the merge starts one
        return
    for path, text in workflows.items():
        found = find_early_upload(text, branch=branch, base=base, repository=forge.api.slug.path)
        if found is not None and not (found.is_merged and forge.publish.trigger == "none"):
            told = f"{found.by} starts {path}, which may upload {row.repo} before it is tagged"
            hint = f"let the job of {path} that uploads say `if: github.ref_type == 'tag'`"
            if found.is_merged:
                hint += "; where the merge is to publish it, publish.trigger: none says so"
            yield Check(row.repo, "early", "warning", told, hint)
