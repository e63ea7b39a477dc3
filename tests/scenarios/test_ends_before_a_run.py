"""Invocations that end before there is a run: a bug, an interruption, a refusal."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.commands import outcome, validate
from omninode_release.console import render
from omninode_release.models.phase import Phase
from omninode_release.node import NodeSkillReleaseOrchestrator
from omninode_release.release import core, ending, run, store
from omninode_release.release.environment import Environment
from omninode_release.release.requests import request_json
from omninode_release.system.lock import Lock
from support.background import places
from support.cli import run_cli
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    before_phase,
    is_archived,
    release,
    resume,
    state_path,
)
from support.repos import configure, leave_steps
from support.slack_server import CHANNEL, TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def _bug(*_args: Any, **_named: Any) -> Any:
    raise KeyError("planted")


def _terminate(*_args: Any, **_named: Any) -> Any:
    signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("module", "place"),
    [(request_json, "read_request"), (core, "open_session")],
    ids=["read_request", "open_session"],
)
@pytest.mark.parametrize(
    ("stopped", "code"),
    [(_bug, "INTERNAL_ERROR"), (_terminate, "INTERRUPTED")],
    ids=["bug", "interrupted"],
)
def test_the_node_answers_whatever_stops_it(
    monkeypatch: pytest.MonkeyPatch, module: object, place: str, stopped: object, code: str
) -> None:
    monkeypatch.setattr(module, place, stopped)

    result = NodeSkillReleaseOrchestrator().handle({"repos": [], "dry_run": True})

    assert (result.status, result.error_code) == ("FAILED", code)


def test_a_stop_is_told_where_no_state_may_be_looked_for(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/states/pair.json")

    monkeypatch.setattr(run, "carry_out", _terminate)
    monkeypatch.setattr(store.Store, "has_state", refuse)

    ran = release(small_org)

    assert ran.code == 143
    assert ran.err.startswith("INTERRUPTED: ")


@pytest.mark.parametrize("stopped", [_bug, _terminate], ids=["bug", "interrupted"])
def test_a_command_that_is_stopped_says_so(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, stopped: object
) -> None:
    monkeypatch.setattr(validate, "report", stopped)

    ran = run_cli(small_org, "validate")

    expected = (70, "INTERNAL_ERROR: KeyError: 'planted'") if stopped is _bug else (143, "INTERR")
    assert ran.code == expected[0]
    assert expected[1] in ran.err
    assert ("Traceback" in ran.err) is (stopped is _bug)


def test_a_token_from_the_credentials_file_is_withheld_from_the_log_of_a_bug(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def leak(*_args: object) -> None:
        raise RuntimeError(f"bearer {TOKEN}")

    configure(small_org, gate="slack")
    file = tmp_path / ".omnibase" / ".env"
    file.parent.mkdir()
    file.write_text(f"SLACK_BOT_TOKEN={TOKEN}\nSLACK_CHANNEL_ID={CHANNEL}\n", encoding="utf-8")
    monkeypatch.setattr(run, "_plan_and_check", leak)

    ran = run_cli(small_org, "--run-id", RUN, env={"HOME": str(tmp_path), "SLACK_BOT_TOKEN": ""})

    log = state_path(small_org).with_suffix(".log").read_text(encoding="utf-8")
    assert ran.code == 70
    assert "RuntimeError: bearer " in log
    assert TOKEN not in log


@pytest.mark.parametrize(
    ("argv", "owes_a_result"),
    [
        (("--json", "--bogus"), True),
        (("--config", "x", "run-node"), True),
        (("--config", "demo", "status", "--bogus", "--json"), True),
        (("--omni-home", ".", "wait", "NO RUN", "--json"), False),
    ],
)
def test_a_refusal_in_json_has_the_moment_asked_for(
    small_org: Org, argv: tuple[str, ...], *, owes_a_result: bool
) -> None:
    ran = run_cli(small_org, *argv, env={"OMNI_RELEASE_NOW": "2020-02-02T02:02:02+00:00"})

    assert ran.code == 2
    assert ran.err.startswith("USAGE_ERROR: ")
    assert bool(ran.out) is owes_a_result
    if owes_a_result:
        assert json.loads(ran.out)["started_at"] == "2020-02-02T02:02:02Z"


def test_a_refusal_names_the_command_that_was_meant(small_org: Org) -> None:
    ran = run_cli(small_org, "--config", "demo", "status", "--bogus")

    assert ran.err.splitlines()[0].startswith("USAGE_ERROR: status: No such option")
    assert "omni-release status --help" in ran.err


def test_a_bare_call_in_json_answers_json_only(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run_cli(small_org, "--json", env={"OMNI_HOME": ""})

    assert json.loads(ran.out)["error_code"] == "CONFIG_INVALID"


def test_json_is_ascii_where_the_stream_may_lack_a_character() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")

    Environment(stdout=stream).print_json({"name": "café"})

    assert json.loads(raw.getvalue()) == {"name": "café"}


def test_a_command_with_the_name_of_a_run_that_is_over_leaves_its_result(small_org: Org) -> None:
    leave_steps(small_org)
    assert release(small_org).code == 0
    result = places(small_org).result(RUN)
    before = result.read_bytes()

    mistyped = run_cli(small_org, "--run-id", RUN, "--gate-attestation", "approve")

    assert mistyped.err.startswith("INVALID_GATE_TOKEN")
    assert result.read_bytes() == before
    dry = run_cli(small_org, "--run-id", RUN, "--dry-run")
    assert f"RUN_EXISTS: {RUN} is complete already; a real run is refused" in dry.out


def test_a_stop_that_leaves_half_a_module_is_told(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explain(*_args: Any, **_named: Any) -> Any:
        raise AttributeError("partially initialized module")

    monkeypatch.setattr(validate, "report", _terminate)
    monkeypatch.setattr(ending, "refuse", explain)

    ran = run_cli(small_org, "validate")

    assert (ran.code, ran.err) == (143, "INTERRUPTED: interrupted.\nNext: start it again\n")


def test_ctrl_c_before_the_work_leaves_no_traceback() -> None:
    presses = (
        "import builtins, os, signal, sys\n"
        "from omninode_release.__main__ import command\n"
        "real = builtins.__import__\n"
        "def press(name, *args):\n"
        "    if name == 'omninode_release.commands.main':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *args)\n"
        "builtins.__import__ = press\n"
        "sys.exit(command())\n"
    )

    ended = subprocess.run(
        (sys.executable, "-c", presses, "status"), capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, b"", b"")


def test_a_run_that_stops_at_its_first_word_is_started_again(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store, "atomic_write_private", _terminate)
        stopped = release(small_org)

    assert (stopped.code, stopped.err) == (143, "INTERRUPTED: interrupted.\nNext: start it again\n")
    assert release(small_org).code == 0


def test_a_stop_that_comes_when_all_is_archived_stops_nothing(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_steps(small_org)
    move = store._move_files

    def move_and_stop(*args: Any) -> None:
        move(*args)
        _terminate()

    monkeypatch.setattr(store, "_move_files", move_and_stop)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS"
    assert is_archived(small_org)


def test_a_stop_that_comes_while_the_end_is_told_changes_none_of_it(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_steps(small_org)
    summarise = render.render_summary

    def stop_and_summarise(*args: Any, **named: Any) -> Any:
        _terminate()
        return summarise(*args, **named)

    monkeypatch.setattr(outcome, "render_summary", stop_and_summarise)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert f"SUCCESS {RUN}: 2 released" in ran.out


def test_a_signal_that_comes_when_all_is_told_changes_no_exit_code() -> None:
    stops = (
        "import atexit, os, signal, sys\n"
        "from omninode_release.__main__ import command\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGTERM)\n"
        "sys.exit(command())\n"
    )

    ended = subprocess.run(
        (sys.executable, "-c", stops, "--help"), capture_output=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_stop_that_comes_as_the_lock_is_let_go_stops_nothing(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_steps(small_org)
    note_end = Lock.note_end

    def stop_and_note(lock: Lock) -> None:
        _terminate()
        note_end(lock)

    monkeypatch.setattr(Lock, "note_end", stop_and_note)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS"
    holder = Lock(places(small_org).lock).read_holder()
    assert holder is not None
    assert holder.unclean_ns is None


def test_a_stop_that_comes_again_while_a_run_ends_says_how_it_goes_on(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_steps(small_org)
    with monkeypatch.context() as patch:
        patch.setattr(run, "fail", _terminate)
        before_phase(patch, Phase.COMMIT, _terminate)
        stopped = release(small_org)

    assert stopped.code == 143
    typed = f"omni-release --resume {RUN} {' '.join(APPROVED)}"
    assert stopped.err.endswith(f"everything done so far is recorded.\nNext: {typed}\n")
    assert resume(small_org).code == 0
    assert_released_once(small_org)
