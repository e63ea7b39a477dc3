"""What the programs that lock print when they fail, in the words a person needs of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import split_lines
from omninode_release.text import uv_output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.models.lock import LockName

_LAST_LINES = 4
_NOISE = re.compile(
    r"Creating virtualenv |Updating dependencies|Resolving dependencies|See .*log for detailed"
    r"|WARNING: Add '-v'|INFO: |Traceback |\s+File |\s+[\w.]+\(|During handling|The above exception"
    r"|\s*\^+$|\W*$"
)
_NOT_FOUND: Mapping[LockName, str] = {
    "poetry": r"(?<![\w-]){name}(?:\[[^\]]*\])? \([^)]*\) which doesn't match any versions",
    "pdm": r"Unable to find (?:a resolution|candidates) for {name}(?![\w-])",
    "requirements": r"(?:No matching distribution found for|that satisfies the requirement)"
    r" {name}(?:\[[^\]]*\])?[=<>]",
}


def explain_output(output: str) -> str:
    """Why a program failed, in one line: the last that it said."""
    said = [line.strip() for line in split_lines(output) if not _NOISE.match(line)]
    return "; ".join(each.rstrip(".") for each in said[-_LAST_LINES:]) or "it said nothing"


def is_not_found(kind: LockName, output: str, distribution: str, version: str) -> bool:
    """True when the program did not find a version, by its own wording."""
    name, words = re.escape(canonicalize_name(distribution)), " ".join(output.split())
    told = re.search(_NOT_FOUND[kind].format(name=name), words, re.IGNORECASE)
    is_uv = kind == "requirements" and uv_output.is_not_found(output, distribution, version)
    return told is not None or is_uv
