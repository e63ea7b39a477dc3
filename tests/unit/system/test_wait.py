"""The waiting loop, on a clock where only sleeping takes time."""

from __future__ import annotations

from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import omninode_release
from omninode_release.models.config_parts import Polling, Timeouts
from omninode_release.models.request import ReleaseRequest
from omninode_release.system.wait import NotYet, Pauses, poll
from support.passing import Passing

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def clock() -> Passing:
    return Passing()


def answers(*given: str | NotYet) -> Callable[[], str | NotYet]:
    """A probe that gives these answers, and the last of them for ever."""
    left = list(given)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


NEVER = answers(NotYet("nothing there"))


def test_an_answer_at_once_is_not_waited_for(clock: Passing) -> None:
    assert poll(answers("here"), clock, seconds=9, pauses=Pauses(1, 5)) == "here"
    assert clock.slept == []


def test_none_is_an_answer(clock: Passing) -> None:
    assert poll(lambda: None, clock, seconds=9, pauses=Pauses(1, 5)) is None


def test_pauses_grow_to_the_longest(clock: Passing) -> None:
    probe = answers(*[NotYet()] * 6, "here")

    assert poll(probe, clock, seconds=99, pauses=Pauses(1, 3)) == "here"
    assert clock.slept == [1, 2, 3, 3, 3, 3]


def test_pauses_may_stay_as_they_are(clock: Passing) -> None:
    poll(NEVER, clock, seconds=99, pauses=Pauses.every(0.5), attempts=4)

    assert clock.slept == [0.5, 0.5, 0.5]


def test_pauses_grow_for_a_week_without_end(clock: Passing) -> None:
    poll(NEVER, clock, seconds=7 * 86400, pauses=Pauses(1, 30))

    assert clock.monotonic() == 7 * 86400


@pytest.mark.parametrize("after", [0.5, 3, 20, 120, 600, 3600, *range(1, 4000, 37)])
def test_an_event_is_noticed_soon_for_the_time_it_took(clock: Passing, after: float) -> None:
    """Within two seconds, or within a tenth of the wait; in few looks."""
    polling = Polling()
    pauses = Pauses.for_event(polling.min_seconds, polling.max_seconds)
    looks = []

    def probe() -> float | NotYet:
        looks.append(clock.monotonic())
        return clock.monotonic() if clock.monotonic() >= after else NotYet("CI")

    seen = poll(probe, clock, seconds=7200, pauses=pauses)

    assert isinstance(seen, float)
    assert seen - after <= max(2, after / 10)
    assert len(looks) <= 12 + max(0, 24 * log10(max(after, 20) / 20)) + after / 30


@pytest.mark.parametrize(
    ("after", "noticed", "looks"),
    [(3, 0, 3), (20, 1, 12), (120, 8.4, 31), (600, 2.8, 50), (3600, 2.8, 150)],
)
def test_looks_are_known(clock: Passing, after: float, noticed: float, looks: int) -> None:
    """With the pauses of the configuration's defaults; in seconds after the event."""
    asked: list[float] = []

    def probe() -> bool | NotYet:
        asked.append(clock.monotonic())
        return asked[-1] >= after or NotYet("CI")

    poll(probe, clock, seconds=7200, pauses=Pauses.for_event(1, 30))

    assert (round(asked[-1] - after, 1), len(asked)) == (noticed, looks)


def test_a_wait_for_an_event_heeds_a_server_that_says_when(clock: Passing) -> None:
    probe = answers(NotYet(after=50), NotYet(), "here")

    poll(probe, clock, seconds=99, pauses=Pauses.for_event(1, 30))

    assert clock.slept == [50, 2]


def test_a_longest_pause_below_the_second_holds(clock: Passing) -> None:
    poll(answers(*[NotYet()] * 3, "here"), clock, seconds=9, pauses=Pauses.for_event(1, 1))

    assert clock.slept == [1, 1, 1]


def test_jitter_spreads_the_pause_and_does_not_grow(clock: Passing) -> None:
    spread = iter([0.5, 1.5, 1.0])
    pauses = Pauses(1, 4, jitter=lambda: next(spread))

    poll(answers(*[NotYet()] * 3, "here"), clock, seconds=99, pauses=pauses)

    assert clock.slept == [0.5, 3, 4]


