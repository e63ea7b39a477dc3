"""How soon a release goes on after what it waited for, and how often it asks meanwhile.

Nothing is timed: on the clock of these tests only sleeping takes time.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.endings import APPROVED, RUN
from support.slow_ci import release_slowly

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

pytestmark = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
PAIR = ("alpha", "beta")
MOST_CALLS = 400 // 6
"""Of one repository, where six may need 400 with checks of ten minutes."""


@pytest.mark.parametrize(("checks", "run"), [(3, 3), (600, 120)])
def test_a_release_goes_on_soon(small_org: Org, github: GitHub, checks: float, run: float) -> None:
    seen = release_slowly(small_org, github, PAIR, "--run-id", RUN, *APPROVED,
                          checks=checks, run=run)  # fmt: skip

    assert seen.ran.code == 0, seen.ran.err
    assert all(0 <= late <= max(2, checks / 10) for late in seen.checks.values())
    assert all(0 <= late <= max(2, run / 10) for late in seen.publishes.values())
    assert seen.unchanged > 0
    # GitHub does not count what it answers 304.
    assert seen.calls - seen.unchanged <= MOST_CALLS * len(PAIR)
