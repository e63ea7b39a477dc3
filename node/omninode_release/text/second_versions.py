"""A second place in pyproject.toml that holds the version: the table of another tool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.toml_document import find_string_paths, parse_toml, value_at

if TYPE_CHECKING:
    from collections.abc import Collection

    from omninode_release.text.toml_document import KeyPath

_POETRY = ("tool", "poetry", "version")
_MAIN = ("project", "version")
_NAMES = {"version", "current_version"}
# `foo = {version = "1.0.0"}` is a requirement.
_REQUIREMENTS = re.compile(r".*dependencies|groups?|sources?|overrides?")


def find_second_versions(text: str, versions: Collection[str]) -> list[KeyPath]:
    """Where tables of tools hold one of ``versions``, the place that BUMP writes aside.

    ``text`` is TOML that can be read.
    """
    parsed = parse_toml(text)
    main = _MAIN if value_at(parsed, _MAIN) is not None else _POETRY
    if sum(map(text.count, versions)) <= (value_at(parsed, main) in versions):
        return []  # as nearly always: only that place is left
    return [
        path
        for path in find_string_paths(parsed.get("tool"), ("tool",))
        if path != main and _is_version(path) and value_at(parsed, path) in versions
    ]


def decides_beside_project(text: str, path: KeyPath) -> bool:
    """True where a build could take the version from ``path``: poetry-core 1 has its own table."""
    system = parse_toml(text).get("build-system", {})
    needs = [str(each) for each in system.get("requires", [])]
    is_new = any(re.match(r"poetry[-_.]core\s*(?:>=|==|~=|\^)\s*[2-9]", each) for each in needs)
    backend = str(system.get("build-backend", ""))
    return path == _POETRY and backend.startswith("poetry") and not is_new


def _is_version(path: KeyPath) -> bool:
    keys = [str(key) for key in path]
    named = keys[-1] in _NAMES or keys[-2:] == ["version", "current"]
    return named and not any(_REQUIREMENTS.fullmatch(key) for key in keys)
