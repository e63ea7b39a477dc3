"""What WORKTREE, BUMP, PIN and LOCK would refuse is refused in the plan, before the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.planning.holders import refuse_stale_versions
from omninode_release.planning.locks import refuse_locks
from omninode_release.planning.rows import refuse_row
from omninode_release.text.holders.registry import write_held
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.manifest_edit import find_planned_pins
from omninode_release.text.versions import next_development

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation


def refuse_by_steps(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row, or the refusal that WORKTREE, BUMP, PIN or LOCK would end with."""
    facts = org.facts.repos[row.repo]
    text, where = facts.manifest or "", f"{row.repo}/{MANIFEST}"
    try:
        if facts.blocking_branch:
            raise _blocked_by_branch(facts)
        if facts.missing_version_files:
            raise _missing_version_files(facts)
        _refuse_namesake(row, org)
        _refuse_unpublished_pins(row, org)
        refuse_stale_versions(row, facts, org)
        _refuse_development(row, facts, org)
        find_planned_pins(text, row.pins, where=where)
        refuse_locks(row, facts, rows, org)
    except ReleaseError as error:
        return refuse_row(row, error)
    return row


def _blocked_by_branch(facts: RepoFacts) -> ReleaseError:
    rename = typed_git(facts.path, "branch", "-m", "release", "release-old")
    if facts.blocking_branch != "release":
        moved = ("FETCH_HEAD:refs/heads/release-old", ":refs/heads/release")
        fetch = typed_git(facts.path, "fetch", "origin", "release")
        rename = f"{fetch} && {typed_git(facts.path, 'push', 'origin', *moved)}"
    return ReleaseError(
        ErrorCode.WORKTREE_CONFLICT,
        f"{facts.path} has a branch named {facts.blocking_branch}: git has no room for a branch"
        " release/<run_id>/<repo> beside it.",
        hint=f"rename it: {rename}",
    )


def _refuse_namesake(row: RepoPlan, org: Organisation) -> None:
    """The index would get this package under the name, and the versions, of another."""
    other = org.find_namesake(row.repo)
    if other is not None:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected {row.repo}/{MANIFEST} to name a package of its own, found"
            f" {row.distribution}, which {other}/{MANIFEST} names, too.",
            hint=f"correct project.name on the base branch, or take {row.repo} out of the graph"
            " in the release configuration",
        )


def _refuse_unpublished_pins(row: RepoPlan, org: Organisation) -> None:
    """LOCK would look for a version that nothing publishes."""
    for pin in row.pins:
        if not org.config.publishes(pin.repo):
            raise ReleaseError(
                ErrorCode.LOCK_FAILED,
                f"expected {pin.distribution} {pin.version} to be published before {row.repo} pins"
                f" it, found publish.trigger: none for {pin.repo}.",
                hint=f"correct publish_of.{pin.repo} in the release configuration, or release"
                f" {pin.repo} without {row.repo}",
            )


def _refuse_development(row: RepoPlan, facts: RepoFacts, org: Organisation) -> None:
    """Raise BUMP_FAILED where the next version in development could not be written after it."""
    held = org.manifests[row.repo].held
    if org.config.after_release == "dev" and not held.by_tag and not row.pre_release_of:
        text = facts.beside.get(held.path, facts.manifest or "")
        write_held(held, text, next_development(row.versions[1]), where=held.path)


def _missing_version_files(facts: RepoFacts) -> ReleaseError:
    return ReleaseError(
        ErrorCode.BUMP_FAILED,
        f"version_files of {facts.repo} names {', '.join(facts.missing_version_files)},"
        f" which {facts.base_branch} does not have.",
        hint=f"correct version_files.{facts.repo} in the release configuration",
    )
