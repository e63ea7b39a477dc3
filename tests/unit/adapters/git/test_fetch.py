"""A fetch into a clone in which another git is at work, such as that of an editor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git, Patience
from omninode_release.errors import CommandFailed
from omninode_release.models.config_parts import Polling
from omninode_release.system.clock import FixedClock
from support.gitrepo import git, land
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


class Unlocking(FixedClock):
    """The other git has ended after so many of our pauses."""

    def __init__(self, lock: Path, pauses: int) -> None:
        super().__init__(datetime(2026, 2, 25, tzinfo=UTC))
        self.lock, self.left = lock, pauses

    def sleep(self, seconds: float) -> None:
        del seconds
        self.left -= 1
        if not self.left:
            self.lock.unlink()


def _hold(org: Org) -> tuple[Path, str]:
    """A commit that the clone does not have, and the lock of the ref that a fetch moves."""
    landed = land(org.remote("alpha"), "new.md", "New.\n", "docs: new")
    lock = org.clone("alpha") / ".git" / "refs" / "remotes" / "origin" / "main.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    return lock, landed


def test_a_fetch_waits_for_the_other_git(small_org: Org) -> None:
    lock, landed = _hold(small_org)
    patience = Patience(Unlocking(lock, pauses=2), Polling(), attempts=3)

    assert Git(small_org.clone("alpha"), programs(), 60, patience).fetch("main") == landed


def test_a_lock_that_stays_is_named(small_org: Org) -> None:
    lock, _ = _hold(small_org)
    patience = Patience(Unlocking(lock, pauses=9), Polling(), attempts=3)

    with pytest.raises(CommandFailed, match=r"main\.lock"):
        Git(small_org.clone("alpha"), programs(), 60, patience).fetch("main")

    assert git(small_org.clone("alpha"), "log", "-1", "--format=%s", "origin/main") != "docs: new"
