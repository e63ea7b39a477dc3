"""In which format a repository names its release tags, found out from the tags it has.

A format is what ``tag_formats`` holds: text that ends with ``{version}``, or with ``{version:_}``
where underscores join the numbers. A release may have tags in several formats.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import Version

from omninode_release.models.tag_format import PLACES, fill_name, names_package, split_format
from omninode_release.text.versions.version import NUMBER, complete_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# How tools and people name release tags.
_USUAL_FORMATS = (
    "{version}",
    "v{version}",
    "{repo}/v{version}",
    "{repo}/{version}",
    "{repo}-v{version}",
    "{repo}-{version}",
    "{repo}_v{version}",
    "{repo}_{version}",
    "{repo}@v{version}",
    "{repo}@{version}",
    "{repo}=={version}",
    "release-{version}",
    "release-v{version}",
    "release/{version}",
    "release/v{version}",
    "releases/{version}",
    "releases/v{version}",
    "version-{version}",
    "V{version}",
    "v{version:_}",
    "rel_{version:_}",
    "release_{version:_}",
    "{repo}_{version:_}",
)
_NAMING = tuple(filter(names_package, _USUAL_FORMATS))
# Many projects leave the last number out where it is 0.
_VERSION_AT_END = re.compile(rf"{NUMBER}\.{NUMBER}(?:\.{NUMBER})?\Z")
# Where a version would begin that is more, or less, than two or three plain numbers.
_LOOSE_AT_END = re.compile(r"[0-9]+\.[0-9]+[0-9A-Za-z.+_-]*\Z")
# `rel_2_0_37`, `2_9_10`, `release-1-2-3`.
_JOINED_AT_END = re.compile(
    rf"(?:\A|[^0-9.])(?P<words>{NUMBER}(?P<join>[_-]){NUMBER}(?:(?P=join){NUMBER})?)\Z"
)
_LOOSELY_JOINED = re.compile(r"(?<![0-9])[0-9]+(?P<join>[_-])[0-9]+[0-9A-Za-z_-]*\Z")
# `1.0.1-hotfix`, `1.0.0_final`
_MARKED = re.compile(rf"(?P<numbers>{NUMBER}\.{NUMBER}(?:\.{NUMBER})?)[-_.+]?[A-Za-z][\w.+-]*\Z")
_NEWEST = 5


class ReleaseTag(NamedTuple):
    """A tag that names a release."""

    version: Version
    fmt: str
    name: str

    @property
    def is_whole(self) -> bool:
        """True when it has all three numbers."""
        return self.number == str(self.version)

    @property
    def number(self) -> str:
        """The version as the tag has it, with dots: 8.1, or 8.1.0."""
        return read_number(self.name) or str(self.version)


class OddTag(NamedTuple):
    """A tag that looks like a release and is none that this tool can read."""

    version: Version
    name: str
    fmt: str = ""
    """Its format; empty where it has none."""


def by_prefix(formats: Iterable[str], repo: str) -> dict[str, str]:
    """Each format by what stands before its version; of two that say the same the first.

    Where no dots join the numbers, what does so comes behind that and a NUL, which no tag has.
    """
    found: dict[str, str] = {}
    for fmt in formats:
        before, joint = split_format(fmt)
        found.setdefault(_prefix(fill_name(before, repo), joint or "."), fmt)
    return found


def _prefix(before: str, joint: str) -> str:
    return before if joint == "." else f"{before}\0{joint}"


def list_usual_formats(
    first: Iterable[str], repo: str, *called: str, shared: bool = False
) -> dict[str, str]:
    """``first`` and the usual formats, by prefix; ``{repo}`` may be what else it is ``called``.

    In a repository that is ``shared`` a tag without a name is of no one package.
    """
    names = [repo.replace("-", "_"), repo.replace("_", "-")]
    for each in called:
        canonical = canonicalize_name(each)
        names += [each, canonical, canonical.replace("-", "_")]
    plain = _NAMING if shared else _USUAL_FORMATS
    others = (name for name in dict.fromkeys(names) if name != repo)
    spelled = [fmt.replace("{repo}", name) for name in others for fmt in _NAMING]
    return by_prefix((*first, *plain, *spelled), repo)


def read_tags(tags: Iterable[str], formats: Mapping[str, str]) -> list[ReleaseTag]:
    """The tags that are releases in one of ``formats`` (by prefix), highest version first.

    Of the tags of one version, one with all three numbers comes first, then the earlier format.
    """
    rank = {fmt: number for number, fmt in enumerate(formats.values())}
    found = [each for tag in tags if (each := read_tag(tag, formats)) is not None]
    return sorted(
        found, key=lambda each: (each.version, each.is_whole, -rank[each.fmt]), reverse=True
    )


def read_tag(tag: str, formats: Mapping[str, str]) -> ReleaseTag | None:
    """The release that ``tag`` names in one of ``formats`` (by prefix), if it names one."""
    number = _find_number(tag)
    fmt = formats.get(_prefix(number.before, number.joint)) if number else None
    if number is None or fmt is None:
        return None
    return ReleaseTag(Version(complete_version(number.version)), fmt, tag)


class _Number(NamedTuple):
    """The version at the end of a tag."""

    before: str
    version: str
    joint: str


def _find_number(tag: str) -> _Number | None:
    if (found := _VERSION_AT_END.search(tag)) is not None:
        return _Number(tag[: found.start()], found[0], ".")
    if (found := _JOINED_AT_END.search(tag)) is not None:
        version = found["words"].replace(found["join"], ".")
        return _Number(tag[: found.start("words")], version, found["join"])
    return None


def read_number(tag: str) -> str | None:
    """The version at the end of a tag, whatever is before it; ``8.1`` as it stands there."""
    number = _find_number(tag)
    return number.version if number else None


def find_prevailing_format(found: Sequence[ReleaseTag]) -> str | None:
    """The format of the newest releases, given highest first; None where it is not one.

    That is what the two newest releases have in common, or else what most of the five newest have,
    the newest of all among them.
    """
    used: dict[Version, dict[str, None]] = {}
    for tag in found:
        used.setdefault(tag.version, {})[tag.fmt] = None
    newest = list(used.values())[:_NEWEST]
    if not newest:
        return None
    often = Counter(fmt for formats in newest for fmt in formats)
    common = [fmt for fmt in newest[0] if all(fmt in formats for formats in newest[:2])]
    most = [fmt for fmt in newest[0] if often[fmt] * 2 > len(newest)]
    return max(common or most, key=lambda fmt: often[fmt], default=None)


def find_odd_tags(tags: Iterable[str], formats: Mapping[str, str]) -> list[OddTag]:
    """Tags in one of ``formats`` whose version is no X.Y.Z and no pre-release, highest first."""
    found = [
        each
        for tag in tags
        if read_tag(tag, formats) is None and (each := _read_odd(tag, formats)) is not None
        if not each.version.is_prerelease
    ]
    return sorted(found, key=lambda each: each.version, reverse=True)


def find_pre_release_tags(tags: Iterable[str], formats: Mapping[str, str]) -> list[OddTag]:
    """Tags in one of ``formats`` that name a pre-release, highest first."""
    odd = (_read_odd(tag, formats) for tag in tags)
    found = [each for each in odd if each is not None and each.version.is_prerelease]
    return sorted(found, key=lambda each: each.version, reverse=True)


def find_marked_tags(tags: Iterable[str], formats: Mapping[str, str]) -> list[OddTag]:
    """Tags in one of ``formats`` whose words behind the numbers make a version of no kind.

    Highest first; the version is that of the numbers.
    """
    found = []
    for tag in tags:
        for prefix in filter(tag.startswith, formats):
            marked = _MARKED.match(tag, len(prefix))
            if marked is not None and not _is_version(marked[0]):
                found.append(OddTag(Version(marked["numbers"]), tag))
    return sorted(found, reverse=True)


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:  # InvalidVersion, or more digits than `int` reads
        return False
    return True


def _read_odd(tag: str, formats: Mapping[str, str]) -> OddTag | None:
    for number in (*_LOOSE_AT_END.finditer(tag), *_LOOSELY_JOINED.finditer(tag)):
        joint = number.groupdict().get("join", ".")
        if (fmt := formats.get(_prefix(tag[: number.start()], joint))) is not None:
            try:
                return OddTag(Version(number[0].replace(joint, ".")), tag, fmt)
            except ValueError:  # InvalidVersion, or more digits than `int` reads
                return None
    return None


def find_other_formats(tags: Iterable[str], formats: Mapping[str, str]) -> list[ReleaseTag]:
    """The highest tag of each format that ``formats`` lacks, whatever stands before its version.

    Only whole versions count: ``python3.11`` is none.
    """
    highest: dict[str, ReleaseTag] = {}
    for tag in tags:
        number = _VERSION_AT_END.search(tag)
        if number is None or number[0].count(".") != 2:
            continue
        before = tag[: number.start()]
        if before in formats or before[-1:].isdigit() or before.endswith("."):
            continue
        here = ReleaseTag(Version(number[0]), before + "{version}", tag)
        highest[before] = max(here, highest.get(before, here))
    return sorted(highest.values(), reverse=True)


def find_joined_tags(tags: Iterable[str]) -> list[OddTag]:
    """Tags that name a version whose numbers no dots join, highest first, and their format."""
    found = []
    for tag in tags:
        number = _find_number(tag)
        if number is not None and number.joint != ".":
            fmt = number.before + PLACES[number.joint]
            found.append(OddTag(Version(number.version), tag, fmt))
    return sorted(found, reverse=True)
