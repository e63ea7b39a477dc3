"""What WORKTREE to LOCK would refuse is refused in the plan, before the gate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.config_names import say_key
from omninode_release.planning.guards.holders import refuse_stale_versions
from omninode_release.planning.guards.locks import refuse_locks
from omninode_release.planning.rows import refuse_row
from omninode_release.planning.versions.declared import base_reader
from omninode_release.planning.versions.tag_refusals import require_room
from omninode_release.text.changelogs.choice import find_changelog
from omninode_release.text.changelogs.forms import (
    FORMS,
    find_form,
    name_changelog,
    require_known_form,
)
from omninode_release.text.holders.registry import write_held
from omninode_release.text.holders.version_files import guess_init_paths
from omninode_release.text.manifest_edit import find_planned_pins
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.versions.version import is_same, next_development, tag_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.changelogs.announcements import Entry
    from omninode_release.text.requirements.declared import DeclaredRequirement


# A table of Poetry's, and a URL; hatchling puts its own into {root:uri}.
_PATH = re.compile(r"^\{.*\b(?:path|file) ?= ?\"|@ *(?:file:|\{)")


def refuse_by_steps(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> RepoPlan:
    """The row, or the refusal that a step would end with."""
    del rows  # each look at a row is given them
    facts = org.facts.repos[row.repo]
    try:
        if facts.blocking_branch:
            raise _blocked_by_branch(facts)
        if facts.missing_version_files:
            raise _missing_version_files(facts)
        for fmt in org.config.tag_formats_to_make(row.repo, row.tag_format):
            name = tag_name(fmt, row.repo, row.versions[1])
            require_room(name, facts.tags, repo=row.repo, clone=facts.path)
        _refuse_namesake(row, org)
        _refuse_unpublished_pins(row, org)
        _refuse_direct_references(row, org)
        _refuse_unreadable(row, facts, org)
        _refuse_unread_form(row, facts, org)
        refuse_stale_versions(row, facts, org)
        _refuse_development(row, facts, org)
        find_planned_pins(base_reader(facts), row.pins, home=row.repo)
        refuse_locks(row, facts, org)
    except ReleaseError as error:
        return refuse_row(row, error)
    return row


def _blocked_by_branch(facts: RepoFacts) -> ReleaseError:
    name, _, is_on_remote = str(facts.blocking_branch).partition(" on the ")
    rename = typed_git(facts.path, "branch", "-m", name, "release-old")
    if is_on_remote:
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
                hint=f"correct {say_key(org.config, 'publish', pin.repo)} in the release"
                f" configuration, or release {pin.repo} without {row.repo}",
            )


def _refuse_direct_references(row: RepoPlan, org: Organisation) -> None:
    """The public index turns an upload down whose metadata names a URL, and that is after the tag.

    An index of one's own may take it, and it may lead somewhere; a path does so on one machine.
    """
    own = org.config.index_url or org.facts.environment.get("OMNI_RELEASE_INDEX_URL")
    is_public = org.config.index == "pypi" and not own
    if not org.config.publishes(row.repo):
        return
    needs = [each for each in org.manifests[row.repo].requirements if each.is_published]
    pinned = {pin.distribution for pin in row.pins}  # which takes its place, or is refused
    for need in needs:
        is_wrong = need.direct and (is_public or _PATH.search(need.raw) is not None)
        if is_wrong and need.name not in pinned:
            raise _no_such_upload(row, need, org)


def _no_such_upload(row: RepoPlan, need: DeclaredRequirement, org: Organisation) -> ReleaseError:
    sibling = org.siblings.get(need.name)
    where = f"{row.repo}/{need.file}"
    mend = f"require {need.name} from the index in {where} on {row.base_branch}"
    replace = (
        f"; or release {sibling} along, with `sources: replace` and `pins: raise` in the release"
        " configuration"
    )
    why = "the public index takes no package that requires another from elsewhere"
    if _PATH.search(need.raw):
        why = "users have no such path"
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"{where}, {need.table}: expected requirements that the index can have, found"
        f" {need.raw!r}: {why}.",
        hint=f"{mend}{replace if sibling else ''}",
    )


def _refuse_unreadable(row: RepoPlan, facts: RepoFacts, org: Organisation) -> None:
    """BUMP and CHANGELOG would read these files, and could not write them back as they were."""
    if not facts.tree.unreadable:  # as nearly always
        return
    setting = org.config.changelog_for(row.repo)
    changelog = find_changelog(facts.tree.paths, facts.tree.texts, setting)
    by_tag = org.manifests[row.repo].held.by_tag
    modules = () if by_tag else guess_init_paths(facts.manifest or "", row.repo)
    told = {changelog.path} if changelog.is_ours and not row.pre_release_of else set()
    for path in facts.tree.unreadable:
        if path in told or path in modules:
            raise ReleaseError(
                ErrorCode.CHANGELOG_FAILED if path in told else ErrorCode.BUMP_FAILED,
                f"expected {path} of {row.repo} to be UTF-8 text, found other bytes: a release"
                " could not write it back as it is.",
                hint=f"save it as UTF-8 on {facts.base_branch}",
            )


def _refuse_unread_form(row: RepoPlan, facts: RepoFacts, org: Organisation) -> None:
    """Raise CHANGELOG_FAILED for a changelog in which a new entry has no place of its own."""
    tree, setting = facts.tree, org.config.changelog_for(row.repo)
    found = find_changelog(tree.paths, tree.texts, setting)
    if found.kind not in FORMS or row.pre_release_of:
        return
    form, text = find_form(found.kind, found.path), tree.texts.get(found.path, "")
    try:
        require_known_form(form, text, facts.last_tag, str(row.new))
        _refuse_common_changelog(row, form.list_entries(text), org)
    except ReleaseError as error:
        raise name_changelog(error, row.repo, found.path) from None


def _refuse_common_changelog(row: RepoPlan, entries: Sequence[Entry], org: Organisation) -> None:
    """Raise CHANGELOG_FAILED where a release would be told as one of a package beside it.

    By its version alone an entry would be taken for this release's, and the topmost is imitated.
    """
    beside = {each: _list_names(each, org) for each in org.config.list_beside(row.repo)}
    own = beside.pop(row.repo, frozenset())
    telling = [*entries[:1], *(each for each in entries if is_same(each.version, str(row.new)))]
    for other, names in beside.items():
        for entry in telling:
            called = {*map(canonicalize_name, entry.names)}
            if called & names and not called & own:
                raise ReleaseError(
                    ErrorCode.CHANGELOG_FAILED,
                    f"expected entries of {row.repo} alone, found line {entry.line}"
                    f" ({entry.title}), which is of {other}.",
                    hint=f"move the entries of each package into a file in its folder on"
                    f" {row.base_branch}",
                )


def _list_names(repo: str, org: Organisation) -> frozenset[str]:
    return frozenset(map(canonicalize_name, (repo, org.distribution_of(repo))))


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
