"""Versions that are released are X.Y.Z, or X.Y where a repository writes X.Y.0 so.

The strictness is deliberate: every number here becomes a tag, a pin and a file name on an index,
and a pre-release or a `v` that slips in at one of them cannot be taken back.
"""

from __future__ import annotations

import re
import sys

from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.tag_format import fill_name, fill_version

# Numbers without leading zeros (semver.org, item 2). Eighteen digits are more than any release
# needs and less than `int` refuses to read.
NUMBER = r"(?:0|[1-9][0-9]{0,17})"
_VERSION = re.compile(rf"{NUMBER}\.{NUMBER}\.{NUMBER}")
_HUGE = re.compile(rf"[0-9]{{{sys.int_info.str_digits_check_threshold}}}")
_SHORT = re.compile(rf"{NUMBER}\.{NUMBER}")
_ZEROS = re.compile(r"[0-9]{1,18}\.[0-9]{1,18}\.[0-9]{1,18}")
_FIRST = re.compile(rf"(?P<two>{NUMBER}\.{NUMBER})\.0(?P<pre>(?:(?:a|b|rc)[0-9]{{1,18}})?)")
_SHORT_PRE = re.compile(rf"(?P<plain>{NUMBER}\.{NUMBER})(?P<pre>(?P<kind>a|b|rc)[0-9]{{1,18}})")
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)*")
_SEMANTIC = frozenset({"Cargo.toml", "package.json"})
"""Files whose tools read versions as semver.org has them: 1.5.0-rc.1, and not 1.5.0rc1."""
Separator = str | tuple[str, str]
"""What stands between the numbers of a version; a pair where that is not the same twice."""


def parse_version(text: str) -> Version:
    """The version that ``text`` spells; raises VERSION_INVALID for all but plain X.Y.Z."""
    if not _VERSION.fullmatch(text):
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a version X.Y.Z of three plain numbers, found {text!r}.",
            hint='write the version as three numbers, for example "0.4.1"',
        )
    return Version(text)


def holds_huge_number(text: str) -> bool:
    """True where `int` may refuse a number: `packaging` takes it, and fails when it compares it."""
    return _HUGE.search(text) is not None


def read_literal(text: str) -> Version:
    """The version that a file says. Raises VERSION_INVALID.

    ``8.5`` is 8.5.0. ``8.5.0+dev`` is 8.5.0 with what came since, as trio marks its base branch.
    """
    try:
        return parse_version(complete_version(text.removesuffix("+dev")))
    except ReleaseError as error:
        raise ReleaseError(error.code, error.message, hint=_advise(text) or error.hint) from None


def _advise(text: str) -> str | None:
    """How to write a version that is nearly one; None for any other text."""
    if _ZEROS.fullmatch(text):
        same = ".".join(str(int(part)) for part in text.split("."))
        return f'write "{same}", the same version (PEP 440), and tag it so, too'
    if found := _SHORT_PRE.fullmatch(text):
        whole = f"{found['plain']}.0{found['pre']}"
        return f'write "{whole}", the same version (PEP 440); --pre {found["kind"]} makes the next'
    return None


def complete_version(text: str) -> str:
    """``8.5`` as 8.5.0, which is the same version (PEP 440); any other text as it is."""
    return f"{text}.0" if _SHORT.fullmatch(text) else text


def leave_out_zero(version: str) -> str:
    """8.5.0 as ``8.5``, and 8.5.0rc1 as ``8.5rc1``; 8.5.1 as it is."""
    found = _FIRST.fullmatch(version)
    return f"{found['two']}{found['pre']}" if found else version


def write_whole(version: Version) -> str:
    """A release or pre-release with all three numbers."""
    pre = "".join(map(str, version.pre or ()))
    return f"{version.major}.{version.minor}.{version.micro}{pre}"


def is_same(version: str, other: str) -> bool:
    """True for 8.1 and 8.1.0, and for 2026.02.05 and 2026.2.5, which are one version (PEP 440)."""
    try:
        return Version(version) == Version(other)
    except ValueError:  # InvalidVersion, or more digits than `int` reads
        return version == other


def tells_of(text: str, version: str) -> bool:
    """True where ``text`` names ``version``, and not only one that it is a part of."""
    return re.search(rf"(?<![\d.]){re.escape(version)}(?!\.?\d)", text) is not None


