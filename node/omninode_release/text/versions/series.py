"""The releases that a release branch is for, as its name says: ``2.x``, ``release-2.4``, ``v3``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from packaging.version import Version

_SERIES = re.compile(
    r"(?:[A-Za-z][A-Za-z/_-]*[/_-])?v?(?P<major>0|[1-9][0-9]{0,8})(?:\.(?P<minor>0|[1-9][0-9]{0,8}))?(?:\.[x*])*",
    re.IGNORECASE,
)


class Series(NamedTuple):
    """All releases of one major version, or of one minor version of it."""

    major: int
    minor: int | None = None

    @property
    def words(self) -> str:
        """Such as ``2.x`` or ``2.4.x``."""
        return f"{self.major}.x" if self.minor is None else f"{self.major}.{self.minor}.x"

    @property
    def first(self) -> str:
        return f"{self.major}.{self.minor or 0}.0"

    def ends_before(self, version: Version) -> bool:
        """True for a version that comes after all of the series."""
        if self.minor is None:
            return version.major > self.major
        return (version.major, version.minor) > (self.major, self.minor)

    def begins_after(self, version: Version) -> bool:
        """True for a version that comes before all of the series."""
        return (version.major, version.minor) < (self.major, self.minor or 0)


def read_series(branch: str | None) -> Series | None:
    """What a branch of that name is for; None where it names no version."""
    found = _SERIES.fullmatch(branch or "")
    if found is None:
        return None
    minor = found["minor"]
    return Series(int(found["major"]), None if minor is None else int(minor))
