"""Which tags of a repository are its releases, and which of them the next release follows.

A tag counts wherever it is: the version it names is used up, also on a branch that the base does
not contain. Only what is plainly something else's does not: the tags of another package in the same
repository, or of another project that were pushed here by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.tag_format import split_format
from omninode_release.planning.versions.tag_refusals import refuse_former
from omninode_release.planning.versions.unnamed_tags import find_unnamed, refuse_common
from omninode_release.text.manifests.manifest import MANIFEST, read_declared, read_name
from omninode_release.text.versions.series import read_series
from omninode_release.text.versions.tag_formats import (
    by_prefix,
    find_other_formats,
    find_pre_release_tags,
    find_prevailing_format,
    list_usual_formats,
    read_tags,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omninode_release.adapters.git import Git, Ref
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.text.versions.series import Series
    from omninode_release.text.versions.tag_formats import ReleaseTag

_OFTEN = 4
_EVIDENCE = 3


@dataclass(frozen=True)
class Releases:
    """The release tags of a repository, as far as a plan depends on them."""

    formats: tuple[str, ...]
    """The formats that count, the one to make first."""
    last: str | None = None
    """The highest of all."""
    merged: str | None = None
    """The highest that the base contains, where that is another."""
    on_base: bool = True
    """True when the base contains ``last``."""
    shares_history: bool = True
    """False where ``last`` has no commit in common with the base, and no other tag has."""
    foreign: tuple[str, ...] = ()
    """Tags that look like releases of this repository and are something else's."""
    beyond: tuple[str, ...] = ()
    """Releases that come after all that the base branch is for, highest first."""
    refusal: ReleaseError | None = None
    """Why no format can be chosen."""


def find_releases(
    git: Git, repo: str, base: str, tags: Mapping[str, Ref], config: ReleaseConfig
) -> Releases:
    """What the tags (by short name) say for a release of the commit ``base``."""
    # Where a release branch is named, what came after its series was released from another.
    series = read_series(config.said_base(repo))
    reader = _Reader(git, repo, base, tags, series, config.list_folder_names(repo))
    declared = config.declared_tag_formats(repo)
    if declared is not None:
        found = [tag for tag in read_tags(tags, by_prefix(declared, repo)) if tag.is_whole]
        is_new = not found and repo not in config.tag_formats_of
        former = refuse_former(git, repo, tags, config, declared) if is_new else None
        return reader.find_last(Releases(declared, refusal=former), found)
    is_named = config.needs_named_tags(repo)
    releases = reader.detect(config.own_formats(repo), shared=is_named)
    if not is_named or releases.last or set(releases.formats) - {*config.own_formats(repo)}:
        return releases
    unnamed = find_unnamed(git, repo, base, tags, config)
    if unnamed is None:
        return releases
    several = refuse_common(repo, unnamed, config) if len(unnamed.owners) > 1 else None
    found = read_tags(tags, by_prefix((unnamed.fmt,), repo))
    return reader.find_last(Releases((unnamed.fmt,), refusal=several), found)


