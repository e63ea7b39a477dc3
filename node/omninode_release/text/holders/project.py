"""A literal in pyproject.toml: ``[project] version``, or Poetry's.

Poetry 2 keeps a literal version in ``[tool.poetry]`` and calls it dynamic in ``[project]``: it
counts, because it is a literal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.ports import Held

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source

_PROJECT = ("project", "version")
_POETRY = ("tool", "poetry", "version")


def find(source: Source) -> Held | None:
    """The literal; where a plugin of Poetry's fills it in, ``tags`` has answered before."""
    for key, value in ((_PROJECT, source.at(*_PROJECT)), (_POETRY, source.poetry_version)):
        if value is not None:
            return Held(str(value), ".".join(map(str, key)), key=key)
    return None
