"""Tags that keep a repository from being released: they would make its plan wrong.

Each refusal names the setting that decides, or what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.versions.next_version import (
    is_ahead,
    last_version,
    read_formats,
)
from omninode_release.text.manifests.manifest import MANIFEST, read_name
from omninode_release.text.versions.series import read_series
from omninode_release.text.versions.tag_formats import (
    OddTag,
    by_prefix,
    find_joined_tags,
    find_odd_tags,
    find_other_formats,
    list_usual_formats,
    read_tag,
    read_tags,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from packaging.version import Version

    from omninode_release.adapters.git import Git, Ref
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.text.manifests.manifest import Manifest
    from omninode_release.text.versions.tag_formats import ReleaseTag


def refuse_unknown_tags(facts: RepoFacts, config: ReleaseConfig) -> None:
    """Without a tag it knows, a plan would count the whole history of a released package."""
    if facts.refusal is not None:
        raise facts.refusal
    if facts.last_tag is not None:
        return
    formats = read_formats(facts, config)
    odd = list_odd_tags(facts, config)
    found = find_unused_tags(facts, config)
    if found and facts.repo not in config.tag_formats_of:
        tag, written = found[0], ", ".join(f'"{each}"' for each in formats.values())
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected release tags of {facts.repo} in a format of tag_formats"
            f" ({', '.join(formats.values())}), found {tag.name}: all commits since the first"
            " would count as new.",
            hint=f'add "{tag.fmt}" to tag_formats in the release configuration; where such tags are'
            f" no releases of it, write tag_formats_of: {{{facts.repo}: [{written}]}} there",
        )
    if odd:
        why = "all commits since the first would count as new"
        raise _odd_tag(
            facts,
            odd[0].name,
            why,
            f"release {facts.repo} by hand once, with a tag of such a version",
        )
    if facts.repo not in config.tag_formats_of:
        if config.is_shared(facts.repo):
            _refuse_common_tags(facts, config)
        else:
            _refuse_joined_tags(facts)


def _refuse_common_tags(facts: RepoFacts, config: ReleaseConfig) -> None:
    """Raise SCAN_FAILED where tags name no package of the repository, and none is at its root.

    They are releases of all of its packages together.
    """
    beside = config.list_beside(facts.repo)
    declared = config.declared_tag_formats(facts.repo) is not None
    if declared or not all(map(config.needs_named_tags, beside)):
        return
    named = (
        list_usual_formats((), name, *config.list_folder_names(name), shared=True)
        for name in beside
    )
    if any(read_tags(facts.tags, formats) for formats in named):
        return
    for tag in read_tags(facts.tags, by_prefix(("{version}", "v{version}"), facts.repo))[:1]:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected release tags that name {facts.repo}, one of {len(beside)} packages of"
            f" {config.clone_of(facts.repo)}, found {tag.name}, which names none: all commits since"
            " the first would count as new.",
            hint=f'write tag_formats_of: {{{facts.repo}: ["{{name}}-v{{version}}"]}} into the'
            " release configuration, and its next tags are named so; its first release then is"
            f" omni-release {facts.repo} --version {facts.repo}=X.Y.Z. Where such tags are those of"
            " one package alone, take the others out of packages there",
        )


def _refuse_joined_tags(facts: RepoFacts) -> None:
    for tag in find_joined_tags(facts.tags)[:1]:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected release tags of {facts.repo} to join the numbers by dots, found {tag.name}:"
            " nothing is counted from it unless it is said to be a release, and all commits since"
            " the first would count as new.",
            hint=f'write tag_formats_of: {{{facts.repo}: ["{tag.fmt}"]}} into the release'
            " configuration",
        )


def refuse_former(
    git: Git, repo: str, tags: Mapping[str, Ref], config: ReleaseConfig, formats: Sequence[str]
) -> ReleaseError | None:
    """What is to be said where tags in ``formats`` are of ``repo`` by its former name.

    ``git`` reads its folder. A name that a package beside it has now is that one's.
    """
    names = {canonicalize_name(each) for each in config.list_beside(repo)}
    for newest in find_other_formats(tags, by_prefix(formats, repo)):
        name = read_name(git.file(tags[newest.name].sha, MANIFEST) or b"")
        if name is None or canonicalize_name(name) in names:
            continue
        if read_tag(newest.name, by_prefix(formats, name)):
            written = ", ".join(f'"{each}"' for each in formats)
            return ReleaseError(
                ErrorCode.SCAN_FAILED,
                f"expected release tags of {repo}, found {newest.name}, where it was called"
                f" {name}: all commits since the first would count as new.",
                hint=f'write tag_formats_of: {{{repo}: [{written}, "{newest.fmt}"]}} into the'
                " release configuration, and its next version is counted from there; without"
                f' "{newest.fmt}" there, it begins anew',
            )
    return None


def find_unused_tags(facts: RepoFacts, config: ReleaseConfig) -> list[ReleaseTag]:
    """The highest tag of each format that may be one of the repository's, and does not count.

    Where formats are declared, those of another name are not its own.
    """
    if config.is_shared(facts.repo):  # the other tags are of the packages beside it
        return []
    foreign = set(facts.foreign_tags)
    tags = [tag for tag in facts.tags if tag not in foreign]
    formats = read_formats(facts, config)
    if are_found_out(facts, config):
        return find_other_formats(tags, formats)
    usual = list_usual_formats((), facts.repo).items()
    found = read_tags(tags, {before: fmt for before, fmt in usual if before not in formats})
    return list({tag.fmt: tag for tag in reversed(found)}.values())[::-1]


def refuse_uncountable(facts: RepoFacts) -> None:
    """Commits of another history say nothing of what came since the last release."""
    if not facts.shares_history:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected {facts.last_tag}, the last release of {facts.repo}, to have a commit in"
            f" common with {facts.base_branch}, found none: all {len(facts.commits)} commits would"
            " count as new.",
            hint=f"omni-release {facts.repo} --bump patch (or minor, or major) sets the level",
        )


def refuse_below_a_tag(facts: RepoFacts, new: Version, config: ReleaseConfig) -> None:
    """A tag above may be no X.Y.Z; where formats are written, those say what a release is."""
    for odd in list_odd_tags(facts, config)[:1] if are_found_out(facts, config) else ():
        if odd.version >= new:
            why = f"the next version would be {new}, which is not above it"
            advice = f"write a version above it into {MANIFEST} on {facts.base_branch}"
            raise _odd_tag(facts, odd.name, why, advice)


def refuse_after_series(facts: RepoFacts, new: Version, config: ReleaseConfig) -> None:
    """A release branch is for the releases that its name says; the next ones come elsewhere."""
    series = read_series(config.said_base(facts.repo))
    if series is not None and series.ends_before(new):
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a version of {series.words} on the branch {facts.base_branch} of"
            f" {facts.repo}, found that {new} would be next.",
            hint=f"omni-release {facts.repo} --bump {'minor' if series.minor is None else 'patch'}"
            " stays below that; or release what asks for it from another branch"
            f" (base_branches.{facts.repo} in the release configuration)",
        )


def require_room(name: str, there: Collection[str], *, repo: str, clone: Path) -> None:
    """Raise TAG_CONFLICT for a tag that is a folder of ``name``, or has it for a folder of its own.

    Git keeps refs as files: where there is one of that name, there is no folder.
    """
    folders = {name[:at] for at, letter in enumerate(name) if letter == "/"}
    found = next((tag for tag in there if tag in folders or tag.startswith(f"{name}/")), None)
    if found is not None:
        raise ReleaseError(
            ErrorCode.TAG_CONFLICT,
            f"expected room for the tag {name} in {clone} and on its remote, found the tag"
            f" {found}: git has no room for both.",
            hint=f'write tag_formats_of: {{{repo}: ["{repo}-v{{version}}"]}} into the release'
            " configuration, or another form that has room",
        )


def list_odd_tags(facts: RepoFacts, config: ReleaseConfig) -> list[OddTag]:
    """Tags in a known format whose version is not read as a release's, highest first."""
    formats = read_formats(facts, config)
    odd = find_odd_tags(facts.tags, formats)
    if not are_found_out(facts, config):
        short = (tag for tag in read_tags(facts.tags, formats) if not tag.is_whole)
        odd += [OddTag(tag.version, tag.name) for tag in short]
    return sorted(odd, key=lambda each: each.version, reverse=True)


def are_found_out(facts: RepoFacts, config: ReleaseConfig) -> bool:
    """True where the tags themselves say which formats they have, and the configuration none."""
    return config.declared_tag_formats(facts.repo) is None and bool(facts.tag_formats)


def _odd_tag(facts: RepoFacts, tag: str, why: str, advice: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"expected release tags of {facts.repo} to name versions X.Y.Z, found {tag}: {why}.",
        hint=f"{advice}, or leave {facts.repo} out of this run",
    )


def refuse_what_came(facts: RepoFacts, manifest: Manifest, config: ReleaseConfig) -> None:
    """A version cannot be to come on a branch that contains its release."""
    tagged = last_version(facts, config)
    if manifest.develops and facts.on_base and tagged and not is_ahead(manifest, tagged):
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"{facts.repo}/{manifest.holder}: expected a version above the tag {facts.last_tag},"
            f" found one in development that leads to {manifest.version}.",
            hint=f"write {tagged}, or the version to come, into {manifest.holder} on"
            f" {facts.base_branch}",
        )
