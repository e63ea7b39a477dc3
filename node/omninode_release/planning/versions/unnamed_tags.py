"""Release tags that name no package of a repository of several: whose they are.

A tag such as ``sdk==0.2.9`` is a release of the package whose manifest said that version there. One
of which several packages say so, as ``v1.42.0`` of a repository that has one version, is theirs
together.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifests.manifest import read_declared
from omninode_release.text.versions.tag_formats import (
    by_prefix,
    find_other_formats,
    list_usual_formats,
    read_tags,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omninode_release.adapters.git import Git, Ref
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.text.versions.tag_formats import ReleaseTag

_NEWEST = 3
_SEVERAL = 2


class UnnamedTags(NamedTuple):
    """Tags in one format, and the packages whose versions they say."""

    fmt: str
    newest: str
    owners: tuple[str, ...]


def find_unnamed(
    git: Git, repo: str, base: str, tags: Mapping[str, Ref], config: ReleaseConfig
) -> UnnamedTags | None:
    """The tags that are releases of ``repo``, which none names; ``git`` reads its folder."""
    for newest in find_other_formats(tags, {}):
        found = read_tags(tags, by_prefix((newest.fmt,), repo))
        if follows(git, base, found, tags):
            everyone = config.list_beside(repo)
            named = {name: _list_named(name, tags, config) for name in everyone}
            if any(newest.name in several for several in named.values()):
                continue
            beside = [name for name in everyone if name != repo and not named[name]]
            others = [
                name
                for name in beside
                if follows(git.inside(config.place_of(name)), base, found, tags)
            ]
            # Beside a root, whose tag it is, one version may be the same by chance.
            is_roots = any(not config.needs_named_tags(name) for name in beside)
            if not is_roots or follows(git, base, found, tags, at_least=_SEVERAL):
                owners = tuple(each for each in everyone if each in {*others, repo})
                return UnnamedTags(newest.fmt, newest.name, owners)
    return None


def follows(
    git: Git,
    base: str,
    found: Sequence[ReleaseTag],
    tags: Mapping[str, Ref],
    *,
    at_least: int = 1,
) -> bool:
    """True where the manifest at the newest of the tags ``found`` says its version, as most do.

    One tag on the wrong commit happens; where the package was then, its name on ``base`` tells.
    """
    said = [(tag, _read_version(git, tags[tag.name].sha, base)) for tag in found[:_NEWEST]]
    told = [str(tag.version) == version for tag, version in said if version is not None]
    return sum(told) >= at_least and told[0] and sum(told) * 2 > len(told)


def refuse_common(repo: str, unnamed: UnnamedTags, config: ReleaseConfig) -> ReleaseError:
    """What is to be said of tags that several packages have together."""
    together = ", ".join(f'{each}: ["{unnamed.fmt}"]' for each in unnamed.owners)
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"expected release tags that name {repo}, one of {len(config.list_beside(repo))} packages"
        f" of {config.clone_of(repo)}, found {unnamed.newest}, which names none and says the"
        f" version of {', '.join(unnamed.owners)}.",
        hint=f"write tag_formats_of: {{{together}}} into the release configuration, and they are"
        " released together, with one version and one tag; or tag_formats_of:"
        f' {{{repo}: ["{{name}}-v{{version}}", "{unnamed.fmt}"]}}, and its next tags are its own',
    )


def _list_named(name: str, tags: Iterable[str], config: ReleaseConfig) -> set[str]:
    """The tags that call ``name`` by its name, or by that of its folder."""
    if not config.needs_named_tags(name):
        return set()
    called = config.list_folder_names(name)
    formats = list_usual_formats((), name, *called, shared=True)
    return {tag.name for tag in read_tags(tags, formats)}


def _read_version(git: Git, commit: str, base: str) -> str | None:
    there = git.inside(git.find_place(commit, base))
    found = read_declared(partial(there.file, commit))
    return found.says if found else None
