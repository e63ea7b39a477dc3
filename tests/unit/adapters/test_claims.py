"""Claims on pull requests: one owner at a time, whoever dies, and nothing unreadable is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from omninode_release.adapters.claims import ClaimFolder
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.forge import Slug
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT

FIELDS = {
    "pr_key", "claimed_by_run", "claimed_by_host", "claimed_by_instance_id", "claimed_by_pid",
    "claimed_at", "last_heartbeat_at", "action",
}  # fmt: skip
NAME = "pair--alpha--7.json"


class Later(FixedClock):
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        super().__init__(MOMENT)

    def forward(self, **by: float) -> None:
        self._moment += timedelta(**by)


@pytest.fixture
def clock() -> Later:
    return Later()


def of(folder: Path, clock: Later, run: str = "one", **changes: Any) -> ClaimFolder:
    given = {"host": "here", "instance": f"{run}-1", "pid": os.getpid(), **changes}
    return ClaimFolder(folder, Slug("github.com", "pair", "alpha"), run, clock=clock, **given)


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return found


def dead() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen((sys.executable, "-c", ""))
    ended.wait()
    return ended.pid


def test_a_claim_says_who_what_and_since_when(tmp_path: Path, clock: Later) -> None:
    assert of(tmp_path, clock).take(7, "merge") is None

    assert written(tmp_path) == {
        "pr_key": "pair/alpha#7",
        "claimed_by_run": "one",
        "claimed_by_host": "here",
        "claimed_by_instance_id": "one-1",
        "claimed_by_pid": os.getpid(),
        "claimed_at": "2026-02-25T14:00:00Z",
        "last_heartbeat_at": "2026-02-25T14:00:00Z",
        "action": "merge",
    }
    assert written(tmp_path).keys() == FIELDS
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_another_run_is_told_who_has_it(tmp_path: Path, clock: Later) -> None:
    of(tmp_path, clock).take(7, "merge")

    holder = of(tmp_path, clock, "two").take(7, "merge")

    assert holder is not None
    assert "run one" in holder
    assert f"pid {os.getpid()} on here" in holder
    assert written(tmp_path)["claimed_by_run"] == "one"
    assert of(tmp_path, clock, "two").take(8, "merge") is None


def test_a_time_of_another_zone_is_told_in_utc(tmp_path: Path, clock: Later) -> None:
    of(tmp_path, clock).take(7, "merge")
    path = next(tmp_path.glob("*.json"))
    text = path.read_text(encoding="utf-8").replace("14:00:00Z", "16:00:00+02:00")
    path.write_text(text, encoding="utf-8")

    holder = of(tmp_path, clock, "two").take(7, "merge")

    assert "heard of last at 2026-02-25 14:00 UTC" in (holder or "")


def test_a_claim_of_the_same_run_is_taken_up_again(tmp_path: Path, clock: Later) -> None:
    of(tmp_path, clock).take(7, "merge")
    clock.forward(minutes=5)

    assert of(tmp_path, clock, instance="one-2").take(7, "close") is None

    assert written(tmp_path)["claimed_by_instance_id"] == "one-2"
    assert written(tmp_path)["claimed_at"] == "2026-02-25T14:05:00Z"


def test_the_same_run_on_another_machine_is_another(tmp_path: Path, clock: Later) -> None:
    of(tmp_path, clock, host="there").take(7, "merge")

    assert of(tmp_path, clock).take(7, "merge") is not None


def test_a_claim_of_a_dead_process_is_over(tmp_path: Path, clock: Later) -> None:
    of(tmp_path, clock, pid=dead()).take(7, "merge")

    assert of(tmp_path, clock, "two").take(7, "merge") is None
    assert written(tmp_path)["claimed_by_run"] == "two"


def test_a_dead_process_of_another_machine_is_not_known_to_be_dead(
    tmp_path: Path, clock: Later
) -> None:
    of(tmp_path, clock, pid=dead(), host="there").take(7, "merge")

    assert of(tmp_path, clock, "two").take(7, "merge") is not None


@pytest.mark.parametrize(
    ("before", "silent", "over"),
    [(0, 29, False), (0, 119, False), (0, 121, True), (100, 25, False), (100, 31, True)],
    ids=["young", "silent and young", "silent and old", "old and heard of", "old and silent"],
)
def test_a_claim_is_over_when_it_is_old_and_silent(
    tmp_path: Path, clock: Later, before: int, silent: int, *, over: bool
) -> None:
    theirs = of(tmp_path, clock, host="there")
    theirs.take(7, "merge")
    clock.forward(minutes=before)
    theirs.keep(7, "merge")
    clock.forward(minutes=silent)

    assert (of(tmp_path, clock, "two").take(7, "merge") is None) is over


def test_a_heartbeat_keeps_it_and_is_not_written_at_every_look(
    tmp_path: Path, clock: Later
) -> None:
    claims = of(tmp_path, clock)
    claims.take(7, "merge")
    inode = (tmp_path / NAME).stat().st_ino

    claims.keep(7, "merge")
    assert (tmp_path / NAME).stat().st_ino == inode
    clock.forward(minutes=1)
    claims.keep(7, "merge")

    assert written(tmp_path)["claimed_at"] == "2026-02-25T14:00:00Z"
    assert written(tmp_path)["last_heartbeat_at"] == "2026-02-25T14:01:00Z"


def test_a_claim_that_was_taken_over_is_noticed(tmp_path: Path, clock: Later) -> None:
    slept = of(tmp_path, clock, host="there")
    slept.take(7, "merge")
    clock.forward(hours=3)
    assert of(tmp_path, clock, "two").take(7, "merge") is None

    with pytest.raises(ReleaseError, match="found it claimed by run two") as caught:
        slept.keep(7, "merge")

    assert caught.value.code is ErrorCode.MERGE_FAILED


def test_a_claim_that_somebody_removed_is_made_again(tmp_path: Path, clock: Later) -> None:
    claims = of(tmp_path, clock)
    claims.take(7, "merge")
    (tmp_path / NAME).unlink()

    claims.keep(7, "merge")

    assert written(tmp_path)["claimed_by_run"] == "one"


def test_only_the_owner_releases(tmp_path: Path, clock: Later) -> None:
    mine, other = of(tmp_path, clock), of(tmp_path, clock, "two")
    mine.take(7, "merge")

    other.release(7)
    assert (tmp_path / NAME).exists()
    mine.release(7)
    mine.release(7)
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"pr_key": "pair/alpha#7"}', b"\xff", b'{"claimed_by_pid": -1}'],
)
def test_what_cannot_be_read_is_named_and_left(
    tmp_path: Path, clock: Later, content: bytes
) -> None:
    (tmp_path / NAME).write_bytes(content)

    with pytest.raises(ReleaseError, match="found what cannot be read") as caught:
        of(tmp_path, clock).take(7, "merge")
    with pytest.raises(ReleaseError, match="found what cannot be read"):
        of(tmp_path, clock).release(7)

    assert caught.value.code is ErrorCode.MERGE_FAILED
    assert f"rm {tmp_path / NAME}" in (caught.value.hint or "")
    assert (tmp_path / NAME).read_bytes() == content


def test_more_fields_of_another_tool_are_no_trouble(tmp_path: Path, clock: Later) -> None:
    of(tmp_path, clock, pid=dead()).take(7, "merge")
    text = json.dumps({**written(tmp_path), "branch": "x"})
    (tmp_path / NAME).write_text(text, encoding="utf-8")

    assert of(tmp_path, clock, "two").take(7, "merge") is None


_RACER = """
import sys, time
from pathlib import Path
from omninode_release.adapters.claims import ClaimFolder
from omninode_release.system.clock import SystemClock
from omninode_release.models.forge import Slug

