"""What a person sees of a release on terminals of 80 and of 120 columns.

The board that waits and fails is held in tests/unit/console/test_board.py, the demo in
test_demo.py; here stand the lines that stay. A path is as long as the folder a test runs in:
paragraphs with one are not compared.
"""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING

import pytest

from omninode_release.commands.main import main
from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Terminal, state_home
from support.endings import RUN, break_phase

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from omninode_release.commands.demo_org import Org

SIZES = [(80, 24), (120, 40)]
ASKED = "approve or reject? (d REPO shows its changes) "


class Screen(io.StringIO):
    """A terminal on which everything is read that is printed."""

    def isatty(self) -> bool:
        return True


def seen(org: Org, columns: int, *args: str, answer: str = "") -> tuple[int, str]:
    screen = Screen()
    places = {"ONEX_STATE_DIR": str(state_home(org)), "OMNI_HOME": str(org.omni_home)}
    code = main(
        args,
        environ={**os.environ, **places, "COLUMNS": str(columns), "NO_COLOR": "1"},
        clock=FixedClock(MOMENT),
        stdin=Terminal(answer),
        stdout=screen,
        stderr=screen,
    )
    return code, screen.getvalue()


# Who runs the tests, on which Python, and how long a step took.
_OURS = re.compile(r"(?<=\(uid )\d+|(?<=\(Python )[\d.]+|  \(\d+ (?:m|s)[^)]*\)$", re.MULTILINE)


def compared(org: Org, text: str) -> str:
    """The paragraphs without a path, which is folded where its length asks."""
    paragraphs = _OURS.sub("", text).split("\n\n")
    return "\n\n".join(each for each in paragraphs if str(org.root)[:12] not in each)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_plan_gate_failure_status_and_resume_fit(
    small_org: Org, columns: int, rows: int, snapshot: SnapshotAssertion
) -> None:
    plan = seen(small_org, columns, "--dry-run", "--run-id", RUN)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False)
        failed = seen(small_org, columns, "--run-id", RUN, answer="approve\n")
    status = seen(small_org, columns, "status", RUN)
    resumed = seen(small_org, columns, "--resume", RUN, answer="approve\n")

    gate, _, failure = failed[1].partition(ASKED)
    shown = {
        "plan": plan, "gate": (0, gate + ASKED), "failure": (failed[0], failure),
        "status": status, "resume": resumed,
    }  # fmt: skip
    assert [code for code, _ in shown.values()] == [0, 0, 3, 0, 0]
    for name, (_, text) in shown.items():
        kept = compared(small_org, text)
        assert [line for line in kept.splitlines() if len(line) > columns] == [], name
        assert kept == snapshot(name=f"{name}-{columns}x{rows}")
    assert failure


def test_help_fits(small_org: Org) -> None:
    (code, text), wide = (seen(small_org, columns, "--help") for columns, _ in SIZES)

    assert code == 0
    assert wide == (code, text)  # the text: test_arguments.ambr
    assert "--gate-attestation TOKEN" in text
    assert [line for line in text.splitlines() if len(line) > SIZES[0][0]] == []
