"""A run watched: on a real terminal, as lines where there is none, and as typed events."""

from __future__ import annotations

import json
import os
import pty
import re
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.commands.main import COMMAND_LINE
from omninode_release.contract.schemas import validator
from omninode_release.models.phase import Phase
from omninode_release.release.environment import Environment
from support.cli import run_cli
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    break_phase,
    release,
    resume,
    state_of,
)
from support.killing import environment
from support.repos import configure, hook
from support.terminal import PROMPT, Shown, on_terminal
from support.wheel import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

ESCAPE = b"\x1b"


def watched(
    org: Org, *args: str, variables: Mapping[str, str] | None = None, answer: str = "approve"
) -> Shown:
    """The command on a terminal where colours and a board may be shown."""
    lively = {"TERM": "xterm-256color", "NO_COLOR": "", "CI": ""}
    argv = (sys.executable, "-m", "omninode_release", *args)
    return on_terminal(argv, environment(org) | lively | dict(variables or {}), answer=answer)


def test_on_a_terminal_the_board_is_gone_before_the_question_and_at_the_end(
    small_org: Org,
) -> None:
    code, before, after = watched(small_org, "--run-id", RUN)

    assert code == 0, before + after
    assert_released_once(small_org)
    # The rehearsal was rewritten in place, and what is asked stands below it in plain text.
    assert ESCAPE in before
    question = before[before.index(b"[HIGH_RISK]") :]
    assert ESCAPE not in question
    assert before.count(b"repo   tier") == 1
    assert b"RELEASE PLAN" not in before
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", after.decode())
    assert "Tier 2  ▸ beta" in text
    assert "Journal:" in text
    shown = re.split(r"[\r\n]+", text.split("SUCCESS")[0])
    assert [line for line in shown if len(line) > 80 and "/" not in line] == []


def test_the_plan_of_six_repositories_and_the_question_fit_one_screen(org: Org) -> None:
    configure(org, rehearse=False)

    shown = watched(org, "--run-id", "demo", answer="reject")

    assert shown.code == 1
    screen = shown._replace(after=b"").text.split("\n")[-24:]
    assert len([line for line in screen if re.search(r"\d  release$", line)]) == 6
    assert screen[-1].startswith(PROMPT.decode())
    assert shown.before.count(b"commits  status") == 1
    drawn = runpy.run_path(str(ROOT / "bench" / "picture.py"))["draw_gate"](shown.text)
    assert drawn == (ROOT / "docs" / "gate.svg").read_text("utf-8"), "run `make picture`"


@pytest.mark.parametrize(
    "variables",
    [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}],
    ids=["NO_COLOR", "CI", "dumb"],
)
def test_asked_for_plain_text_a_terminal_gets_nothing_else(
    small_org: Org, variables: dict[str, str]
) -> None:
    configure(small_org, rehearse=False)

    code, before, after = watched(small_org, "--run-id", RUN, variables=variables)

    assert code == 0, before + after
    assert ESCAPE not in before + after
    assert b"  DONE       beta 0.4.1 is released" in after