@dataclass(frozen=True)
class _Reader:
    """Reads what the tagged commits say; asks git for nothing that the names alone decide."""

    git: Git
    repo: str
    base: str
    tags: Mapping[str, Ref]
    series: Series | None = None
    called: tuple[str, ...] = ()
    """What its tags may call it after its folder."""

    def detect(self, first: tuple[str, ...], *, shared: bool) -> Releases:
        """The releases in every usual format; ``first`` is made where there are none."""
        formats = list_usual_formats(first, self.repo, *self.called, shared=shared)
        if find_other_formats(self.tags, formats) and self._distribution:
            called = (*self.called, self._distribution)
            formats = list_usual_formats(first, self.repo, *called, shared=shared)
        found = read_tags(self.tags, formats)
        # Beside releases such as v1.2.0, `release_2024_11_15` is a date.
        found = [tag for tag in found if split_format(tag.fmt)[1] == "."] or found
        foreign = self._find_foreign_formats(found)
        ours = [tag for tag in found if tag.fmt not in foreign]
        made = find_prevailing_format(ours)
        # Before the first release, its candidates say how it will be tagged.
        before = () if ours else find_pre_release_tags(self.tags, formats)[:1]
        used = dict.fromkeys(tag.fmt for tag in (*ours, *before))
        known = dict.fromkeys((*([made] if made else ()), *used, *first))
        return self.find_last(
            Releases(
                formats=tuple(fmt for fmt in known if fmt not in foreign),
                foreign=tuple(tag.name for tag in found if tag.fmt in foreign),
                refusal=_ambiguous(self.repo, ours) if ours and made is None else None,
            ),
            ours,
        )

    def find_last(self, releases: Releases, found: Sequence[ReleaseTag]) -> Releases:
        """Choose the tags that the next release follows; ``found`` is highest first."""
        if self.series is not None:
            beyond = [tag for tag in found if self.series.ends_before(tag.version)]
            releases = replace(releases, beyond=tuple(tag.name for tag in beyond))
            found = [tag for tag in found if tag not in beyond]
        merged = self._find_merged(found)
        higher = [tag for tag in found if merged is None or tag.version > merged.version]
        last, strangers, shares_history = self._find_elsewhere(higher)
        foreign = (*releases.foreign, *(tag.name for tag in strangers))
        if last is None:
            name = merged.name if merged else None
            return replace(releases, last=name, foreign=foreign)
        return replace(
            releases,
            last=last.name,
            merged=merged.name if merged else None,
            on_base=False,
            shares_history=shares_history or merged is not None,
            foreign=foreign,
        )

    def _find_merged(self, found: Sequence[ReleaseTag]) -> ReleaseTag | None:
        """The highest version among the tags the base contains."""
        # Git walks all of history for an old tag, and it is nearly always the highest.
        for some in (found[:1], found[1:_OFTEN], found[_OFTEN:]):
            names = [self.tags[tag.name].name for tag in some]
            refs = self.git.refs(*names, merged=self.base) if names else []
            contained = {ref.name for ref in refs}
            for tag in some:
                if self.tags[tag.name].name in contained:
                    return tag
        return None

    def _find_elsewhere(
        self, higher: Sequence[ReleaseTag]
    ) -> tuple[ReleaseTag | None, list[ReleaseTag], bool]:
        """The highest tag that is a release of this package, and those above it that are none.

        The third answer is True when that tag shares history with the base. A tag of another
        history is this package's only where its manifest names the package: a rewritten history.
        Otherwise it came from another project.
        """
        if not higher:
            return None, [], True
        names = self._read_names(higher)
        roots = self.git.roots(self.base)
        refs = [self.tags[tag.name].name for tag in higher]
        related = {ref.name for ref in self.git.refs(*refs, contains=roots)}
        strangers: list[ReleaseTag] = []
        ours = canonicalize_name(self._distribution or self.repo)
        for tag in higher:
            shares_history = self.tags[tag.name].name in related
            if shares_history or names[tag.name] == ours:
                return tag, strangers, shares_history
            strangers.append(tag)
        return None, strangers, True

    def _find_foreign_formats(self, found: Sequence[ReleaseTag]) -> set[str]:
        """Formats whose newest tags contradict the manifests they are on, where another's agree.

        In a repository of several packages a bare ``v9.1.0`` may be the release of another one. One
        tag on the wrong commit happens; three in a row do not.
        """
        newest: dict[str, list[ReleaseTag]] = {}
        for tag in found:
            newest.setdefault(tag.fmt, []).append(tag)
        if len(newest) == 1:
            return set()
        asked = [tag for tags in newest.values() for tag in tags[:_EVIDENCE]]
        said = {tag.name: self._read_version(tag) for tag in asked}
        agree = {tag.fmt for tag in asked if said[tag.name] == str(tag.version)}
        against = {
            fmt
            for fmt, tags in newest.items()
            if fmt not in agree and len([t for t in tags[:_EVIDENCE] if said[t.name]]) > 1
        }
        return against if agree else set()

    def _read_version(self, tag: ReleaseTag) -> str | None:
        """The version that the manifest at a tag declares, where it can be read."""
        found = read_declared(partial(self.git.file, self.tags[tag.name].sha))
        return found.says if found else None

    def _read_names(self, tags: Iterable[ReleaseTag]) -> dict[str, str | None]:
        """What the package is called at each tag, normalised."""
        shas = {tag.name: self.tags[tag.name].sha for tag in tags}
        files = self.git.files((sha, MANIFEST) for sha in dict.fromkeys(shas.values()))
        return {name: _read_name(files.get((sha, MANIFEST))) for name, sha in shas.items()}

    @cached_property
    def _distribution(self) -> str | None:
        """What the package is called on the base."""
        data = self.git.file(self.base, MANIFEST)
        return read_name(data) if data else None


def _ambiguous(repo: str, found: Sequence[ReleaseTag]) -> ReleaseError:
    """The newest tags, in formats of which none prevails."""
    newest = found[0]
    other = next(tag for tag in found if tag.fmt != newest.fmt)
    return ReleaseError(
        ErrorCode.SCAN_FAILED,
        f"expected the newest release tags of {repo} to have one format, found {newest.name}"
        f" ({newest.fmt}) and {other.name} ({other.fmt}).",
        hint=f'write tag_formats_of: {{{repo}: ["{newest.fmt}", "{other.fmt}"]}} into the release'
        " configuration, the format to make first",
    )


def _read_name(data: bytes | None) -> str | None:
    name = read_name(data) if data else None
    return canonicalize_name(name) if name else None
