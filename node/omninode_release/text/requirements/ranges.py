"""Which versions a requirement admits, in either of the syntaxes a manifest can write it in.

PEP 440 is read by `packaging`; a constraint of Poetry is rewritten as PEP 440 first
(python-poetry.org, "Dependency specification").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from omninode_release.text.versions.version import holds_huge_number

if TYPE_CHECKING:
    from omninode_release.text.requirements.declared import DeclaredRequirement

_POETRY_TERM = re.compile(
    r"(?P<operator>\^|~=|~|[<>=!]=|[<>=])?\s*(?P<version>v?\d[^\s,|]*|\*)\s*,?\s*"
)
_FROM_BELOW = frozenset({">=", ">", "~=", "==", "==="})


@dataclass(frozen=True)
class VersionRange:
    """The versions that one requirement admits."""

    alternatives: tuple[SpecifierSet, ...]
    """A version that one of them contains is admitted; only Poetry writes more than one."""

    def admits(self, version: str) -> bool:
        return any(each.contains(version, prereleases=True) for each in self.alternatives)

    def lets_in(self, version: str) -> bool:
        """True where installers take it: of pre-releases, those that a bound names (PEP 440)."""
        is_final = not Version(version).is_prerelease
        return self.admits(version) and (is_final or self.names_prereleases)

    def is_above(self, version: str) -> bool:
        """True when everything that is admitted is higher than ``version``."""
        bounds = [lower_bound(each) for each in self.alternatives]
        return not self.admits(version) and all(
            bound is not None and bound >= Version(version) for bound in bounds
        )

    @property
    def names_prereleases(self) -> bool:
        """True where a bound is itself a version such as 2.0rc1."""
        return any(each.prereleases for each in self.alternatives)


def read_range(declared: DeclaredRequirement) -> VersionRange | None:
    """What a requirement admits; None where it is a direct URL or cannot be read."""
    if declared.direct:
        return None
    if declared.is_poetry:
        return read_poetry_range(declared.specifier) if declared.specifier else None
    requirement = declared.requirement
    return None if requirement is None else VersionRange((requirement.specifier,))


def read_poetry_range(constraint: str) -> VersionRange | None:
    """What a constraint of Poetry admits; None where it is none."""
    if holds_huge_number(constraint):
        return None
    try:
        return VersionRange(tuple(map(_read_alternative, re.split(r"\|\|?", constraint))))
    except (InvalidSpecifier, InvalidVersion):
        return None


def find_exact_version(declared: DeclaredRequirement) -> Version | None:
    """The one version that a requirement names with ``==``; None for every other form."""
    found = read_range(declared)
    if found is None or len(found.alternatives) != 1:
        return None
    specifiers = list(found.alternatives[0])
    if len(specifiers) != 1 or specifiers[0].operator not in {"==", "==="}:
        return None
    try:
        return Version(specifiers[0].version)
    except InvalidVersion:  # ==1.4.*
        return None


def lower_bound(specifiers: SpecifierSet) -> Version | None:
    """The highest bound from below; None where there is none, or where it cannot be read."""
    try:
        return max(
            (
                Version(each.version.removesuffix(".*"))
                for each in specifiers
                if each.operator in _FROM_BELOW
            ),
            default=None,
        )
    except InvalidVersion:  # ===something
        return None


def _read_alternative(text: str) -> SpecifierSet:
    """Terms with commas or spaces between them, all of which hold."""
    rest, terms = text.strip(), [""]
    while rest or len(terms) == 1:
        found = _POETRY_TERM.match(rest)
        if found is None:
            raise InvalidSpecifier(text)
        terms.append(_translate_term(found["operator"] or "==", found["version"].removeprefix("v")))
        rest = rest[found.end() :]
    return SpecifierSet(",".join(filter(None, terms)))


def _translate_term(operator: str, version: str) -> str:
    if version == "*":
        return ""
    if operator not in {"^", "~"}:
        return f"{'==' if operator == '=' else operator}{version}"
    above = upper_bound(operator, Version(version).release)
    return f">={version},<{'.'.join(map(str, above))}"


def upper_bound(operator: str, release: tuple[int, ...]) -> tuple[int, ...]:
    """The release that a term such as ``^1.4`` or ``~=1.4`` ends before; also of ``==1.4.*``.

    ``operator`` is what stands around the version. Raises InvalidVersion where the two do not go
    together.
    """
    if operator == "^":
        kept = _caret_position(release)
    elif operator == "~":
        kept = min(1, len(release) - 1)
    elif operator == "~=" and len(release) > 1:
        kept = len(release) - 2
    elif operator.endswith(".*"):
        kept = len(release) - 1
    else:
        raise InvalidVersion(f"{operator} with {'.'.join(map(str, release))}")
    return (*release[:kept], release[kept] + 1)


def _caret_position(release: tuple[int, ...]) -> int:
    """The first part that is not zero, which a caret lets nothing raise."""
    return next((at for at, part in enumerate(release) if part), len(release) - 1)