def test_the_last_question_is_asked_at_the_deadline(clock: Passing) -> None:
    asked_at: list[float] = []

    def probe() -> NotYet:
        asked_at.append(clock.monotonic())
        return NotYet("nothing there")

    assert poll(probe, clock, seconds=4, pauses=Pauses(1, 9)) == NotYet("nothing there")
    assert asked_at == [0, 1, 3, 4]


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_wait_that_is_over_has_asked_once(clock: Passing, seconds: float) -> None:
    assert poll(answers("here"), clock, seconds=seconds, pauses=Pauses(1, 5)) == "here"
    assert poll(NEVER, clock, seconds=seconds, pauses=Pauses(1, 5)) == NotYet("nothing there")
    assert clock.slept == []


def test_a_wait_that_may_not_be_late_ends_before_the_deadline(clock: Passing) -> None:
    poll(NEVER, clock, seconds=4, pauses=Pauses(1, 9), only_within=True)

    assert clock.slept == [1, 2]


def test_attempts_are_counted(clock: Passing) -> None:
    poll(NEVER, clock, seconds=99, pauses=Pauses.every(2), attempts=3)

    assert clock.slept == [2, 2]


def test_a_server_that_says_when_is_not_asked_before(clock: Passing) -> None:
    probe = answers(NotYet(after=7), NotYet(after=0.5), "here")

    assert poll(probe, clock, seconds=99, pauses=Pauses(1, 5)) == "here"
    assert clock.slept == [7, 2]


def test_a_server_that_says_too_late_is_asked_at_the_deadline_or_not_at_all(clock: Passing) -> None:
    busy = answers(NotYet(after=60))

    poll(busy, clock, seconds=10, pauses=Pauses(1, 5), only_within=True)
    assert clock.slept == []
    poll(busy, clock, seconds=10, pauses=Pauses(1, 5))
    assert clock.slept == [10]


def test_a_new_reason_is_told_with_the_time_left(clock: Passing) -> None:
    told: list[tuple[str, float]] = []

    poll(answers(*[NotYet("a")] * 2, NotYet("b")), clock, seconds=5, pauses=Pauses.every(2),
               report=lambda why, left: told.append((why, left)))  # fmt: skip

    assert told == [("a", 3), ("b", 1)]


@pytest.mark.parametrize(
    ("first", "expected"),
    [(NotYet("busy"), []), (NotYet("busy", after=30), [("busy", 99)])],
    ids=["asked again at once", "asked again in half a minute"],
)
def test_what_the_next_look_mends_is_told_only_where_that_is_not_soon(
    clock: Passing, first: NotYet, expected: list[tuple[str, float]]
) -> None:
    told: list[tuple[str, float]] = []

    poll(answers(first, "here"), clock, seconds=99, pauses=Pauses(1, 5),
               report=lambda why, left: told.append((why, left)))  # fmt: skip

    assert told == expected


def test_the_same_reason_is_told_again_after_a_while(clock: Passing) -> None:
    told: list[tuple[str, float]] = []

    poll(answers(*[NotYet("a")] * 9), clock, seconds=1000, pauses=Pauses.every(100),
               report=lambda why, left: told.append((why, left)))  # fmt: skip

    assert told == [("a", 1000), ("a", 700), ("a", 400), ("a", 100)]


def test_what_a_probe_raises_ends_the_wait(clock: Passing) -> None:
    def refuse() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        poll(refuse, clock, seconds=9, pauses=Pauses(1, 5))
    assert clock.slept == []


@pytest.mark.parametrize(
    ("seconds", "looks"),
    [
        (Timeouts().merge_minutes * 60, 150),
        (Timeouts().workflow_grace_seconds, 24),
        (ReleaseRequest().pypi_timeout_minutes * 60, 50),
    ],
    ids=["merge", "workflow", "index"],
)
def test_looks_are_as_many_as_the_documents_say(clock: Passing, seconds: float, looks: int) -> None:
    """What docs/github.md promises about API calls rests on it."""
    pauses = Pauses.for_event(Polling().min_seconds, Polling().max_seconds)

    poll(NEVER, clock, seconds=seconds, pauses=pauses)

    assert len(clock.slept) + 1 == looks
    assert clock.monotonic() == pytest.approx(seconds)


def test_no_other_module_sleeps() -> None:
    package = Path(omninode_release.__file__).parent
    sleepers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if "sleep(" in path.read_text(encoding="utf-8")
    }

    # adapters/github/runs.py looks for a run it has started; its pauses are the API's.
    assert sleepers - {"adapters/github/runs.py"} == {"system/clock.py", "system/wait.py"}
