"""Which versions of Python a package says it supports, as far as a plan can compare them.

Only bounds from below count: uv leaves those from above out of account, too
(docs.astral.sh/uv, "Requires Python").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from omninode_release.text.formats.toml_document import value_at
from omninode_release.text.requirements.ranges import lower_bound, read_poetry_range
from omninode_release.text.versions.version import holds_huge_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from packaging.markers import Marker

_PLACE = ("project", "requires-python")
_POETRY_PLACE = ("tool", "poetry", "dependencies", "python")
# Every line of Python 3 that there may be for as long as this is used.
_MINORS = tuple(f"3.{minor}" for minor in range(50))
_PYTHON_NAMES = frozenset({"python_version", "python_full_version"})
_WORDS = frozenset({"and", "or", "not", "in"})


def read_requires_python(parsed: Mapping[str, Any]) -> SpecifierSet | None:
    """What a manifest says of Python; None where it says nothing, or not plainly."""
    plain, poetry = value_at(parsed, _PLACE), value_at(parsed, _POETRY_PLACE)
    if isinstance(plain, str):
        try:
            return None if holds_huge_number(plain) else SpecifierSet(plain)
        except InvalidSpecifier:
            return None
    found = read_poetry_range(poetry) if isinstance(poetry, str) else None
    return found.alternatives[0] if found and len(found.alternatives) == 1 else None


def find_unsupported(
    supported: SpecifierSet, needed: SpecifierSet, marker: Marker | None = None
) -> str | None:
    """The oldest Python that ``supported`` lets in and ``needed`` does not; None without one.

    ``marker`` says where the need applies. One that asks for Python and for more besides is not
    judged here: the resolver does.
    """
    oldest, wanted = lower_bound(supported), lower_bound(needed)
    if oldest is None or wanted is None or oldest >= wanted:
        return None
    if marker is not None and _asks_for_more(marker):
        return None
    for minor in (str(oldest), *_MINORS):
        if oldest <= Version(minor) < wanted and may_apply(marker, minor):
            return minor
    return None


def can_apply(marker: Marker | None, supported: SpecifierSet | None) -> bool:
    """False where the marker asks for a Python that is older than any ``supported`` lets in."""
    if marker is None or supported is None:
        return True
    oldest = lower_bound(supported)
    if oldest is None:
        return True
    minors = (str(oldest), *(each for each in _MINORS if Version(each) >= oldest))
    return any(may_apply(marker, minor) for minor in minors)


def may_apply(marker: Marker | None, minor: str) -> bool:
    """False where the marker asks for Python alone, and for another one than ``minor``."""
    if marker is None or _names(marker) - _PYTHON_NAMES:
        return True
    full = ".".join([*minor.split("."), "0", "0"][:3])
    line = ".".join(full.split(".")[:2])
    return marker.evaluate({"python_version": line, "python_full_version": full})


def _asks_for_more(marker: Marker) -> bool:
    names = _names(marker)
    return bool(names & _PYTHON_NAMES) and bool(names - _PYTHON_NAMES)


def _names(marker: Marker) -> set[str]:
    """The environment variables of PEP 508 that a marker asks for."""
    return set(re.findall(r"[a-z_]+", re.sub(r"\"[^\"]*\"|'[^']*'", "", str(marker)))) - _WORDS
