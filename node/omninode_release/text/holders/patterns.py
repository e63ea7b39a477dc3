"""Patterns that a repository's own files give.

One can keep Python busy for years, and nothing stops a search that has begun. So each is made by a
process of its own, which has a deadline.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path

from omninode_release.errors import ReleaseError
from omninode_release.system.process import Programs
from omninode_release.text.holders.ports import Held

_SECONDS = 10.0
_SEARCH = """\
import json, re, sys
pattern, group, text = json.load(sys.stdin)
found = re.search(pattern, text, re.MULTILINE)
print(*found.span(group) if found and found[group] else ())
"""


@lru_cache(maxsize=256)
def find_by_pattern(pattern: str, group: str, path: str, text: str) -> Held | None:
    """What ``group`` of a pattern finds in the text of a file.

    None where that is nothing, where the pattern is none, and where it takes seconds.
    """
    argv = (sys.executable, "-I", "-S", "-c", _SEARCH)
    given = json.dumps((pattern, group, text))
    try:
        done = Programs({})(argv, cwd=Path("/"), timeout=_SECONDS, stdin=given, ok=(0, 1))
    except ReleaseError:
        return None
    span = [*map(int, done.stdout.split())]
    if done.returncode or not span:
        return None
    return Held(text[span[0] : span[1]], path, path, span=(span[0], span[1]))
