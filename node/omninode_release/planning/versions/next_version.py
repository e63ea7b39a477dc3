"""Which version a release gets: from the tags, the manifest, the index and the commits' level."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.commits.release_commit import list_versions, read_run_trailer
from omninode_release.text.versions.tag_formats import by_prefix, find_pre_release_tags, read_tag
from omninode_release.text.versions.version import bump, parse_version

if TYPE_CHECKING:
    from omninode_release.models.commit import Level
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.version_words import PreKind
    from omninode_release.text.manifests.manifest import Manifest

_COUNTED = "the next version is counted from it"
NOT_ASKED = "the index was not asked whether it has it"
"""Why a version is a guess that stands in no tag."""


class NextVersion(NamedTuple):
    """The version to be released, and how it came about."""

    current: Version
    """The higher of the last tag's version and the manifest's; what is raised."""
    new: Version
    note: str = ""
    """What to say of it, where the last tag and the level alone do not explain it."""


def read_formats(facts: RepoFacts, config: ReleaseConfig) -> dict[str, str]:
    """The formats of the repository's release tags, by what stands before the version."""
    return by_prefix(facts.tag_formats or config.tag_formats, facts.repo)


def last_version(facts: RepoFacts, config: ReleaseConfig) -> Version | None:
    formats = facts.tag_formats or config.tag_formats
    return _read_version(facts.last_tag, formats, facts.repo) if facts.last_tag else None


@lru_cache(maxsize=1024)  # a dozen rules of the plan turn on it
def _read_version(tag: str, formats: tuple[str, ...], repo: str) -> Version | None:
    found = read_tag(tag, by_prefix(formats, repo))
    return found.version if found else None


def is_ahead(manifest: Manifest, tagged: Version | None) -> bool:
    """True when the manifest declares a version that no release tag has reached."""
    if manifest.held.by_tag:
        return False
    return tagged is None or manifest.version > tagged


def find_current(facts: RepoFacts, manifest: Manifest, config: ReleaseConfig) -> Version:
    """The higher of the last tag's version and the manifest's."""
    tagged = last_version(facts, config)
    if tagged is None:
        return manifest.version
    return tagged if manifest.develops else max(manifest.version, tagged)


def choose_next(
    facts: RepoFacts, manifest: Manifest, level: Level, config: ReleaseConfig
) -> NextVersion:
    tagged = last_version(facts, config)
    if tagged is not None and not is_ahead(manifest, tagged):
        return NextVersion(tagged, bump(tagged, level, major_on_zero=config.major_on_zero))
    if manifest.held.by_tag:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a release tag of {facts.repo} to count its next version from"
            f" ({manifest.held.tool} takes the version from the tags), found none.",
            hint=f"omni-release {facts.repo} --version {facts.repo}=X.Y.Z says the first version",
        )
    return _from_declared(facts, manifest, tagged, level, config)


def leads_to(pre: Version, final: Version) -> bool:
    """True for a pre-release of ``final``, as 1.3rc1 is of 1.3.0."""
    return Version(pre.base_version) == final


class PreReleases(NamedTuple):
    """The pre-releases of a repository that are above its last release."""

    made: tuple[Version, ...]
    """Every one that a tag names or the manifest holds, wherever it is."""
    merged: Version | None
    """The highest that the base contains."""
    tag: str | None
    """Its tag; None where the manifest alone names it."""

    def next_of(self, final: Version, kind: PreKind) -> Version:
        """The next pre-release of ``final``."""
        numbers = [
            each.pre[1] - (each.dev is not None)  # 1.3.0a2.dev0 comes before 1.3.0a2
            for each in self.made
            if leads_to(each, final) and each.pre and each.pre[0] == kind
        ]
        return Version(f"{final}{kind}{max(numbers, default=0) + 1}")


