"""One row of the plan from the facts of its repository: level and version, or the refusal."""

from __future__ import annotations

from semver import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import RepoFacts
from omninode_release.models.plan import PlanStatus, Reason, RepoPlan
from omninode_release.text.commits import decide
from omninode_release.text.manifest import MANIFEST, read_manifest, require_releasable
from omninode_release.text.versions import bump, find_unknown_format, match_tag


def plan_row(
    repo: str, facts: RepoFacts | None, config: ReleaseConfig, override: Level | None
) -> RepoPlan:
    """The row of ``repo``; ``override`` is the level from --bump. Pins are none of its business."""
    row = RepoPlan(repo=repo, tier=config.graph.tier_of(repo), status=PlanStatus.RELEASE)
    if facts is None:
        return refuse_row(row, _not_found(repo, config))
    if facts.problem is not None:
        return refuse_row(row, facts.problem)
    row = row.model_copy(
        update={
            "base_branch": facts.base_branch,
            "base_sha": facts.base_sha,
            "last_tag": facts.last_tag,
            "commits": len(facts.commits),
        }
    )
    try:
        return _decide_version(row, facts, config, override)
    except ReleaseError as error:
        return refuse_row(row, error)


def refuse_row(row: RepoPlan, error: ReleaseError) -> RepoPlan:
    """The row of a repository that a real run would refuse to release."""
    return row.model_copy(
        update={"status": PlanStatus.ERROR, "error_code": error.code, "error": error.text}
    )


def last_version(facts: RepoFacts, config: ReleaseConfig) -> Version | None:
    """The version of the last release tag."""
    return match_tag(facts.last_tag or "", config.tag_formats, facts.repo)


def _decide_version(
    row: RepoPlan, facts: RepoFacts, config: ReleaseConfig, override: Level | None
) -> RepoPlan:
    if facts.manifest is None:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected {facts.repo}/{MANIFEST} on {facts.base_branch}, found none.",
            hint=f"add one, or take {facts.repo} out of graph.tiers",
        )
    _refuse_unknown_tags(facts, config)
    manifest = read_manifest(facts.manifest, where=f"{facts.repo}/{MANIFEST}")
    tagged = last_version(facts, config)
    current = max(manifest.version, tagged) if tagged else manifest.version
    row = row.model_copy(update={"distribution": manifest.distribution, "current": str(current)})
    decision = decide(facts.commits, default_bump=config.default_bump)
    if decision.level is None:
        return row.model_copy(
            update={"status": PlanStatus.SKIP, "error_code": ErrorCode.NOTHING_TO_RELEASE}
        )
    require_releasable(facts.manifest, where=f"{facts.repo}/{MANIFEST}")
    level = override or decision.level
    as_is = config.ahead == "as_is" and (tagged is None or manifest.version > tagged)
    new = current if as_is else bump(current, level, major_on_zero=config.major_on_zero)
    _refuse_taken(facts, new, config)
    commit = decision.commit
    return row.model_copy(
        update={
            "new": str(new),
            "bump": level,
            "forced": override is not None,
            "decided_by": Reason(sha=commit.sha, subject=commit.subject) if commit else None,
        }
    )


def _refuse_unknown_tags(facts: RepoFacts, config: ReleaseConfig) -> None:
    """Without a tag it knows, a plan would count the whole history of a released package."""
    if facts.last_tag is not None:
        return
    found = find_unknown_format(facts.tags, config.tag_formats, facts.repo)
    if found is not None:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected release tags of {facts.repo} in a form of tag_formats"
            f" ({', '.join(config.tag_formats)}), found {found.tag}: all commits since the first"
            " would count as new.",
            hint=f'add "{found.fmt}" to tag_formats in the release configuration',
        )


def _refuse_taken(facts: RepoFacts, new: Version, config: ReleaseConfig) -> None:
    """A tag of the new version anywhere, contained in the base or not, is taken for good."""
    for tag, sha in sorted(facts.tags.items()):
        if match_tag(tag, config.tag_formats, facts.repo) == new:
            raise ReleaseError(
                ErrorCode.TAG_CONFLICT,
                f"expected version {new} of {facts.repo} to be free, found the tag {tag} on"
                f" {sha[:12]}, which {facts.base_branch} does not contain.",
                hint=f"git -C {facts.path} show --no-patch {sha[:12]} says what it released;"
                f" raise the version in {MANIFEST} above {new} to release the next one",
            )


def _not_found(repo: str, config: ReleaseConfig) -> ReleaseError:
    return ReleaseError(
        ErrorCode.REPO_NOT_FOUND,
        f"expected a clone of {repo} under omni_home, found none.",
        hint=f"clone {config.organization}/{repo} there, or name the repositories to release"
        " without it",
    )
