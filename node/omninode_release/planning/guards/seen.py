"""What looks like release data and has no part in the plan."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from omninode_release.models.config_names import say_key
from omninode_release.models.plan import PlanStatus
from omninode_release.models.seen import SeenKind, make_seen
from omninode_release.planning.guards.changelogs import (
    find_announcements_left,
    find_fragments_left,
    find_unwritten_changelogs,
)
from omninode_release.planning.guards.holders import find_stale_versions
from omninode_release.planning.guards.locks import find_locks_left_around, find_unwritten_locks
from omninode_release.planning.guards.programs import find_hooks_left, find_variables
from omninode_release.planning.versions.next_version import last_version, read_formats
from omninode_release.planning.versions.tag_refusals import find_unused_tags, list_odd_tags
from omninode_release.text.changelogs.choice import find_all_changelogs
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.commits.near_marks import find_near_marks
from omninode_release.text.locks.requirements_files import find_requirements_files
from omninode_release.text.manifests.inner_packages import find_inner_packages
from omninode_release.text.versions.tag_formats import find_marked_tags, find_pre_release_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.seen import Seen
    from omninode_release.planning.organisation import Organisation

_WORDS = 72  # a paragraph can be one line


def find_seen(
    rows: Mapping[str, RepoPlan], org: Organisation, *, kept: Mapping[str, RepoPlan]
) -> Iterator[Seen]:
    """What every row that is planned now leaves out; a row that is kept was shown before."""
    for repo, row in rows.items():
        facts = org.facts.repos.get(repo)
        if facts is None or facts.problem is not None or repo in kept:
            continue
        yield from _find_tags(row, facts, org)
        yield from find_marks(row, facts, org)
        yield from _find_elsewhere(facts, org)
        if row.new is not None:
            yield from _find_packages_inside(facts, org)
            yield from _find_unreadable(facts)
            yield from find_stale_versions(row, facts, org)
            yield from find_unwritten_locks(row, facts, org)
            yield from find_locks_left_around(row, rows, facts, org)
            yield from find_unwritten_changelogs(row, facts, org)
            yield from find_announcements_left(row, facts, org)
            yield from find_fragments_left(row, facts, org)
            yield from find_hooks_left(row, facts, org)
            yield from find_variables(row, facts, org)


def _find_tags(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Tags that look like releases, each with those like it."""
    if facts.foreign_tags:
        why = "tagged on a commit of another package or project"
        yield _describe_tags(facts.repo, facts.foreign_tags, why)
    if facts.beyond_tags:
        why = f"it comes after all that {facts.base_branch}, of base_branches, is for"
        yield _describe_tags(facts.repo, facts.beyond_tags, why)
    for tag in find_unused_tags(facts, org.config):
        key = say_key(org.config, "tag_formats", facts.repo)
        why = f"{key} of the release configuration has no {tag.fmt}"
        yield _describe_tags(facts.repo, (tag.name,), why)
    yield from _find_odd_tags(row, facts, org)


def _find_odd_tags(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Tags in a format of releases whose version is that of none, of each kind the highest."""
    formats, last = read_formats(facts, org.config), last_version(facts, org.config)
    for odd in list_odd_tags(facts, org.config)[:1]:
        yield _describe_tags(facts.repo, (odd.name,), "its version is not three plain numbers")
    for odd in find_marked_tags(facts.tags, formats)[:1]:
        if last is None or odd.version > last:
            why = "the word behind its numbers makes it no version: it is no release"
            yield _describe_tags(facts.repo, (odd.name,), why)
    for each in find_pre_release_tags(facts.tags, formats)[:1]:
        if (last is None or each.version > last) and not row.pre_release_of:
            next_one = f"; --pre {each.version.pre[0]} makes the next" if each.version.pre else ""
            yield _describe_tags(facts.repo, (each.name,), f"a pre-release is no release{next_one}")


def _find_unreadable(facts: RepoFacts) -> Iterator[Seen]:
    """Files that may hold a version, a pin or an entry, and cannot be read."""
    tree = facts.tree
    if not tree.unreadable:  # as nearly always
        return
    kinds = dict.fromkeys(find_all_changelogs(tree.paths), SeenKind.CHANGELOG)
    kinds |= dict.fromkeys(find_requirements_files(tree.paths), SeenKind.LOCK)
    why = "it is no UTF-8 text: nothing is read from it"
    for path in tree.unreadable:
        yield make_seen(facts.repo, kinds.get(path, SeenKind.VERSION), path, why)


def _find_elsewhere(facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Commits that are released with no package of the repository."""
    beside = org.config.list_beside(facts.repo) if facts.elsewhere else ()
    found = [org.facts.repos[each] for each in beside if each in org.facts.repos]
    counted = {commit.sha for each in found for commit in each.commits}
    elsewhere = [each for each in facts.elsewhere if each.sha not in counted]
    if elsewhere:
        newest, number = elsewhere[0], len(elsewhere)
        more = f" and {number - 1} more" if number > 1 else ""
        folders = ", ".join(org.config.place_of(each).folder or "." for each in beside)
        what = f"{newest.sha[:12]} {shorten(newest.subject, _WORDS)!r}{more}"
        why = f"nothing in {folders} is changed by it: it counts for no package"
        yield make_seen(facts.repo, SeenKind.COMMIT, what, why)


def _find_packages_inside(facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Packages in its folders that are none of the plan: what changes them is released as its."""
    inside = find_inner_packages(facts.tree.paths, facts.tree.texts)
    for folder, name in [*inside.items()][:1]:
        more = f" and {len(inside) - 1} more" if len(inside) > 1 else ""
        clone, place = org.config.clone_of(facts.repo), org.config.place_of(facts.repo)
        own = f"{facts.repo}: {{}}, " if facts.repo not in org.config.packages else ""
        setting = f"{{{own}{name}: {{repository: {clone}, path: {place.outer(folder)}}}}}"
        yield make_seen(
            facts.repo,
            SeenKind.PACKAGE,
            f"{name} in {place.outer(folder)}{more}",
            f"what changes there is released as {facts.repo}; packages: {setting} parts them",
        )


def _describe_tags(repo: str, names: Sequence[str], why: str) -> Seen:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return make_seen(repo, SeenKind.TAG, f"{names[0]}{more}", why)


def find_marks(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Words that look like a level above that of the row."""
    marked = {each.sha: marks for each in facts.commits if (marks := [*find_near_marks(each)])}
    if not marked or row.status is PlanStatus.ERROR:
        return
    for each in decide(facts.commits, default_bump=org.config.default_bump).counted:
        for mark in () if each.breaking else marked.get(each.commit.sha, ()):
            if row.bump is None or mark.level.rank > row.bump.rank:
                what = f"{each.commit.sha[:12]} {shorten(mark.words, _WORDS)!r} looks {mark.level}"
                why = f"{mark.why}; --bump {row.repo}={mark.level} releases it as such"
                yield make_seen(row.repo, SeenKind.MARK, what, why)
