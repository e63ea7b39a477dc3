"""Waiting for another process of a test, on a machine that may be busy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 300
"""Enough for a run beside twenty others: only what hangs takes longer."""


def wait_until(happened: Callable[[], bool], found: Callable[[], str]) -> None:
    """Wait until something has happened; ``found`` says what there is instead when it does not."""
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline, found()
        time.sleep(0.02)


def wait_for_file(path: Path) -> None:
    wait_until(path.exists, lambda: f"{path} never appeared")
