"""The user's file of variables, where credentials are that stand in no environment."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from omninode_release.system.files import read_file

if TYPE_CHECKING:
    from pathlib import Path


def env_file(home: Path) -> Path:
    """The file with what is not in the environment (spec, Credential Resolution)."""
    return home / ".omnibase" / ".env"


def read_variables(file: Path | None) -> dict[str, str]:
    """Everything that can be read of the file, whatever it is for; what is wrong is left out."""
    if file is None:
        return {}
    try:
        text = read_file(file).decode("utf-8-sig", errors="replace")
    except OSError:
        return {}
    from dotenv.parser import parse_stream  # noqa: PLC0415 - only where there is a file

    bindings = parse_stream(io.StringIO(text))
    return {each.key: each.value for each in bindings if each.key and each.value}
