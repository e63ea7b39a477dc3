"""Versions are X.Y.Z and nothing else, and a tag is a version in one of the configured formats.

The strictness is deliberate: every number here becomes a tag, a pin and a file name on an index,
and a pre-release or a `v` that slips in at one of them cannot be taken back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from semver import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

# Numbers without leading zeros (semver.org, item 2). Eighteen digits are more than any release
# needs and less than `int` refuses to read.
_NUMBER = r"(?:0|[1-9][0-9]{0,17})"
# How other tools and people name release tags.
_USUAL_FORMATS = (
    "{version}",
    "v{version}",
    "{repo}/v{version}",
    "{repo}/{version}",
    "{repo}-v{version}",
    "{repo}-{version}",
    "{repo}@v{version}",
    "{repo}@{version}",
    "{repo}=={version}",
    "release-{version}",
    "release/{version}",
)
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
_VERSION_AT_END = re.compile(rf"{_VERSION.pattern}\Z")


def parse_version(text: str) -> Version:
    """The version that ``text`` spells; raises VERSION_INVALID for all but plain X.Y.Z."""
    if not _VERSION.fullmatch(text):
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a version X.Y.Z of three plain numbers, found {text!r}.",
            hint='write the version as three numbers, for example "0.4.1"',
        )
    return Version.parse(text)


def bump(version: Version, level: Level, *, major_on_zero: bool) -> Version:
    """The version after a release of ``level``.

    On 0.x a major is 1.0.0 only where ``major_on_zero`` says so; otherwise it raises the minor,
    as semver.org, item 4, lets an initial development do.
    """
    if level is Level.PATCH:
        return version.bump_patch()
    if level is Level.MINOR or (version.major == 0 and not major_on_zero):
        return version.bump_minor()
    return version.bump_major()


def tag_name(fmt: str, repo: str, version: Version | str) -> str:
    """The tag of ``version`` in a format such as ``{repo}/v{version}``."""
    return fmt.replace("{repo}", repo).replace("{version}", str(version))


class UnknownFormat(NamedTuple):
    """A usual form of release tags that is not configured, by its highest tag."""

    version: Version
    fmt: str
    tag: str


def find_unknown_format(
    tags: Iterable[str], formats: Iterable[str], repo: str
) -> UnknownFormat | None:
    """The usual format that ``formats`` lacks and that has the tag of the highest version."""
    unknown = {
        _prefix(fmt, name): fmt if name == repo else fmt.replace("{repo}", name)
        for name in (repo.replace("-", "_"), repo.replace("_", "-"), repo)
        for fmt in _USUAL_FORMATS
    }
    for fmt in formats:
        unknown.pop(_prefix(fmt, repo), None)
    found = [
        UnknownFormat(Version.parse(number[0]), unknown[before], tag)
        for tag in tags
        if (number := _VERSION_AT_END.search(tag)) and (before := tag[: number.start()]) in unknown
    ]
    return max(found, key=lambda each: each.version, default=None)


def _prefix(fmt: str, repo: str) -> str:
    """What stands before the version, with which every format ends."""
    return fmt.removesuffix("{version}").replace("{repo}", repo)


def match_tag(tag: str, formats: Iterable[str], repo: str) -> Version | None:
    """The version a tag stands for in one of ``formats``; None for a tag that is no release."""
    for fmt in formats:
        before, _, after = fmt.replace("{repo}", repo).partition("{version}")
        number = tag[len(before) : len(tag) - len(after)]
        if tag == before + number + after and _VERSION.fullmatch(number):
            return Version.parse(number)
    return None
