"""Codes that come from what other runs left behind, or from one that is still at work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Terminal, run_cli, state_home
from support.failures import fails, provokes
from support.gitrepo import land
from support.repos import configure, spoil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org

RUN = "release-20260225-91bca0"

# Holds the lock as a run does: takes it, writes itself into it, and starts a program that
# inherits it. Says when all of that is done.
HOLDER = """
import fcntl, json, os, subprocess, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(fd, fcntl.LOCK_EX)
me = {"pid": os.getpid(), "host": sys.argv[2], "run_id": sys.argv[3]}
os.pwrite(fd, json.dumps(me).encode().ljust(512), 0)
subprocess.Popen(["sleep", sys.argv[4]], pass_fds=(fd,), stdout=subprocess.DEVNULL)
print("held", flush=True)
sys.stdin.read()
"""


class Sleepless(FixedClock):
    """A clock on which a run that waits is an error."""

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"it waits {seconds} s instead of refusing at once")


@contextmanager
def _another_run(
    org: Org, run_id: str = "other", *, child_seconds: float = 0
) -> Iterator[subprocess.Popen[str]]:
    lock = state_home(org) / "state" / "release" / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    told = (str(lock), socket.gethostname(), run_id, str(child_seconds))
    with subprocess.Popen(
        (sys.executable, "-c", HOLDER, *told),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield holder
        finally:
            holder.kill()


def _failed_run(org: Org, *args: str) -> None:
    """A run that went as far as LINT in alpha."""
    spoil(org, "alpha")
    assert run_cli(org, *args, stdin=Terminal("approve\n")).code == 1


@provokes(ErrorCode.STATE_NOT_FOUND)
def test_there_is_nothing_to_resume_under_an_unknown_id(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.STATE_NOT_FOUND, "--resume", "release-20260101-000000")

    failure.says("release-20260101-000000.json", "omni-release status")


@provokes(ErrorCode.STATE_NOT_FOUND)
def test_a_complete_run_cannot_be_resumed_and_says_where_its_state_went(small_org: Org) -> None:
    assert run_cli(small_org, "beta", "--run-id", "one", stdin=Terminal("approve\n")).code == 0

    failure = fails(small_org, ErrorCode.STATE_NOT_FOUND, "--resume", "one")

    failure.says("it is complete or given up", "archive")
    elsewhere = run_cli(small_org, "--resume", "one", env={"OMNI_HOME": ""})
    assert (elsewhere.code, elsewhere.err) == (failure.ran.code, failure.ran.err)


@provokes(ErrorCode.STATE_CORRUPT)
def test_a_truncated_state_is_left_as_it_is(small_org: Org) -> None:
    _failed_run(small_org)
    path = state_home(small_org) / "state" / "release" / f"{RUN}.json"
    half = path.read_bytes()[:700]
    path.write_bytes(half)

    failure = fails(small_org, ErrorCode.STATE_CORRUPT, "--resume", RUN)

    failure.says(str(path), "not JSON", f"mv {path}")
    assert path.read_bytes() == half


@provokes(ErrorCode.RUN_EXISTS)
def test_a_run_that_began_is_not_started_over_it(small_org: Org) -> None:
    _failed_run(small_org)

    failure = fails(small_org, ErrorCode.RUN_EXISTS)

    failure.says("has begun with alpha", f"omni-release --resume {RUN}", "--run-id")


@provokes(ErrorCode.RUN_EXISTS)
def test_the_id_of_a_complete_run_is_not_used_again(small_org: Org) -> None:
    assert run_cli(small_org, "beta", "--run-id", "one", stdin=Terminal("approve\n")).code == 0
    land(small_org.remote("beta"), "more.md", "More.\n", "fix: more")

    failure = fails(small_org, ErrorCode.RUN_EXISTS, "beta", "--run-id", "one")

    failure.says("complete already", "choose another --run-id")


def test_a_run_that_modified_nothing_hands_its_id_over(small_org: Org) -> None:
    rejected = run_cli(small_org, "beta", stdin=Terminal("reject\n"))

    again = run_cli(small_org, "beta", stdin=Terminal("approve\n"))

    assert (rejected.code, again.code, again.err) == (1, 0, "")
    assert rejected.result is not None
    assert again.result is not None
    assert again.result["run_id"] == rejected.result["run_id"]


@provokes(ErrorCode.RUN_LOCKED)
def test_a_second_run_is_refused_at_once_while_the_first_is_alive(small_org: Org) -> None:
    with _another_run(small_org) as holder:
        failure = fails(small_org, ErrorCode.RUN_LOCKED, clock=Sleepless(MOMENT))

    failure.says(f"run other, pid {holder.pid} on {socket.gethostname()}", "is running")
    failure.says("omni-release wait other", "omni-release cancel other")


def test_what_a_clean_keeps_out_is_told_to_wait_for_no_run(small_org: Org) -> None:
    with _another_run(small_org, "") as holder:
        failure = fails(small_org, ErrorCode.RUN_LOCKED, clock=Sleepless(MOMENT))
        dry = run_cli(small_org, "--dry-run")

    cleaner = f"omni-release clean, pid {holder.pid} on {socket.gethostname()}"
    failure.says(f"found {cleaner}, which is running", "Next: wait for it to end, then try again")
    assert (
        f"RUN_LOCKED: {cleaner} is at work; a real run is refused until it has ended\n" in dry.out
    )


def test_an_unknown_run_is_told_as_one_whatever_is_at_work(small_org: Org) -> None:
    with _another_run(small_org):
        ran = run_cli(small_org, "abandon", "unheard-of")

    assert ran.err.startswith("STATE_NOT_FOUND: ")


# The result of a run.

BAD_TOKEN = ("--gate-attestation", "nonsense")
ONLY_A_LOOK = {
    "a fresh run with a bad token": ("--run-id", RUN, *BAD_TOKEN),
    "a dry run": ("--run-id", RUN, "--dry-run"),
    "a dry run with a bad token": ("--run-id", RUN, "--dry-run", *BAD_TOKEN),
    "a dry run of what is left": ("--resume", RUN, "--dry-run"),
}


@provokes(ErrorCode.RUN_LOCKED)
def test_a_resume_that_is_locked_out_tells_of_no_end(small_org: Org) -> None:
    _failed_run(small_org)

    with _another_run(small_org, RUN) as holder:
        failure = fails(small_org, ErrorCode.RUN_LOCKED, "--resume", RUN)

    failure.says(f"run {RUN}, pid {holder.pid} on", "is running", f"omni-release wait {RUN}")
    assert failure.ran.out == ""


@pytest.mark.parametrize(
    "args", [("--resume", RUN, *BAD_TOKEN), *ONLY_A_LOOK.values()], ids=["a resume", *ONLY_A_LOOK]
)
def test_a_run_at_work_writes_its_result_alone(small_org: Org, args: tuple[str, ...]) -> None:
    _failed_run(small_org)

    with _another_run(small_org, RUN):
        ran = run_cli(small_org, *args)

    assert ran.result is None
    assert "FAILED" not in ran.out


@pytest.mark.parametrize("args", ONLY_A_LOOK.values(), ids=ONLY_A_LOOK)
def test_what_only_looks_at_a_run_leaves_its_result(small_org: Org, args: tuple[str, ...]) -> None:
    _failed_run(small_org)

    ran = run_cli(small_org, *args)

    assert ran.result is None
    said = f"{RUN}/release.json is left to the run {RUN}; --json prints the result of this dry run"
    assert (said in ran.out) is (ran.code == 0)
    own = run_cli(small_org, *args, "--context-id", "mine").result
    assert own is not None


def test_a_dry_run_leaves_the_result_of_a_complete_run(small_org: Org) -> None:
    assert run_cli(small_org, "beta", "--run-id", "one", stdin=Terminal("approve\n")).code == 0

    ran = run_cli(small_org, "beta", "--run-id", "one", "--dry-run")

    assert (ran.code, ran.result) == (0, None)


def test_a_resume_that_is_refused_tells_how_far_the_run_has_come(small_org: Org) -> None:
    _failed_run(small_org)

    ran = run_cli(small_org, "--resume", RUN, *BAD_TOKEN)

    assert ran.result is not None
    assert ran.result["error_code"] == "INVALID_GATE_TOKEN"
    assert [each["phase"] for each in ran.result["details"]] == ["LINT", "PLANNED"]


def test_a_run_that_is_planned_is_not_told_to_have_ended(small_org: Org) -> None:
    events = state_home(small_org) / "state" / "release" / "planned.events.jsonl"

    with _another_run(small_org, "planned"):
        events.write_text("", encoding="utf-8")
        run_cli(small_org, "--run-id", "planned", *BAD_TOKEN)

    assert events.read_text(encoding="utf-8") == ""


def test_what_only_looks_says_that_another_run_is_at_work(small_org: Org) -> None:
    with _another_run(small_org) as holder:
        dry = run_cli(small_org, "--dry-run", "--strict")
        doctor = run_cli(small_org, "doctor")

    said = f"RUN_LOCKED: run other, pid {holder.pid} on {socket.gethostname()} is at work; a real"
    assert dry.code == 1
    assert said in dry.out
    assert said in doctor.out
    assert "RUN_LOCKED" not in run_cli(small_org, "--dry-run").out


def test_a_run_at_work_is_not_cleaned_and_named_as_such(small_org: Org) -> None:
    _failed_run(small_org)

    with _another_run(small_org, RUN) as holder:
        ran = run_cli(small_org, "clean", RUN, "--yes")

    assert f"found {RUN}, which is carried out by pid {holder.pid}." in ran.err
    assert f"Next: omni-release wait {RUN}, then try again" in ran.err


@provokes(ErrorCode.RUN_LOCKED)
def test_what_a_killed_run_left_behind_is_waited_for_and_then_named(small_org: Org) -> None:
    configure(small_org, timeouts={"orphan_seconds": 0.3})
    with _another_run(small_org, child_seconds=30) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()

        failure = fails(small_org, ErrorCode.RUN_LOCKED)

    failure.says(f"pid {holder.pid}", "was killed, and a program it started still runs")


def test_a_run_goes_on_once_the_programs_of_a_killed_one_have_ended(small_org: Org) -> None:
    with _another_run(small_org, child_seconds=0.5) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()

        ran = run_cli(small_org, stdin=Terminal("reject\n"))

    assert ran.err.startswith("GATE_REJECTED")


@provokes(ErrorCode.CONFIG_INVALID)
def test_a_resume_refuses_a_configuration_that_changed_and_names_the_key(small_org: Org) -> None:
    _failed_run(small_org)
    configure(small_org, default_bump="minor", timeouts={"gate_minutes": 3})

    failure = fails(small_org, ErrorCode.CONFIG_INVALID, "--resume", RUN)

    failure.says("default_bump changed", "fresh run")
    assert "timeouts" not in failure.error


def test_an_unfinished_run_of_the_same_repositories_is_a_warning(small_org: Org) -> None:
    _failed_run(small_org, "--run-id", "one")
    (state_home(small_org) / "state" / "release" / "torn.json").write_text("{", encoding="utf-8")
    later = FixedClock(datetime(2026, 2, 27, tzinfo=UTC))

    ran = run_cli(small_org, "--run-id", "two", stdin=Terminal("reject\n"), clock=later)

    assert ran.result is not None
    stale, torn, lint = ran.result["warnings"]
    assert " lint: expected every pre-commit hook to pass" in lint
    assert stale.startswith("the stale run one (2026-02-25 14:00 UTC) has to do with alpha too")
    assert "torn.json" in torn
    assert "stale run one" in ran.out
