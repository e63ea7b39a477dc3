"""How a version is spelt in a file that is not one of Python's."""

from __future__ import annotations

import re

from omninode_release.errors import ErrorCode, ReleaseError

_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)*")
_SEMANTIC = frozenset({"Cargo.toml", "package.json"})
"""Files whose tools read versions as semver.org has them: 1.5.0-rc.1, and not 1.5.0rc1."""


def spell_version(version: str, path: str, separator: str = ".") -> str:
    """The version with ``separator`` between its parts.

    Raises BUMP_FAILED for a pre-release in a file that cannot hold one as PEP 440 writes it.
    """
    if _PLAIN.fullmatch(version) is None:
        numbers = separator != "." and not {"'", '"'} & {*separator}
        if numbers or path.rpartition("/")[2] in _SEMANTIC:
            what = "a tuple of numbers" if numbers else "a version as semver.org has it"
            raise ReleaseError(
                ErrorCode.BUMP_FAILED,
                f"expected a place for {version} in {path}, found {what}, which cannot say that.",
                hint="hold the version as text in Python or pyproject.toml, or do without --pre and"
                " after_release: dev",
            )
    return separator.join(version.split("."))