def find_version_to_come(text: str) -> Version | None:
    """The release that a version in development leads to; None for any other text.

    ``8.5.0.dev``, ``8.5.dev3``, ``8.5.0a1``, ``8.5.0rc1`` and ``8.5rc0.dev0`` (PEP 440) lead to
    8.5.0. ``8.5b0`` does not: packages that are numbered so may stay in beta for years.
    """
    try:
        found = Version(text)
    except ValueError:  # InvalidVersion, or more digits than `int` reads
        return None
    strange = found.epoch or found.local or found.is_postrelease
    plain = ".".join(map(str, found.release))
    if strange or not found.is_prerelease:
        return None
    if found.pre is None or found.pre[0] == "rc":
        plain = complete_version(plain)
    return Version(plain) if _VERSION.fullmatch(plain) else None


def bump(version: Version, level: Level, *, major_on_zero: bool) -> Version:
    """The version after a release of ``level``.

    On 0.x a major is 1.0.0 only where ``major_on_zero`` says so; otherwise it raises the minor,
    as semver.org, item 4, lets an initial development do.
    """
    if level is Level.PATCH:
        return Version(f"{version.major}.{version.minor}.{version.micro + 1}")
    if level is Level.MINOR or (version.major == 0 and not major_on_zero):
        return Version(f"{version.major}.{version.minor + 1}.0")
    return Version(f"{version.major + 1}.0.0")


def next_development(released: str) -> str:
    """The version in development after a release: the least that can come next.

    What the commits ask for may be more; a plan takes the higher of the two.
    """
    return f"{bump(Version(released), Level.PATCH, major_on_zero=True)}.dev0"


def find_level(old: Version, new: Version) -> Level:
    if new.major != old.major:
        return Level.MAJOR
    return Level.MINOR if new.minor != old.minor else Level.PATCH


def tag_name(fmt: str, repo: str, version: Version | str) -> str:
    """The tag of ``version`` in a format such as ``{repo}/v{version}``."""
    return fill_version(fill_name(fmt, repo), str(version))


def is_below(text: str, version: str) -> bool:
    """True when ``text``, which may be a version of any kind, comes before ``version``."""
    try:
        return Version(text) < Version(version)
    except ValueError:  # InvalidVersion, or more digits than `int` reads
        return False


def write_pre_option(version: str) -> str:
    """The option of a run that makes such a pre-release, after a space; nothing of a final one."""
    kind = Version(version).pre
    return f" --pre {kind[0]}" if kind else ""


def must_be_whole(path: str, separator: Separator) -> bool:
    """True of a place that has room for three numbers alone: by its file, or one name for each."""
    return path.rpartition("/")[2] in _SEMANTIC or not isinstance(separator, str)


def spell_like(new: str, old: str, path: str, separator: Separator = ".") -> str:
    """``new`` as the place of ``old`` has versions, with three numbers where it has to have three.

    That is where X.Y.0 stands so, in a tuple of three, and in YAML, to which 8.10 is 8.1.
    """
    is_bare = separator != "." or path.endswith((".cff", ".yaml", ".yml"))
    is_whole = leave_out_zero(old) != old or (is_bare and old.count(".") == 2)
    return spell_version(complete_version(new) if is_whole else new, path, separator)


def spell_version(version: str, path: str, separator: Separator = ".") -> str:
    """The version as a file has it that is none of Python's, ``separator`` between its parts.

    Raises BUMP_FAILED for a pre-release in a file that cannot hold one as PEP 440 writes it.
    """
    if _PLAIN.fullmatch(version) is None:
        numbers = separator != "." and not {"'", '"'} & {*separator}
        if numbers or path.rpartition("/")[2] in _SEMANTIC:
            what = "numbers alone" if numbers else "a version as semver.org has it"
            raise ReleaseError(
                ErrorCode.BUMP_FAILED,
                f"expected a place for {version} in {path}, found {what}, which cannot say that.",
                hint="hold the version as text in Python or pyproject.toml, or do without --pre and"
                " after_release: dev",
            )
    if must_be_whole(path, separator):
        version = complete_version(version)
    first, *rest = version.split(".")
    between = [separator] * len(rest) if isinstance(separator, str) else separator
    return first + "".join(map(str.__add__, between, rest))
