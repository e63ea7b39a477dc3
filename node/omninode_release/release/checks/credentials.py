"""Whether the file with Slack's credentials is the user's alone."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from omninode_release.errors import typed
from omninode_release.models.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_credentials_file(file: Path | None) -> Iterator[Check]:
    """A warning where others can read or write it; nothing where there is no such file.

    One that cannot be read is an error of the gate, where the gate needs it.
    """
    if file is None:
        return
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return
    if mode & _OF_OTHERS:
        yield Check(
            "Slack", "credentials", "warning",
            f"expected {file} to be readable by its owner alone, found mode {mode:03o}",
            typed(("chmod", "600", str(file))),
        )  # fmt: skip
    else:
        yield Check("Slack", "credentials", "ok", f"{file} is its owner's alone")
