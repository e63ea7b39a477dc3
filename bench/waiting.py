"""How late a release is after what it waits for, and how often it asks GitHub meanwhile.

The waits are of a clock on which only sleeping takes time; gh, git and uv are the real ones, and
GitHub is the look-alike of the tests.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from omninode_release.commands.demo_org import build_org, demo_spec
from omninode_release.models.config_parts import Polling
from omninode_release.system.process import Programs
from omninode_release.system.wait import NotYet, Pauses, poll
from support.github import GitHub
from support.passing import Passing
from support.slow_ci import Slowly, release_slowly

EVENTS = {"3 s": 3, "20 s": 20, "2 minutes": 120, "10 minutes": 600, "60 minutes": 3600}
ORDER = ("omnibase_spi", "omnibase_core", "omnibase_infra", "omniintelligence", "omnimemory",
         "omniclaude")  # fmt: skip
CHECKS, RUN = 600.0, 120.0


def wait_for(seconds: float) -> tuple[float, int]:
    """How late an event is noticed that comes after so many seconds, and after how many looks."""
    clock, looks = Passing(), 0

    def look() -> float | NotYet:
        nonlocal looks
        looks += 1
        now = clock.monotonic()
        return now - seconds if now >= seconds else NotYet()

    polling = Polling()
    pauses = Pauses.for_event(polling.min_seconds, polling.max_seconds)
    late = poll(look, clock, seconds=2 * seconds, pauses=pauses)
    return (late if isinstance(late, float) else seconds), looks


def release_six(root: Path) -> Slowly:
    """The demo organisation through GitHub, with checks of ten minutes, a workflow of two."""
    guarded = {"GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(root / "pre-commit")}
    for who in ("AUTHOR", "COMMITTER"):  # of what the look-alike merges
        guarded |= {f"GIT_{who}_NAME": "bench", f"GIT_{who}_EMAIL": "bench@bench.example"}
    with mock.patch.dict(os.environ, guarded):
        org = build_org(demo_spec(), root / "waiting", run=Programs(dict(os.environ)))
        hub = GitHub(org)
        try:
            token = ("--run-id", "bench", "--gate-attestation", "1740312612.000100:bench")
            return release_slowly(org, hub, ORDER, *token, checks=CHECKS, run=RUN)
        finally:
            hub.close()
