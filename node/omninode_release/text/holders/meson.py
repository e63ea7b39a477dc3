"""meson-python: the version of ``project()`` in meson.build (mesonbuild.com, "project()")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.holders.ports import Held

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Source

_FILE = "meson.build"
# What stands between the parentheses of the call, texts and calls inside of it stepped over.
_PROJECT = re.compile(
    r"""
    ^project[ \t]*\(
    (?: '(?:[^'\\\n]|\\.)*' | \#[^\n]* | (?<!\w)version\s*:\s*'(?P<literal>[^'\\\n]+)'
      | \((?:'(?:[^'\\\n]|\\.)*'|[^()'])*\) | [^()'\#] )*
    """,
    re.VERBOSE | re.MULTILINE,
)


def find(source: Source) -> Held | None:
    """The literal that ``project()`` is given."""
    if source.backend != "mesonpy" or not source.is_dynamic:
        return None
    found = _PROJECT.search(source.read(_FILE) or "")
    if found is None or found["literal"] is None:
        raise source.unheld(f"in project() of {_FILE}", "it has none that is written plainly")
    return Held(found["literal"], f"project() of {_FILE}", _FILE, span=found.span("literal"))
