"""What LOCK waits for: all that this run has released, whoever pins it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from omninode_release.errors import CommandFailed
from omninode_release.models.config_parts import Polling, Timeouts
from omninode_release.phases.locks.wait_for_index import run_until_found
from omninode_release.system.clock import SystemClock
from omninode_release.text.uv_output import is_not_found

CONFIG = SimpleNamespace(
    timeouts=Timeouts(lock_minutes=1), polling=Polling(min_seconds=0.01, max_seconds=0.01)
)
CTX: Any = SimpleNamespace(config=CONFIG, clock=SystemClock(), report=lambda _: None)


def lock(released: dict[str, str]) -> int:
    """How often a lock was tried that lacks what the package of another requires, at first."""
    pins = (SimpleNamespace(distribution="core", version="1.5.0", together=False),)
    row = SimpleNamespace(pins=pins)
    step: Any = SimpleNamespace(repo="app", row=row, released=released)
    tries: list[int] = []

    def run() -> None:
        tries.append(1)
        if len(tries) == 1:
            said = "Because there is no version of spi==1.2.1 and core==1.5.0 depends on it, no."
            raise CommandFailed(
                ("uv", "lock"), cwd="/", returncode=1, stdout="", stderr=said, seconds=1
            )

    run_until_found(step, CTX, run, is_not_found, lock="uv")
    return len(tries)


def test_what_is_pinned_may_require_what_the_index_shows_late() -> None:
    assert lock({"core": "1.5.0", "spi": "1.2.1"}) == 2


def test_what_this_run_has_not_released_is_not_waited_for() -> None:
    with pytest.raises(CommandFailed):
        lock({"core": "1.5.0"})
