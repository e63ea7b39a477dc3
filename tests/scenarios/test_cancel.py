"""A run that is stopped from outside: ``cancel``, or its terminal closes."""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from omninode_release.commands import cancel
from omninode_release.system.lock import Holder, Lock
from support.background import detach, hold_up, let_go, places, until_held_up, wait
from support.cli import run_cli
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    release,
    resume,
)
from support.killing import environment
from support.patience import wait_for_file
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def held_up(small_org: Org) -> Iterator[Org]:
    with hold_up(small_org):
        yield small_org


def test_a_cancelled_run_is_resumed_to_the_end(held_up: Org) -> None:
    detach(held_up, "--run-id", RUN, *APPROVED)
    until_held_up(held_up)

    cancelled = run_cli(held_up, "cancel", RUN)

    assert cancelled.code == 0
    resuming = f"Next: omni-release --resume {RUN} {' '.join(APPROVED)}\n"
    assert cancelled.out == f"{RUN} has stopped.\n{resuming}"
    assert "INTERRUPTED: " in places(held_up).output(RUN).read_text(encoding="utf-8")
    ended = wait(held_up)
    assert ended.code == 143
    assert resuming in ended.out
    let_go(held_up)
    assert resume(held_up).code == 0
    assert_released_once(held_up)
    # The last word is the terminal's, where the run was resumed.
    assert wait(held_up).code == 0


def test_a_run_that_ctrl_z_has_stopped_is_cancelled(
    held_up: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancel, "_STOPS_WITHIN_SECONDS", 30.0)
    begun = json.loads(detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    until_held_up(held_up)
    os.kill(begun["pid"], signal.SIGSTOP)

    cancelled = run_cli(held_up, "cancel", RUN)

    assert (cancelled.code, cancelled.err) == (0, "")
    assert cancelled.out.startswith(f"{RUN} has stopped.\n")


def test_a_run_whose_terminal_closes_stops_in_order(held_up: Org) -> None:
    configure(held_up, rehearse=False)
    begun = json.loads(detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    until_held_up(held_up)

    os.kill(begun["pid"], signal.SIGHUP)
    ended = wait(held_up)

    assert ended.code == 143
    assert "INTERRUPTED: " in places(held_up).output(RUN).read_text(encoding="utf-8")
    assert f"Run {RUN}: interrupted\n" in ended.out
    assert Lock(places(held_up).lock).read_holder().unclean_ns  # type: ignore[union-attr]
    let_go(held_up)
    assert resume(held_up).code == 0
    assert_released_once(held_up)


def test_what_is_not_running_is_not_cancelled(small_org: Org) -> None:
    release(small_org)

    ran = run_cli(small_org, "cancel", RUN)

    assert (ran.code, ran.out) == (0, f"{RUN} is not running; it is completed.\n")


def test_a_run_inside_another_program_is_not_ended_by_a_signal(small_org: Org) -> None:
    release(small_org)
    lock = Lock(places(small_org).lock)
    lock.acquire(Holder.here(RUN, stoppable=False))
    try:
        ran = run_cli(small_org, "cancel", RUN)
    finally:
        lock.release()

    assert ran.code == 1
    assert ran.err.startswith(f"RUN_LOCKED: {RUN} is carried out inside another program (pid ")


def test_a_run_that_stops_before_it_has_a_state_is_not_to_be_resumed(held_up: Org) -> None:
    flag = held_up.root / "asked"
    shim = held_up.root / "bin" / "git"
    shim.parent.mkdir()
    real = shutil.which("git")
    shim.write_text(
        f'#!/bin/sh\ncase "$*" in *ls-remote*) touch {flag}; sleep 300;; esac\nexec {real} "$@"\n',
        encoding="utf-8",
    )
    shim.chmod(0o755)
    env = {**environment(held_up), "PATH": f"{shim.parent}:{os.environ['PATH']}"}
    run_cli(held_up, "--run-id", RUN, *APPROVED, "--detach", env=env)
    wait_for_file(flag)

    ran = run_cli(held_up, "cancel", RUN)

    assert (ran.code, ran.out) == (0, f"{RUN} has stopped before anything was done.\n")
