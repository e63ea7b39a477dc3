"""How soon a release goes on after what it waited for, and how often it asks meanwhile.

Nothing is timed: on the clock of these tests only sleeping takes time.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
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
MOST_EVENTS = 8
"""Of one repository; what is waited for is told once."""


@pytest.mark.parametrize(("checks", "run"), [(3, 3), (600, 120)])
def test_a_release_goes_on_soon(small_org: Org, github: GitHub, checks: float, run: float) -> None:
    file = small_org.root / "events.jsonl"

    seen = release_slowly(small_org, github, PAIR, "--run-id", RUN, *APPROVED,
                          "--events", str(file), checks=checks, run=run)  # fmt: skip

    assert seen.ran.code == 0, seen.ran.err
    assert all(0 <= late <= max(2, checks / 10) for late in seen.checks.values())
    assert all(0 <= late <= max(2, run / 10) for late in seen.publishes.values())
    assert seen.unchanged > 0
    events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    # Six of them are fewer than sixty, with the plan, the gate and the end.
    ours = Counter(e.get("repo") for e in events if e["event"] != "Rehearsing")
    assert max(ours[repo] for repo in PAIR) <= MOST_EVENTS
    waits = [e["lines"] for e in events if e["event"] == "Waiting"]
    assert len(waits) == 2 * len(PAIR)
    # GitHub does not count what it answers 304.
    assert seen.calls - seen.unchanged <= MOST_CALLS * len(PAIR)
