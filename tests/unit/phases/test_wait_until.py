"""How often a wait looks: what docs/github.md promises about API calls rests on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from omninode_release.models.config import Polling, Timeouts
from omninode_release.models.request import ReleaseRequest
from omninode_release.phases.ports import wait_until
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT

if TYPE_CHECKING:
    from omninode_release.phases.ports import Context


class Passing(FixedClock):
    """A clock on which only sleeping takes time."""

    elapsed = 0.0

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds


def looks_in(seconds: float) -> int:
    looks: list[None] = []
    clock = Passing(MOMENT)
    ctx = cast("Context", SimpleNamespace(clock=clock, report=lambda _: None))

    assert wait_until(lambda: looks.append(None), what="it", seconds=seconds,
                      polling=Polling(), ctx=ctx) is None  # fmt: skip

    assert clock.elapsed == pytest.approx(seconds)
    return len(looks)


def test_looks_are_as_many_as_the_documents_say() -> None:
    timeouts = Timeouts()

    assert looks_in(timeouts.merge_minutes * 60) == 128
    assert looks_in(timeouts.workflow_grace_seconds) == 10
    assert looks_in(ReleaseRequest().pypi_timeout_minutes * 60) == 28


def test_a_wait_that_is_over_has_looked_once() -> None:
    assert looks_in(0) == 1
