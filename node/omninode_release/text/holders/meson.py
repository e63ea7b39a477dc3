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
    (?: '(?:[^'\\\n]|\\.)*' | \#[^\n]*
      | (?<!\w)version\s*:\s*(?:'(?P<literal>[^'\\\n]+)'|files\(\s*'(?P<file>[^'\\\n]+)'\s*\))
      | \((?:'(?:[^'\\\n]|\\.)*'|[^()'])*\) | [^()'\#] )*
    """,
    re.VERBOSE | re.MULTILINE,
)


def find(source: Source) -> Held | None:
    """The literal that ``project()`` is given, or the file that is it."""
    if source.backend != "mesonpy" or not source.is_dynamic:
        return None
    found = _PROJECT.search(source.read(_FILE) or "")
    if found is not None and found["file"] is not None:
        return _read_file(source, found["file"])
    if found is None or found["literal"] is None:
        raise source.unheld(f"in project() of {_FILE}", "it has none that is written plainly")
    return Held(found["literal"], f"project() of {_FILE}", _FILE, span=found.span("literal"))


def _read_file(source: Source, path: str) -> Held:
    """Meson takes a file of one line for the version."""
    text = source.read(path) or ""
    literal = text.strip()
    if not literal or "\n" in literal:
        said = f"in {path}, which project() of {_FILE} names"
        raise source.unheld(said, "it is not one line")
    start = text.index(literal)
    return Held(literal, path, path, span=(start, start + len(literal)))
