"""What uv prints when it fails, in the words a person needs of it."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

from omninode_release.errors import split_lines
from omninode_release.text.versions.version import is_below

# Older versions draw a tree of causes instead of writing the word; all of them wrap long lines.
_CAUSE = re.compile(r"\s*(?:error:|cause:|\N{MULTIPLICATION SIGN} |╰─▶ |├─▶ )\s*(?P<what>.+)")
_OWN = re.compile(r"Building |Using |Resolv|Ignoring |Updat|Add|Remov|warning:|hint:|\[\w+\]$")
"""How lines begin by which uv tells what it does."""
_REFUSED = re.compile(r"An index [^,]*?(?:\(401 Unauthorized\)|403 Forbidden error)")
_LAST_LINES = 3
"""Of a build back end."""


def explain_uv(output: str) -> str:
    """Why uv failed, in one line; after it the last lines of a build back end, if it was that."""
    causes: list[str] = []
    others: list[str] = []
    wraps = False
    for line in split_lines(output):
        found = _CAUSE.match(line)
        if found is not None:
            causes.append(found["what"].strip())
        elif wraps and line[:1].isspace() and line.strip():
            causes[-1] += f" {line.strip()}"
        elif line.strip() and not _OWN.match(line):
            others.append(line.strip())
        wraps = found is not None or (wraps and line[:1].isspace())
    refusal = find_index_refusal(output)
    told = (*causes, *([refusal] if refusal else []), *others[-_LAST_LINES:])
    return "; ".join(each.rstrip(".") for each in told) or "it said nothing"


def find_index_refusal(output: str) -> str | None:
    """Uv's words for an index that refuses its login; None where none does.

    They are a hint below: what such an index has, it says, "was not found".
    """
    found = _REFUSED.search(" ".join(output.split()))
    return found[0] if found else None


def find_python_limit(output: str) -> str | None:
    """What needs a newer Python than the project promises, and which; None where it is not that."""
    words = " ".join(output.split())
    found = re.search(r"(\S+) requires Python ?(\S+?),? ", words) or re.search(
        r"does not satisfy Python\S+ and (\S+) depends on Python ?(\S+?),? ", words
    )
    return f"{found[1]} needs Python {found[2]}" if found else None


def is_filtered(output: str, distribution: str) -> bool:
    """True when uv says that it knows of newer files and that a cutoff keeps them out.

    (uv, "exclude-newer": a setting of the project, the user or the environment.)
    """
    name, words = re.escape(canonicalize_name(distribution)), " ".join(output.split())
    return bool(
        re.search(rf"`{name}` was filtered by `exclude-newer`", words)
        or re.search(
            rf"(?<![\w-]){name}(?:[<>=!]\S*)? w\w+ published after the exclude newer", words
        )
    )


def is_not_found(output: str, distribution: str, version: str) -> bool:
    """True when uv did not find a version, by its own wording, and does not say that it hid it."""
    name, words = re.escape(canonicalize_name(distribution)), " ".join(output.split())
    name = rf"(?<![\w-]){name}(?:\{{.*?\}})?"  # in braces: for which Python or platform
    # A page of the index may list a file before every server of the index has it.
    file = canonicalize_name(distribution).replace("-", "[-_.]+") + f"-{re.escape(version)}"
    absent = rf"(?i)Failed to fetch\S* \S*/{file}(?:-|\.tar|\.zip)\S+ .*\(404 "
    below = re.search(rf"only {name}(?:<=?|==)(\S+) is available", words)
    return not is_filtered(output, distribution) and (
        re.search(rf"no version of {name}=={re.escape(version)}(?!\S)", words) is not None
        or re.search(rf"{name} was not found in the package registry", words) is not None
        or re.search(absent, words) is not None
        or (below is not None and is_below(below[1], version))  # of one that was raised to it
    )


def is_offline(output: str) -> bool:
    """True when uv would have needed the network that it was told to do without."""
    return "network was disabled" in " ".join(output.split()).lower()