folder, run = Path(sys.argv[1]), sys.argv[2]
claims = ClaimFolder(folder, Slug("github.com", "pair", "alpha"), run, run, SystemClock())
print("ready", flush=True)
sys.stdin.readline()
print(claims.take(7, "merge"), flush=True)
sys.stdin.readline()
"""


def _each(racers: list[subprocess.Popen[str]]) -> list[str]:
    """A line of every process, which then may go on."""
    lines = [racer.stdout.readline() for racer in racers if racer.stdout]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return lines


@pytest.mark.parametrize("expired", [False, True], ids=["free", "over"])
def test_of_several_processes_one_gets_it(tmp_path: Path, clock: Later, *, expired: bool) -> None:
    if expired:
        of(tmp_path, clock, pid=dead(), host="there").take(7, "merge")
        text = json.dumps({**written(tmp_path), "claimed_at": "2020-01-01T00:00:00Z",
                           "last_heartbeat_at": "2020-01-01T00:00:00Z"})  # fmt: skip
        (tmp_path / NAME).write_text(text, encoding="utf-8")
    racers = [
        subprocess.Popen(
            (sys.executable, "-c", _RACER, str(tmp_path), f"run-{n}"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for n in range(4)
    ]  # fmt: skip

    assert _each(racers) == ["ready\n"] * 4
    answers = _each(racers)
    for racer in racers:
        racer.communicate()

    assert sorted(answer == "None\n" for answer in answers) == [False, False, False, True]
    winner = answers.index("None\n")
    assert written(tmp_path)["claimed_by_run"] == f"run-{winner}"


def test_a_folder_that_is_none_is_named(tmp_path: Path, clock: Later) -> None:
    folder = tmp_path / "claims"
    folder.write_text("a file", encoding="utf-8")

    with pytest.raises(ReleaseError, match="expected to keep claims on pull requests in ") as taken:
        of(folder, clock).take(7, "merge")
    with pytest.raises(ReleaseError, match="expected to keep claims on pull requests in "):
        of(folder, clock).release(7)
    assert taken.value.code is ErrorCode.MERGE_FAILED