def test_a_terminal_that_hangs_up_ends_no_run(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    ours, theirs = pty.openpty()
    variables = environment(small_org) | {"TERM": "xterm", "NO_COLOR": "", "CI": ""}
    with subprocess.Popen(
        (sys.executable, "-m", "omninode_release", "--run-id", RUN, *APPROVED),
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.close(ours)

    assert process.returncode == 0
    assert_released_once(small_org)


def test_plain_text_does_not_import_what_only_a_terminal_needs(small_org: Org) -> None:
    code = "import sys; from omninode_release.commands.main import main; code = main();"
    code += "sys.exit(code or 'rich' in sys.modules)"

    done = subprocess.run(
        (sys.executable, "-c", code, "--dry-run", "--offline"),
        env=environment(small_org),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


# Events.


def _validated(lines: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines.split("\n") if line]
    for event in events:
        assert [*validator("event").iter_errors(event)] == [], event
    return events


def test_the_foreground_streams_what_wait_tells(small_org: Org) -> None:
    file = small_org.root / "events.jsonl"

    ran = release(small_org, "--events", str(file))

    assert ran.code == 0, ran.err
    *streamed, end = _validated(file.read_text("utf-8"))
    waited = _validated(run_cli(small_org, "wait", RUN, "--json").out)
    assert streamed == waited[:-1]
    assert (end["event"], end["exit_code"], end["status"]) == ("Ended", 0, "completed")
    assert [event["number"] for event in streamed] == [*range(1, len(streamed) + 1)]
    pull = next(event for event in streamed if event.get("phase") == "PR")
    assert pull["link"].startswith("local://alpha/pull/")
    merge = next(event for event in streamed if event.get("phase") == "MERGE")
    assert merge["sha"] == state_of(small_org)["repos"]["alpha"]["outputs"]["MERGE"]["merge_sha"]
    done = next(event for event in streamed if event["event"] == "RepoDone")
    assert (done["old_version"], done["new_version"]) == ("1.0.0", "1.1.0")


def test_on_stdout_there_are_events_and_nothing_else(small_org: Org) -> None:
    configure(small_org, rehearse=False)

    ran = release(small_org, "--events", "-")

    assert [event["event"] for event in _validated(ran.out)][-1] == "Ended"
    assert "SUCCESS pair" in ran.err


@pytest.mark.parametrize(
    ("stopped", "status"),
    [(None, "refused"), ("alpha", "interrupted"), ("beta", "interrupted")],
)
def test_the_last_event_says_what_wait_and_status_say(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, stopped: str | None, status: str
) -> None:
    configure(small_org, rehearse=False)
    if stopped:
        stop = KeyboardInterrupt()
        break_phase(monkeypatch, Phase.LINT, after_effect=False, error=stop, repo=stopped)
    approved = APPROVED if stopped else ()  # nobody is there to be asked

    ran = run_cli(small_org, "--run-id", RUN, *approved, "--events", "-")

    told = _validated(ran.out)[-1], _validated(run_cli(small_org, "wait", RUN, "--json").out)[-1]
    assert [each["status"] for each in told] == [status] * 2
    assert told[0]["error_code"] == told[1]["error_code"]
    assert json.loads(run_cli(small_org, "status", RUN, "--json").out)["status"] == status


def test_a_failure_is_an_event_with_its_code_and_what_the_program_said(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    refuse = hook(small_org.remote("alpha"), "pre-receive", "echo not today >&2; exit 1")

    ran = release(small_org, "--events", "-")

    failed = next(each for each in _validated(ran.out) if each["event"] == "StepFailed")
    assert (failed["repo"], failed["phase"], failed["error_code"]) == (
        "alpha",
        "PUSH",
        "PUSH_FAILED",
    )
    assert "not today" in failed["last_output"]
    assert failed["next"] == [["omni-release", "--resume", RUN, *APPROVED]]
    # What follows goes on with the numbers.
    refuse.unlink()
    numbers = [event.get("number") for event in _validated(resume(small_org, "--events", "-").out)]
    assert numbers[0] == failed["number"] + 1


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--events", "-", "--json"), "both want stdout"),
        (("--events", "-", "--detach"), "of a run in the foreground"),
        (("--events", "/nowhere/at/all"), "expected a file that can be added to"),
    ],
    ids=["json", "detach", "no folder"],
)
def test_events_that_cannot_be_told_are_refused_at_once(
    small_org: Org, args: tuple[str, ...], why: str
) -> None:
    ran = release(small_org, *args)

    assert ran.code == 2
    assert why in ran.err


def test_six_repositories_are_at_most_sixty_events(org: Org) -> None:
    file = org.root / "events.jsonl"

    ran = run_cli(org, "--run-id", RUN, *APPROVED, "--events", str(file))

    assert ran.code == 0, ran.err
    events = _validated(file.read_text("utf-8"))
    assert len(events) <= 60
    steps = [(each["repo"], each["phase"]) for event in events for each in event.get("steps", ())]
    assert len(steps) == len(set(steps)) == 6 * 12


# What is kept, and what to type.


def test_what_the_failing_program_said_is_kept_everywhere(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    hook(small_org.remote("beta"), "pre-receive", "echo not today >&2; exit 1")

    ran = release(small_org)

    assert ran.code == 3
    assert ran.result is not None
    detail = next(each for each in ran.result["details"] if each["repo"] == "beta")
    for told in (state_of(small_org)["repos"]["beta"], state_of(small_org), detail, ran.result):
        assert "remote: not today" in told["last_output"]
    shown = run_cli(small_org, "status", RUN)
    assert "Last output (beta):\n  remote: not today" in shown.out
    assert "Last output (the run)" not in shown.out  # which is the same


def test_the_commands_of_a_result_work_as_they_stand(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(small_org, rehearse=False)
    refuse = hook(small_org.remote("beta"), "pre-receive", "exit 1")
    ran = release(small_org, "--omni-home", str(small_org.omni_home))
    refuse.unlink()
    assert ran.result is not None
    ((program, *args),) = ran.result["next"]
    assert program == "omni-release"
    COMMAND_LINE.make_context(program, list(args), obj=Environment())

    # In another folder, without OMNI_HOME: the run knows what it is about.
    monkeypatch.chdir(tmp_path)
    variables = {k: v for k, v in environment(small_org).items() if k != "OMNI_HOME"}
    done = subprocess.run(
        (sys.executable, "-m", "omninode_release", *args, *APPROVED),
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert_released_once(small_org)


def test_the_end_says_where_to_look(small_org: Org) -> None:
    ran = release(small_org)

    assert "  pull request  local://alpha/pull/1" in ran.out
    assert "  workflow run  local://alpha/runs/" in ran.out
    assert "Since 2026-02-25 14:00:00 UTC, " in ran.out
    for name in ("Result", "Journal"):
        found = re.search(rf"^{name}: +(\S+)$", ran.out, re.MULTILINE)
        assert found is not None
        assert os.path.isfile(found[1])  # noqa: PTH113


@pytest.mark.parametrize("word", ["cancel", "abandon"])
def test_a_command_about_a_run_answers_in_json(small_org: Org, word: str) -> None:
    release(small_org)

    value = json.loads(run_cli(small_org, word, RUN, "--json").out)

    assert (value["run_id"], value["status"]) == (RUN, "completed")


def test_validate_and_install_skill_answer_in_json(small_org: Org, tmp_path: Path) -> None:
    checked = run_cli(small_org, "validate", str(small_org.omni_home / "release.yaml"), "--json")
    installed = run_cli(small_org, "install-skill", "--dest", str(tmp_path), "--json")

    configuration = json.loads(checked.out)["configuration"]
    assert configuration["findings"] == []
    files = json.loads(installed.out)["files"]
    assert files["SKILL.md"] == "written"
    assert (tmp_path / "release" / "SKILL.md").is_file()