def find_pre_releases(facts: RepoFacts, manifest: Manifest, config: ReleaseConfig) -> PreReleases:
    """Those above the last release; their numbers are used up.

    What a file holds says what the base contains; a tag does so only where no file holds a version.
    """
    last = last_version(facts, config)
    base = {each.sha for each in facts.commits} | facts.stand_in.keys()
    tags = find_pre_release_tags(facts.tags, read_formats(facts, config))
    found = {
        each.version: each.name for each in reversed(tags) if last is None or each.version > last
    }
    on_base = {version: name for version, name in found.items() if facts.tags[name] in base}
    if not manifest.held.by_tag:
        held = manifest.stands if manifest.develops and manifest.stands.pre else None
        return PreReleases(
            (*found, *([held] if held else ())), held, on_base.get(held) if held else None
        )
    top = max((version for version in on_base if version.pre), default=None)
    return PreReleases((*found,), top, on_base.get(top) if top else None)


def choose_said(
    facts: RepoFacts, manifest: Manifest, version: str, said: str, config: ReleaseConfig
) -> NextVersion:
    """The version that was said. Raises VERSION_INVALID for one that cannot come next."""
    tagged, new = last_version(facts, config), parse_version(version)
    if new < manifest.version or (tagged is not None and new <= tagged):
        released = f"{tagged} is released" if tagged else "nothing is released"
        says = "" if manifest.held.by_tag else f"{manifest.holder} says {manifest.version}, "
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a version that can come next ({says}{released}), found {said}.",
            hint=f"omni-release {facts.repo} --version {facts.repo}=X.Y.Z says a higher one",
        )
    use = facts.declared_use
    if new == manifest.version and use is not None and use.taken:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a version that the index lacks, found {said}: {use.note}.",
            hint=f"omni-release {facts.repo} --version {facts.repo}=X.Y.Z says a higher one",
        )
    base = tagged if tagged and (manifest.develops or not is_ahead(manifest, tagged)) else None
    return NextVersion(base or manifest.version, new)


def _from_declared(
    facts: RepoFacts,
    manifest: Manifest,
    tagged: Version | None,
    level: Level,
    config: ReleaseConfig,
) -> NextVersion:
    """From a version above the last tag, which may be released, burnt, or the one to release."""
    declared = manifest.version
    raised = bump(declared, level, major_on_zero=config.major_on_zero)
    reason = find_reason_to_raise(facts, manifest, config)
    if reason is not None:
        return NextVersion(declared, raised, reason)
    current = tagged if manifest.develops and tagged else declared
    needed = bump(tagged, level, major_on_zero=config.major_on_zero) if tagged else declared
    if declared >= needed or config.ahead == "as_is":
        return NextVersion(current, declared, "it is released as declared")
    note = f"its commits ask for a {level} release, which that does not reach"
    return NextVersion(current, needed, f"{note}: the next version is counted from the tag")


def find_reason_to_raise(facts: RepoFacts, manifest: Manifest, config: ReleaseConfig) -> str | None:
    """Why the declared version itself cannot be released, in words; None when it can."""
    use = facts.declared_use
    if use is not None and use.taken:
        return f"the index has it ({use.note}): {_COUNTED}"
    if config.ahead == "as_is" or manifest.develops:  # such a version says what comes next itself
        return None
    if config.ahead == "bump":
        return f"{_COUNTED} (ahead: bump)"
    if use is None or use.taken is None:
        silence = f"the index did not tell whether it has it ({use.note})" if use else NOT_ASKED
        return f"{_COUNTED}, because {silence}"
    merged = _find_own_release(facts, manifest.version)
    if merged is not None:
        return f"{_COUNTED}, because {merged[:12]} began to release it and no tag followed"
    return None


def _find_own_release(facts: RepoFacts, version: Version) -> str | None:
    """The commit with which a run of this tool merged ``version``; its tag was never made."""
    for commit in facts.commits:
        is_own = read_run_trailer(commit.body) is not None
        if is_own and version in list_versions(commit.subject, facts.repo, is_own=True):
            return commit.sha
    return None


def describe_declared(manifest: Manifest, tag: str | None) -> str:
    """What the manifest says, beside the last tag."""
    says = f"{manifest.holder} says {manifest.version}"
    if manifest.develops:
        says = f"{manifest.holder} says that {manifest.version} is to come"
    return f"{says}, ahead of the tag {tag}" if tag else f"{says}, and it has no release tag"
