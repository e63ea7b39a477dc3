"""Run ids: how one is made, and which ones can be a path and a branch component."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
RUN_ID_RULE = "1 to 64 letters, digits, '.', '_' or '-', no '..', not ending in '.' or '.lock'"


def is_run_id(text: str) -> bool:
    """True when ``text`` can stand in a file name and in a branch (git check-ref-format)."""
    return (
        _RUN_ID.fullmatch(text) is not None
        and ".." not in text
        and not text.endswith((".", ".lock"))
    )


def make_run_id(repos: Iterable[str], day: date) -> str:
    """``release-<YYYYMMDD>-<6 hex>``, the same for the same repositories and day (spec, Run ID)."""
    stamp = f"{day:%Y%m%d}"
    digest = hashlib.sha256((",".join(sorted(repos)) + stamp).encode()).hexdigest()
    return f"release-{stamp}-{digest[:6]}"
