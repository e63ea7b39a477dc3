"""What one who watches a run sees of it, at 80x24 and 120x40."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from omninode_release.console.board import Board
from omninode_release.console.live import LiveConsole
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import (
    Event,
    Note,
    PlanReady,
    RepoDone,
    RepoStarted,
    StepDone,
    StepFailed,
    StepStarted,
    Waiting,
    Working,
)
from omninode_release.models.commit import Level
from omninode_release.models.phase import Phase
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan
from omninode_release.system.clock import SystemClock

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

SIZES = [(80, 24), (120, 40)]
LONG = "omninode_a_repository_whose_name_takes_most_of_a_line_by_itself"
PULL = "https://github.com/OmniNode-ai/omnibase_core/pull/42"


class Watch(SystemClock):
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(1772028000 + self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds


class Screen(io.StringIO):
    """A terminal that keeps all that was written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def plan(*repos: str) -> Plan:
    rows = tuple(
        RepoPlan(
            repo=repo,
            tier=number,
            status=PlanStatus.RELEASE,
            current="0.9.0",
            new="1.0.0",
            bump=Level.MAJOR,
            commits=number,
        )
        for number, repo in enumerate(repos, start=1)
    )
    return Plan(run_id="pair", entries=rows)


def waiting() -> list[Event]:
    why = "the checks of pull request 42: checks have not ended: ci / build (3.12), ci / lint"
    return [
        PlanReady(plan("alpha", "beta", LONG)),
        RepoStarted("alpha", 1, 3, "0.9.0", "1.0.0"),
        RepoDone(
            "alpha",
            "0.9.0",
            "1.0.0",
            published=True,
            publishes=True,
            link=None,
            sha=None,
            seconds=61.0,
        ),
        RepoStarted("beta", 2, 3, "0.9.0", "1.0.0"),
        StepStarted("beta", Phase.MERGE),
        Waiting(why, 7199.0, "beta", PULL),
    ]


def failed() -> list[Event]:
    error = ReleaseError(ErrorCode.LINT_FAILED, "expected every hook to pass.", hint="mend it")
    return [*waiting(), StepFailed("beta", Phase.LINT, error), Working("cleaning up")]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("events", [waiting(), failed()], ids=["waiting", "failed"])
def test_the_board_fits_and_breaks_no_word(
    snapshot: SnapshotAssertion, width: int, height: int, events: list[Event]
) -> None:
    clock = Watch()
    board = Board(clock)
    for event in events:
        board(event)
        clock.seconds += 1

    lines = [line.text for line in board.render(width, height)]

    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert LONG in words
    assert (PULL in words) is (events[-1] == waiting()[-1])
    assert "\n".join(lines) == snapshot


def test_what_a_whole_run_is_at_is_folded_too() -> None:
    board = Board(Watch())
    board(Working("looking whether what was published installs together, and from the index alone"))

    told = [line.text for line in board.render(80, 24)]

    assert max(map(len, told)) <= 80
    assert told[-1] == "  0 s"


def test_a_repository_that_is_begun_is_not_at_the_gate() -> None:
    board = Board(Watch())
    board(PlanReady(plan("alpha")))
    board(RepoStarted("alpha", 1, 1, "0.9.0", "1.0.0"))

    told = [line.text for line in board.render(80, 24)]

    assert told[-1] == "  Tier 1  ▸ alpha  0.9.0 → 1.0.0"


def test_what_is_left_of_a_wait_is_counted_down() -> None:
    clock = Watch()
    board = Board(clock)
    for event in waiting():
        board(event)

    clock.seconds = 59.0
    told = "\n".join(line.text for line in board.render(80, 24))

    assert "until 15:59 UTC, 1 h 59 m left" in told
    assert "MERGE 59 s" in told


def test_of_many_repositories_those_around_the_present_one_are_shown() -> None:
    clock = Watch()
    board = Board(clock)
    board(PlanReady(plan(*(f"repo{number}" for number in range(60)))))
    board(RepoStarted("repo30", 31, 60, "0.9.0", "1.0.0"))
    board(StepStarted("repo30", Phase.LOCK))

    lines = [line.text for line in board.render(80, 24)]

    assert len(lines) <= 24
    assert any("repo30" in line and "LOCK" in line for line in lines)
    hidden = [line for line in lines if "more above" in line or "more below" in line]
    assert len(hidden) == 2
    assert sum(int(line.split()[1]) for line in hidden) + len(lines) - 4 == 60


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_live_terminal_keeps_what_happened_and_not_what_was_waited_for(
    width: int, height: int
) -> None:
    out, clock = Screen(), Watch()
    console = LiveConsole(
        out, clock, {"TERM": "xterm-256color", "COLUMNS": str(width), "LINES": str(height)}
    )
    for event in waiting():
        console(event)
    console(StepDone("beta", Phase.MERGE, "as 0123456789ab", 3.0, already=False))
    console(Note("something to know"))
    console.close()

    lasting = out.getvalue()
    assert "note: something to know" in lasting
    assert "as 0123456789ab" in lasting
    assert re.search(r"\x1b\[1;35m(?:current )?0\.9\.0\b", lasting), "0.x to 1.0.0 has no colour"
    assert "  waiting for beta" not in lasting.split("\x1b[2K")[-1]
    assert "\x1b[?25h" in lasting  # the cursor is there


def test_a_terminal_that_hung_up_is_told_by_the_next_event_and_raises_nothing_in_the_thread() -> (
    None
):
    class Gone(Screen):
        def write(self, _text: str, /) -> int:
            raise OSError(5, "Input/output error")

    console = LiveConsole(Gone(), Watch(), {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"})

    with pytest.raises(OSError, match="Input/output error"):
        console(RepoStarted("alpha", 1, 1, "0.9.0", "1.0.0"))
    console.close()
