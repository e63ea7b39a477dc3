"""What a package's files mean to those who build and install it, however they are laid out.

A formatter sorts and spells it otherwise, and the meaning stays. The version is left out: BUMP
looks after that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name, canonicalize_version

from omninode_release.errors import ReleaseError
from omninode_release.text.formats.toml_document import list_at, value_at
from omninode_release.text.holders.ports import Source
from omninode_release.text.locks.requirements_files import find_generator
from omninode_release.text.manifests.manifest import (
    MANIFEST,
    find_manifest,
    parse_manifest,
    read_distribution,
    read_requirements,
)
from omninode_release.text.needs.registry import find_python
from omninode_release.text.requirements.declared import (
    BUILD_REQUIRES,
    read_pep508,
    write_inline,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from packaging.requirements import Requirement
    from packaging.specifiers import Specifier

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Read
    from omninode_release.text.requirements.declared import DeclaredRequirement

_PLAIN: tuple[KeyPath, ...] = (
    ("build-system", "build-backend"),
    ("build-system", "backend-path"),
    *(("project", key) for key in ("dynamic", "scripts", "gui-scripts", "entry-points")),
    ("dependency-groups",),
    ("tool", "uv"),
    *(("tool", "poetry", key) for key in ("dependencies", "dev-dependencies", "group", "extras")),
    *(("tool", "poetry", key) for key in ("source", "packages", "include", "exclude", "build")),
    *(("tool", "poetry", key) for key in ("scripts", "plugins")),
    *(("tool", "pdm", key) for key in ("build", "source", "resolution", "dev-dependencies")),
    *(("tool", "hatch", key) for key in ("build", "metadata")),
    *(("tool", key) for key in ("setuptools", "flit", "maturin", "scikit-build", "meson-python")),
)
"""What is compared as it stands; of the groups what includes another one.

It says what is packed, by what commands a package is called, and where requirements are taken from.
"""


class Fact(NamedTuple):
    """One thing that a package says of itself."""

    place: str
    """Where it says it, as a reader would look for it."""
    key: object
    """The same for all spellings of it."""
    shown: str
    """How it is written."""
    file: str = MANIFEST
    is_made: bool = False
    """True where a program makes the file, which a lock or a command of ``after_bump`` runs."""

    def __str__(self) -> str:
        return f"{self.shown} in {self.place}"

    @property
    def same(self) -> tuple[str, object]:
        """What all facts have that say the same; extras and groups are spelled as names are."""
        return canonicalize_name(self.place), self.key


class Difference(NamedTuple):
    """One thing that a package says otherwise than it is to."""

    fact: Fact
    is_new: bool
    """False where it is missing."""

    def __str__(self) -> str:
        return f"{'' if self.is_new else 'no '}{self.fact}"


def read_meaning(read: Read) -> list[Fact]:
    """All that a package says of name, build, Python and requirements.

    Raises SCAN_FAILED for a manifest that cannot be read.
    """
    text = find_manifest(read) or ""
    parsed = parse_manifest(text, where=MANIFEST)
    source = Source(parsed, read, MANIFEST)
    name, python = read_distribution(read), find_python(source)
    found = [
        Fact("the package's name", canonicalize_name(name or ""), repr(name)),
        Fact("requires-python", _spell_versions(python or ()), repr(str(python or ""))),
    ]
    for at, raw in enumerate(list_at(parsed, BUILD_REQUIRES)):
        need = read_pep508((*BUILD_REQUIRES, at), raw) if isinstance(raw, str) else None
        found += [_read_need(need, read)] if need else []
    needs = read_requirements(text, where=MANIFEST, read=read)
    found += [_read_need(each, read) for each in needs if not each.is_poetry]
    spelled = {(each.place, each.raw) for each in needs}
    for path in _PLAIN:
        found += _read_leaves(value_at(parsed, path), path, spelled)
    return found


def list_differences(before: Collection[Fact], after: Collection[Fact]) -> list[Difference]:
    """What is there and was not, and what is missing."""
    was, now = ({each.same for each in facts} for facts in (before, after))
    new = [Difference(each, is_new=True) for each in after if each.same not in was]
    gone = [Difference(each, is_new=False) for each in before if each.same not in now]
    return [*new, *gone]


def read_meaning_or_fault(read: Read) -> list[Fact]:
    """The same; of files that cannot be read any more, what is wrong with them."""
    try:
        return read_meaning(read)
    except ReleaseError as error:
        return [Fact(MANIFEST, error.message, error.message.rstrip("."))]


def _read_need(need: DeclaredRequirement, read: Read) -> Fact:
    found = need.requirement
    key = _spell(found) if found else "".join(need.raw.split())
    is_made = need.file != MANIFEST and find_generator(read(need.file) or "") is not None
    return Fact(need.place, key, repr(need.raw), need.file, is_made)


def _spell(need: Requirement) -> object:
    extras = frozenset(map(canonicalize_name, need.extras))
    versions = _spell_versions(need.specifier)
    return canonicalize_name(need.name), extras, versions, need.url, str(need.marker or "")


def _spell_versions(specifiers: Iterable[Specifier]) -> frozenset[tuple[str, str]]:
    """``>=1.0`` and ``>=1`` are the same, ``~=1.0`` and ``~=1`` are not."""
    return frozenset(
        (
            each.operator,
            canonicalize_version(each.version, strip_trailing_zero=each.operator != "~="),
        )
        for each in specifiers
    )


def _read_leaves(
    value: object, path: KeyPath, spelled: Collection[tuple[str, str]]
) -> Iterator[Fact]:
    """Each value below ``path`` but the requirements that were read: place and text of each.

    The order of keys and of lists is the formatter's.
    """
    place = ".".join(map(str, path))
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _read_leaves(each, (*path, key), spelled)
    elif isinstance(value, list):
        for each in value:
            yield from _read_leaves(each, path, spelled)
    elif value is not None and (place, value) not in spelled:
        shown = write_inline(value)
        yield Fact(place, shown, shown)
