"""Raise the lower bound of a requirement, and move its upper bound where the version passes it.

A bound is moved in the form it has: ``>=1.4,<1.5`` becomes ``>=1.5.0,<1.6``, ``^1.4`` becomes
``^1.5``. What has another lower bound than its form can say is written as a pair: ``~=1.4`` and
1.5.3 become ``>=1.5.3,<2``.
"""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from omninode_release.text.requirements.ranges import read_poetry_range, upper_bound
from omninode_release.text.versions.version import holds_huge_number

_TERM = re.compile(
    r"(?P<operator>\^|~=|~|===|[<>=!]=|[<>=])?(?P<gap>\s*)(?P<version>v?\d[^\s,|]*|\*)", re.ASCII
)
_BETWEEN = re.compile(r"[\s,]*", re.ASCII)
_PLAIN = re.compile(r"\d+(\.\d+)*", re.ASCII)
_UPPER = frozenset({"<", "<="})
_LOWEST = re.compile(r"(?:>=|\^|~=?)\s*(?P<version>[0-9][\w.]*)")


def find_lower_bound(written: str) -> str | None:
    """The version that a specifier asks for at least, as people raise it with each release."""
    found = _LOWEST.search(written)
    return found and found["version"]


def raise_specifier(written: str, version: str, *, poetry: bool) -> str | None:
    """The specifier as it admits ``version`` and nothing lower; None where it cannot say so.

    ``written`` is in Poetry's syntax where ``poetry`` is true. A bound that admits the version is
    kept.
    """
    new = Version(version)
    if holds_huge_number(written) or _BETWEEN.fullmatch(_TERM.sub("", written)) is None:
        return None
    try:
        after = _TERM.sub(lambda term: _raise_term(term, new), written)
    except (InvalidVersion, InvalidSpecifier, _CannotMove):
        return None
    operators = {found["operator"] or "" for found in _TERM.finditer(written)}
    if not operators - _UPPER - {"!="}:
        after = f">={new}{',' if after else ''}{after}"
    return after if _admits(after, version, poetry=poetry) else None


class _CannotMove(Exception):
    """A bound in a form that says nothing of the next one."""


def _raise_term(term: re.Match[str], new: Version) -> str:
    operator, gap, old = term["operator"] or "", term["gap"], term["version"].removeprefix("v")
    if old == "*" or operator in {">=", ">"}:
        return f">={gap}{new}"
    if operator == "!=":
        return term[0]
    if operator in _UPPER:
        if _is_below(new, operator, old):
            return term[0]
        return f"{operator}{gap}{new if operator == '<=' else _move(old, new)}"
    if operator in {"^", "~", "~="} or old.endswith(".*"):
        return _raise_compatible(operator, gap, old, new)
    return f"{operator}{gap}{new}"


def _is_below(new: Version, operator: str, bound: str) -> bool:
    return SpecifierSet(f"{operator}{bound}").contains(new, prereleases=True)


def _move(old: str, new: Version) -> str:
    """The next bound like ``old`` above ``new``: in the same place, with as many parts."""
    if _PLAIN.fullmatch(old) is None:
        raise _CannotMove
    bound = Version(old).release
    at = max((place for place, part in enumerate(bound) if part), default=0)
    kept = _pad(new.release, at + 1)
    return _write(_pad((*kept[:at], kept[at] + 1), len(bound)))


def _raise_compatible(operator: str, gap: str, old: str, new: Version) -> str:
    """A term that is a lower and an upper bound at once, as short as it was where that is true."""
    count, ends = old.removesuffix(".*").count(".") + 1, ".*" if old.endswith(".*") else ""
    short = ".".join(map(str, _pad(new.release, count)[:count]))
    shape = f"{operator}{ends}"
    above = upper_bound(shape, Version(old.removesuffix(".*")).release)
    if not _is_below(new, "<", _write(above)):
        above = upper_bound(shape, Version(short).release)
    for each in (short, *([] if ends else [str(new)])):
        same = _trim(upper_bound(shape, Version(each).release)) == _trim(above)
        if Version(each) == new and same:
            return f"{operator}{gap}{each}{ends}"
    return f">={new},<{_write(above)}"


def _pad(parts: tuple[int, ...], count: int) -> tuple[int, ...]:
    return (*parts, *(0 for _ in range(count - len(parts))))


def _trim(parts: tuple[int, ...]) -> tuple[int, ...]:
    return parts if not parts or parts[-1] else _trim(parts[:-1])


def _write(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))


def _admits(specifier: str, version: str, *, poetry: bool) -> bool:
    if poetry:
        found = read_poetry_range(specifier)
        return found is not None and found.admits(version)
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False
