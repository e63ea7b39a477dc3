"""Facts and configuration in, a plan out: levels, versions, pins, order and every refusal.

Nothing is read or written here. What a real run would refuse is found now, before the gate: a
version that cannot be bumped, a requirement that cannot be pinned, a sibling outside the run that
would not admit a new version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from packaging.utils import canonicalize_name
from semver import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Commit, Level
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import OrgFacts, RepoFacts
from omninode_release.models.plan import Plan, PlannedPin, PlanStatus, Reason, RepoPlan
from omninode_release.text.commits import Decision, decide
from omninode_release.text.manifest import (
    Declared,
    Manifest,
    find_version,
    read_manifest,
    read_requirements,
)
from omninode_release.text.pins import find_pins
from omninode_release.text.tiers import find_cycle, order_within
from omninode_release.text.versions import bump, match_tag

_MANIFEST = "pyproject.toml"
_VERSION = re.compile(r"\bv?(\d+\.\d+\.\d+)\b")


@dataclass(frozen=True)
class Planner:
    """Plans one organisation from what a scan found."""

    config: ReleaseConfig
    facts: OrgFacts
    bump_override: Level | None = None
    kept: Mapping[str, RepoPlan] = field(default_factory=dict)
    """Rows of an earlier invocation of the same run that stand: finished, begun, or skipped."""

    def plan(self, run_id: str, targets: Iterable[str]) -> Plan:
        """The plan for ``targets``. Raises GRAPH_DRIFT; all else that refuses stands in its row."""
        self.guard_against_drift()
        wanted = set(targets)
        order = [repo for repo in self.order if repo in wanted]
        rows = {repo: self.kept.get(repo) or self._row(repo) for repo in order}
        for refine in (self._pinned, self._rehearsed, self._admitted):
            for repo in order:
                if rows[repo].status is PlanStatus.RELEASE and repo not in self.kept:
                    rows[repo] = refine(rows[repo], rows)
        return Plan(
            run_id=run_id,
            entries=tuple(rows[repo] for repo in order),
            warnings=(*self._warnings(rows), *self.facts.notes),
        )

    def guard_against_drift(self) -> None:
        """Raise GRAPH_DRIFT for a repository that depends on ours and stands in no tier."""
        graph = self.config.graph
        strays = {
            name: sorted(
                {each.name for each in _requirements_of(text, name)} & self.siblings.keys()
            )
            for name, text in self.facts.outsiders.items()
            if name.removesuffix(".git") not in graph.ignore
        }
        strays = {name: needs for name, needs in strays.items() if needs}
        if not strays:
            return
        found = "; ".join(f"{name} requires {', '.join(needs)}" for name, needs in strays.items())
        raise ReleaseError(
            ErrorCode.GRAPH_DRIFT,
            f"expected only the repositories of the tier graph to depend on them"
            f" ({', '.join(graph.repos)}), found {found}.",
            hint="add each to graph.tiers or to graph.ignore in the release configuration",
        )

    # The organisation: names, edges, order.

    @cached_property
    def siblings(self) -> dict[str, str]:
        """Normalised distribution name to repository, for every repository of the graph."""
        return {self._distribution(repo): repo for repo in self.config.graph.repos}

    def _distribution(self, repo: str) -> str:
        manifest = self._manifests.get(repo)
        return canonicalize_name(manifest.distribution if manifest else repo)

    @cached_property
    def _manifests(self) -> dict[str, Manifest]:
        """Manifests of the repositories whose manifest can be read; the row says what is wrong."""
        found = {}
        for repo, facts in self.facts.repos.items():
            try:
                found[repo] = read_manifest(facts.manifest or "", where=_where(facts))
            except ReleaseError:
                continue
        return found

    @cached_property
    def _requirements(self) -> dict[str, tuple[Declared, ...]]:
        """Requirements on siblings, also of a repository whose version cannot be read."""
        found = {}
        for repo, facts in self.facts.repos.items():
            manifest = self._manifests.get(repo)
            declared = manifest.requirements if manifest else _requirements_of(facts.manifest, repo)
            found[repo] = tuple(each for each in declared if each.name in self.siblings)
        return found

    def _needs(self, repo: str, *, runtime_only: bool = False) -> frozenset[str]:
        return frozenset(
            self.siblings[each.name]
            for each in self._requirements.get(repo, ())
            if each.runtime or not runtime_only
        ) - {repo}

    @cached_property
    def order(self) -> list[str]:
        """Tier by tier; inside a tier as the manifests depend on each other, then as listed."""
        order: list[str] = []
        for tier in self.config.graph.tiers:
            every = {repo: self._needs(repo) & tier.keys() for repo in tier}
            if find_cycle(every):  # development dependencies may be circular, and never decide
                every = {r: self._needs(r, runtime_only=True) & tier.keys() for r in tier}
            order += order_within(list(tier), every)
        return order

    # One row.

    def _row(self, repo: str) -> RepoPlan:
        row = RepoPlan(repo=repo, tier=self.config.graph.tier_of(repo), status=PlanStatus.RELEASE)
        facts = self.facts.repos.get(repo)
        if facts is None:
            return _refused(
                row,
                ReleaseError(
                    ErrorCode.REPO_NOT_FOUND,
                    f"expected a clone of {repo} under omni_home, found none.",
                    hint=f"clone {self.config.organization}/{repo} there, or name the repositories"
                    " to release without it",
                ),
            )
        if facts.problem is not None:
            return _refused(row, facts.problem)
        row = row.model_copy(
            update={
                "base_branch": facts.base_branch,
                "base_sha": facts.base_sha,
                "last_tag": facts.last_tag,
                "commits": len(facts.commits),
            }
        )
        try:
            return self._versioned(row, facts)
        except ReleaseError as error:
            return _refused(row, error)

    def _versioned(self, row: RepoPlan, facts: RepoFacts) -> RepoPlan:
        if facts.manifest is None:
            raise ReleaseError(
                ErrorCode.SCAN_FAILED,
                f"expected {_where(facts)} on {facts.base_branch}, found none.",
                hint=f"add one, or take {facts.repo} out of graph.tiers",
            )
        manifest = read_manifest(facts.manifest, where=_where(facts))
        tagged = self._tagged(facts)
        current = max(manifest.version, tagged) if tagged else manifest.version
        decision = decide(facts.commits, default_bump=self.config.default_bump)
        row = row.model_copy(
            update={
                "distribution": manifest.distribution,
                "current": str(current),
            }
        )
        if decision.level is None:
            return row.model_copy(
                update={
                    "status": PlanStatus.SKIP,
                    "error_code": ErrorCode.NOTHING_TO_RELEASE,
                }
            )
        new = self._next(manifest.version, tagged, self.bump_override or decision.level)
        self._refuse_taken(facts, new)
        return row.model_copy(
            update={
                "new": str(new),
                "bump": self.bump_override or decision.level,
                "forced": self.bump_override is not None,
                "decided_by": _reason(decision),
            }
        )

    def _tagged(self, facts: RepoFacts) -> Version | None:
        return match_tag(facts.last_tag or "", self.config.tag_formats, facts.repo)

    def _next(self, declared: Version, tagged: Version | None, level: Level) -> Version:
        ahead = tagged is None or declared > tagged
        if ahead and self.config.ahead == "as_is":
            return declared
        current = declared if tagged is None else max(declared, tagged)
        return bump(current, level, major_on_zero=self.config.major_on_zero)

    def _refuse_taken(self, facts: RepoFacts, new: Version) -> None:
        """A tag of the new version anywhere, contained in the base or not, is taken for good."""
        for tag, sha in sorted(facts.tags.items()):
            if match_tag(tag, self.config.tag_formats, facts.repo) == new:
                raise ReleaseError(
                    ErrorCode.TAG_CONFLICT,
                    f"expected version {new} of {facts.repo} to be free, found the tag {tag} on"
                    f" {sha[:12]}, which {facts.base_branch} does not contain.",
                    hint=f"raise the version in pyproject.toml above {new}, or delete {tag} by hand"
                    " if it is stale",
                )

    # Refinements that look at other rows.

    def _pinned(self, row: RepoPlan, rows: Mapping[str, RepoPlan]) -> RepoPlan:
        """Pins on every sibling this run releases before this repository."""
        before = self.order[: self.order.index(row.repo)]
        needed = self._needs(row.repo)
        pins = [
            PlannedPin(
                repo=repo, distribution=self._distribution(repo), version=rows[repo].versions[1]
            )
            for repo in before
            if repo in needed and repo in rows and _releases(rows[repo])
        ]
        return row.model_copy(update={"pins": tuple(pins)})

    def _rehearsed(self, row: RepoPlan, rows: Mapping[str, RepoPlan]) -> RepoPlan:
        """The row, or the refusal that BUMP, PIN or WORKTREE would end with."""
        del rows
        facts = self.facts.repos[row.repo]
        text, where = facts.manifest or "", _where(facts)
        try:
            if facts.blocking_branch:
                raise _blocked_by_branch(facts)
            if facts.missing_version_files:
                raise _missing_version_files(facts)
            find_version(text, where=where)
            find_pins(text, {p.distribution: p.version for p in row.pins}, where=where)
        except ReleaseError as error:
            return _refused(row, error)
        return row

    def _admitted(self, row: RepoPlan, rows: Mapping[str, RepoPlan]) -> RepoPlan:
        """The row, or PIN_CONFLICT when a sibling outside the run forbids a version it pins.

        Exact pins bind siblings together: what this row pins, and what those pin in turn, is what
        its lock will hold.
        """
        versions = self._closure(row, rows)
        for outsider in self._outside(row, rows):
            facts = self.facts.repos[outsider]
            where = f"{outsider} {facts.last_tag or ''}".strip()
            for need in _requirements_of(facts.published or facts.manifest, where):
                version = versions.get(need.name)
                if need.runtime and version is not None and not _admits(need, version):
                    return _refused(
                        row,
                        ReleaseError(
                            ErrorCode.PIN_CONFLICT,
                            f"{row.repo} will require {need.name}=={version} and {outsider}, whose"
                            f" release ({where}) requires {need.raw!r}, is not in this run.",
                            hint=f"add {outsider} to the run",
                        ),
                    )
        return row

    def _closure(self, row: RepoPlan, rows: Mapping[str, RepoPlan]) -> dict[str, str]:
        """Every version of this run that the row's lock will hold, by normalised distribution."""
        versions: dict[str, str] = {}
        waiting = list(row.pins)
        while waiting:
            each = waiting.pop()
            if each.distribution not in versions:
                versions[each.distribution] = each.version
                waiting += rows[each.repo].pins
        return versions

    def _outside(self, row: RepoPlan, rows: Mapping[str, RepoPlan]) -> list[str]:
        """Siblings the row needs, directly or through others, that this run does not release."""
        found: dict[str, None] = {}
        waiting = sorted(self._needs(row.repo))
        while waiting:
            repo = waiting.pop(0)
            inside = repo in rows and _releases(rows[repo])
            if repo in found or inside or repo not in self.facts.repos:
                continue
            found[repo] = None
            waiting += sorted(self._needs(repo, runtime_only=True))
        return list(found)

    # Warnings.

    def _warnings(self, rows: Mapping[str, RepoPlan]) -> Iterator[str]:
        for repo, row in rows.items():
            facts = self.facts.repos.get(repo)
            if facts is not None and facts.problem is None and repo not in self.kept:
                yield from self._version_warnings(row, facts)
                yield from self._tier_warnings(row, facts)
        for repo in self.config.graph.repos:
            if repo not in self.facts.repos and repo not in rows:
                yield f"{repo}: not found under omni_home; it is not part of this run"

    def _version_warnings(self, row: RepoPlan, facts: RepoFacts) -> Iterator[str]:
        declared, tagged = self._manifests.get(row.repo), self._tagged(facts)
        if declared and tagged and declared.version != tagged:
            where = "ahead of" if declared.version > tagged else "below"
            yield (
                f"{row.repo}: pyproject.toml says {declared.version}, {where} the tag"
                f" {facts.last_tag}"
            )
        for commit in facts.commits:
            unfinished = self._unfinished(commit, facts, tagged)
            if unfinished:
                yield unfinished
        meant = decide(facts.commits, default_bump=self.config.default_bump)
        if row.forced and row.bump and meant.level and meant.level.rank > row.bump.rank:
            what = f"{meant.commit.sha[:12]} {meant.commit.subject}" if meant.commit else ""
            yield f"{row.repo}: --bump {row.bump}, but its commits say {meant.level}: {what}"
        if row.new == "1.0.0" and row.current and row.current.startswith("0."):
            cause = f", decided by {row.decided_by.subject!r}" if row.decided_by else ""
            yield f"{row.repo}: this release leaves 0.x: {row.current} → 1.0.0{cause}"

    def _unfinished(self, commit: Commit, facts: RepoFacts, tagged: Version | None) -> str | None:
        found = _VERSION.search(commit.subject)
        is_release = commit.subject.lower().startswith(
            ("release", "chore(release", "chore: release")
        )
        if not found or not is_release:
            return None
        version = Version.parse(found[1])
        made = {match_tag(tag, self.config.tag_formats, facts.repo) for tag in facts.tags}
        if version in made or (tagged is not None and version <= tagged):
            return None
        return (
            f"UNFINISHED_RELEASE {facts.repo}: {commit.sha[:12]} ({commit.subject}) released"
            f" {version}, which has no tag; resume the run it belongs to"
        )

    def _tier_warnings(self, row: RepoPlan, facts: RepoFacts) -> Iterator[str]:
        for need in self._requirements.get(row.repo, ()):
            sibling = self.siblings[need.name]
            later = self.config.graph.tier_of(sibling)
            if later > row.tier:
                yield (
                    f"{row.repo} (tier {row.tier}) requires {need.raw!r} ({_where(facts)},"
                    f" {need.table}), which {sibling} of tier {later} releases: it keeps its"
                    " specifier"
                )


