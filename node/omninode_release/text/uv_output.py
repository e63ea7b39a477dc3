"""What uv prints when it fails, in the words a person needs of it."""

from __future__ import annotations

import re

from packaging.utils import canonicalize_name

# Older versions draw a tree of causes instead of writing the word.
_CAUSE = re.compile(r"\s*(?:error:|cause:|\N{MULTIPLICATION SIGN} |╰─▶ |├─▶ )\s*(?P<what>.+)")
_HINT = re.compile(r"\s*hint:")
_BACKEND = re.compile(r"\[(?:stderr|stdout)\]")
_LAST_LINES = 3
"""Of a build back end."""


def explain_uv(output: str) -> str:
    """Why uv failed, in one line; after it the last lines of a build back end, if it was that."""
    before, _, backend = _split_backend(output)
    causes = [found["what"] for line in before.splitlines() if (found := _CAUSE.match(line))]
    last = [line for line in backend.splitlines() if line.strip() and not _HINT.match(line)]
    last = last[-_LAST_LINES:]
    said = [each.strip().rstrip(".") for each in (*causes, *last)]
    return "; ".join(said) or " ".join(output.split())[-300:] or "it said nothing"


def _split_backend(output: str) -> tuple[str, str, str]:
    found = _BACKEND.search(output)
    if found is None:
        return output, "", ""
    return output[: found.start()], found[0], output[found.end() :]


def is_filtered(output: str, distribution: str) -> bool:
    """True when uv says that it knows of newer files and that a cutoff keeps them out.

    (uv, "exclude-newer": a setting of the project, the user or the environment.)
    """
    name, words = re.escape(canonicalize_name(distribution)), " ".join(output.split())
    return bool(
        re.search(rf"`{name}` was filtered by `exclude-newer`", words)
        or re.search(rf"\b{name}\S* was published after the exclude newer time", words)
    )


def is_not_found(output: str, distribution: str, version: str) -> bool:
    """True when uv did not find a version, by its own wording, and does not say that it hid it."""
    name, words = canonicalize_name(distribution), " ".join(output.split())
    return not is_filtered(output, distribution) and (
        f"no version of {name}=={version}" in words
        or f"{name} was not found in the package registry" in words  # its first release
    )


def is_offline(output: str) -> bool:
    """True when uv would have needed the network that it was told to do without."""
    return "network was disabled" in " ".join(output.split()).lower()
