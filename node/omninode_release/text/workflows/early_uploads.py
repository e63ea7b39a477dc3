"""What a workflow uploads before the version is tagged: by its branch, pull request or merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.text.workflows.event_facts import describe_branch_push, describe_pull
from omninode_release.text.workflows.upload_steps import list_direct
from omninode_release.text.workflows.workflow import (
    is_started_by_branch,
    list_pull_actions,
    read_events,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.text.workflows.conditions import Facts


class EarlyUpload(NamedTuple):
    """An upload that a step of the release starts before TAG."""

    by: str
    """What starts it, in words."""
    is_merged: bool
    """It comes with the merge, and not before."""
    is_sure: bool
    """False where its conditions take more than is known."""


def find_early_upload(
    workflow: str, *, branch: str, base: str, repository: str
) -> EarlyUpload | None:
    """The first of them that is sure, else the first that a push may start.

    ``branch`` is that of the release; what names an index of its own is another upload. What is
    not sure of a pull request that is open is no news: its checks run through such jobs each time.
    """
    uploads = [each for each in list_direct(workflow) if not each.names_index]
    found: list[EarlyUpload] = []
    owner = repository.partition("/")[0]
    for by, is_merged, event in _list_events(workflow, branch, base) if uploads else ():
        facts = {**event, "github.repository": repository, "github.repository_owner": owner}
        if any(each.may_run(facts) for each in uploads):
            is_sure = any(each.has_to_run(facts) for each in uploads)
            if is_sure or event["github.event_name"] != "pull_request" or is_merged:
                found.append(EarlyUpload(by, is_merged, is_sure))
    return next((each for each in found if each.is_sure), next(iter(found), None))


def _list_events(workflow: str, branch: str, base: str) -> Iterator[tuple[str, bool, Facts]]:
    by_branch = f"the push of {branch}"
    if is_started_by_branch(workflow, branch):
        yield by_branch, False, describe_branch_push(workflow, branch)
    if "create" in read_events(workflow):
        made = {"github.event_name": "create", "github.event.ref": branch}
        yield by_branch, False, {**describe_branch_push(workflow, branch), **made}
    for action in list_pull_actions(workflow, base):
        is_merged = action == "closed"
        by = f"the {'merge' if is_merged else 'pull request'} of {branch}"
        yield by, is_merged, describe_pull(workflow, action, head=branch, base=base)
    if is_started_by_branch(workflow, base):
        yield f"the merge into {base}", True, describe_branch_push(workflow, base)