def _releases(row: RepoPlan) -> bool:
    return row.status in {PlanStatus.RELEASE, PlanStatus.DONE}


def _refused(row: RepoPlan, error: ReleaseError) -> RepoPlan:
    return row.model_copy(
        update={"status": PlanStatus.ERROR, "error_code": error.code, "error": error.text}
    )


def _reason(decision: Decision) -> Reason | None:
    commit = decision.commit
    return Reason(sha=commit.sha, subject=commit.subject) if commit else None


def _where(facts: RepoFacts) -> str:
    return f"{facts.repo}/{_MANIFEST}"


def _requirements_of(text: str | None, where: str) -> tuple[Declared, ...]:
    try:
        return read_requirements(text or "", where=where)
    except ReleaseError:
        return ()


def _admits(need: Declared, version: str) -> bool:
    """Whether a published requirement allows a version; one that cannot be read forbids nothing."""
    requirement = need.requirement
    return requirement is None or requirement.specifier.contains(version, prereleases=True)


def _blocked_by_branch(facts: RepoFacts) -> ReleaseError:
    here = f"git -C {facts.path}"
    rename = f"{here} branch -m release release-old"
    if facts.blocking_branch != "release":
        rename = (
            f"{here} fetch origin release && {here} push origin"
            " FETCH_HEAD:refs/heads/release-old :refs/heads/release"
        )
    return ReleaseError(
        ErrorCode.WORKTREE_CONFLICT,
        f"{facts.path} has a branch named {facts.blocking_branch}: git has no room for a branch"
        " release/<run_id>/<repo> beside it.",
        hint=f"rename it: {rename}",
    )


def _missing_version_files(facts: RepoFacts) -> ReleaseError:
    return ReleaseError(
        ErrorCode.BUMP_FAILED,
        f"version_files of {facts.repo} names {', '.join(facts.missing_version_files)},"
        f" which {facts.base_branch} does not have.",
        hint=f"correct version_files.{facts.repo} in the release configuration",
    )
