"""A row of the plan as a pre-release of what it would release, and what is counted from such ones.

The number is the next that no tag has and the manifest does not hold. A pre-release is not the base
of anything: its final release tells of all commits since the last final one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.versions.next_version import (
    find_pre_releases,
    last_version,
    leads_to,
)
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.versions.version import complete_version, find_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.models.commit import Commit
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.version_words import PreKind, Word
    from omninode_release.planning.versions.next_version import PreReleases
    from omninode_release.text.manifests.manifest import Manifest


def hear_pre_releases(
    row: RepoPlan, facts: RepoFacts, manifest: Manifest, config: ReleaseConfig, word: Word | None
) -> RepoPlan:
    """The row with the final release that a pre-release on the base leads to, where it is higher.

    Users of 1.3.0rc1 are not to be offered 1.2.1. A version that was said stays.
    """
    merged = find_pre_releases(facts, manifest, config).merged
    if merged is None or (word is not None and word.version is not None):
        return row
    current, new = (Version(each) for each in row.versions)
    final = Version(complete_version(merged.base_version))
    if final <= new:
        return row
    level = find_level(last_version(facts, config) or current, final)
    declared = {"declared_by": f"the pre-release {merged}"}
    return row.model_copy(update={"new": str(final), "bump": level, **declared})


def make_pre_release(
    row: RepoPlan, facts: RepoFacts, manifest: Manifest, config: ReleaseConfig, kind: PreKind
) -> RepoPlan:
    """The row as the next pre-release of its version; skipped where the base has the last one.

    Raises VERSION_INVALID for one that is not above those there are.
    """
    found, final = find_pre_releases(facts, manifest, config), Version(str(row.new))
    if not row.cascaded_from and _is_made(found, final, facts, config, kind):
        empty = {"new": None, "bump": None, "decided_by": None, "declared_by": None}
        skipped = {"status": PlanStatus.SKIP, "error_code": ErrorCode.NOTHING_TO_RELEASE}
        rest = {"word": None, "forced": False, "pre_release_of": str(final)}
        return row.model_copy(update={**empty, **skipped, **rest})
    new = found.next_of(final, kind)
    same = [each for each in found.made if leads_to(each, final)]
    above = max((*same, *((found.merged,) if found.merged else ())), default=None)
    if above is not None and new <= above:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a pre-release of {facts.repo} above {above}, found {new} by --pre {kind}.",
            hint="pass a later kind (b comes after a, and rc after b), or none for the final"
            " release",
        )
    return row.model_copy(update={"new": str(new), "pre_release_of": str(final)})


def _is_made(
    found: PreReleases, final: Version, facts: RepoFacts, config: ReleaseConfig, kind: PreKind
) -> bool:
    """True where a pre-release of this kind is tagged, and nothing came since."""
    merged = found.merged
    if found.tag is None or merged is None or merged.pre is None or merged.pre[0] != kind:
        return False
    if not leads_to(merged, final):  # a person said another one
        return False
    tagged = facts.tags[found.tag]
    since = _list_commits_since(facts.commits, facts.stand_in.get(tagged, tagged))
    return decide(since, default_bump=config.default_bump).level is None


def _list_commits_since(commits: Sequence[Commit], sha: str) -> list[Commit]:
    """Those that are not in the history of ``sha``, which is one of them."""
    parents = {each.sha: each.parents for each in commits}
    old, waiting = {sha}, [sha]
    while waiting:
        new = [each for each in parents.get(waiting.pop(), ()) if each not in old]
        old.update(new)
        waiting += new
    return [each for each in commits if each.sha not in old]
