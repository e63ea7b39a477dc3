"""What GitHub says before a release of what surrounds it: labels, and the Release of the tag."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from omninode_release.adapters.github.doubt import doubt
from omninode_release.adapters.github.response import GitHubError
from omninode_release.adapters.github.rest_answers import Label
from omninode_release.adapters.github.rules import warn_of_immutability
from omninode_release.errors import ErrorCode, ReleaseError, ToolMissing, typed
from omninode_release.models.check import Check, ask
from omninode_release.text.workflows.starts import choose_start
from omninode_release.text.workflows.workflow import list_release_actions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.github.forge import GitHubForge
    from omninode_release.adapters.ports import PlannedRelease


def surrounding_checks(
    forge: GitHubForge, release: PlannedRelease, workflow: str, *, labels: Sequence[str]
) -> Iterator[Check]:
    """Nothing is asked of what the configuration does not want."""
    repo, publish = release.row.repo, forge.publish
    if labels and not release.merged:
        yield ask(repo, "labels", lambda: _find_labels(forge, labels))
    start = choose_start(publish, workflow, release.tags, released=release.makes_release)
    if release.makes_release or start == "release":
        yield ask(repo, "release", lambda: _is_free(forge, release.tags[0]))
        yield from warn_of_immutability(forge, repo)
    if (
        start != "release"
        and release.makes_release
        and list_release_actions(workflow, release.tags[0])
    ):
        yield Check(
            repo, "release", "warning",
            f"{forge.workflow} listens to the GitHub Release, too, which github_release makes: it"
            " runs a second time unless its jobs look at the event",
        )  # fmt: skip


def _find_labels(forge: GitHubForge, labels: Sequence[str]) -> str:
    path, find = forge.api.slug.path, forge.api.find
    try:
        missing = [each for each in labels if not find(f"labels/{quote(each, safe='')}", Label)]
    except (GitHubError, ToolMissing) as error:
        raise doubt(
            error, ErrorCode.PR_FAILED, f"the labels of {path} could not be asked for"
        ) from error
    if missing:
        create = typed(("gh", "label", "create", missing[0], "--repo", forge.api.slug.typed))
        raise ReleaseError(
            ErrorCode.PR_FAILED,
            f"expected {path} to have the labels that pull_request.labels names, found none named"
            f" {', '.join(map(repr, missing))}.",
            hint=f"{create}, or correct pull_request.labels",
        )
    return ", ".join(labels)


def _is_free(forge: GitHubForge, tag: str) -> str:
    try:
        forge.releases.require_no_draft(tag)
    except (GitHubError, ToolMissing) as error:
        raise doubt(error, ErrorCode.PUBLISH_FAILED, "GitHub did not list its Releases") from error
    return f"{tag} becomes a GitHub Release"
