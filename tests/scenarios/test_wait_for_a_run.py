"""A run in the background, followed with ``wait``."""

from __future__ import annotations

import io
import json
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.commands import detach as detaching
from omninode_release.commands.main import main
from omninode_release.contract.schemas import validator
from omninode_release.models.phase import Phase
from omninode_release.release.environment import Environment
from omninode_release.system.clock import FixedClock
from omninode_release.system.lock import Holder, Lock
from support.background import detach, hold_up, let_go, places, until_held_up, wait
from support.cli import MOMENT, Ran, run_cli, state_home
from support.endings import (
    APPROVED,
    RUN,
    Died,
    assert_released_once,
    break_phase,
    is_archived,
    release,
    resume,
)
from support.gitrepo import land
from support.killing import environment
from support.patience import wait_until
from support.repos import configure, hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("no_hooks")


def _events(ran: Ran) -> list[dict[str, Any]]:
    # Not splitlines, for which a line ends in more places than JSON says.
    return [json.loads(line) for line in ran.out.split("\n") if line]


@pytest.fixture
def held_up(small_org: Org) -> Iterator[Org]:
    with hold_up(small_org):
        yield small_org


class _Restless(FixedClock):
    """A clock by which a test waits for nothing."""

    def sleep(self, seconds: float) -> None:
        pytest.fail(f"it waits {seconds} s")


class _Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        del text
        raise BrokenPipeError(32, "Broken pipe")


def test_a_detached_run_is_followed_to_its_end(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    started = detach(small_org, "--run-id", RUN, *APPROVED, "--json")

    begun = json.loads(started.out)
    assert (started.code, begun["run_id"]) == (0, RUN)
    assert begun["result"] == str(places(small_org).result(RUN))
    assert begun["pid"] != os.getpid()
    ran = wait(small_org)

    assert ran.code == 0, ran.out
    assert ran.out.splitlines()[0] == f"Release plan {RUN}"
    assert ran.out.count("is released") == 2
    assert f"Run {RUN}: completed" in ran.out
    assert_released_once(small_org)
    assert is_archived(small_org)
    # The same lines as whoever had sat at the terminal would have read.
    for line in ran.out.split(f"\nRun {RUN}")[0].splitlines():
        assert line in places(small_org).output(RUN).read_text(encoding="utf-8")


def test_what_stands_in_the_current_folder_is_no_module_of_a_detached_run(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    trap = f"open({str(mark)!r}, 'w').close()\n"
    (small_org.clone("alpha") / "json.py").write_text(trap, encoding="utf-8")
    monkeypatch.chdir(small_org.clone("alpha"))

    assert detach(small_org, "--run-id", RUN).code == 0
    assert wait(small_org).code == 1, "nobody is there to approve"

    assert not mark.exists()


def test_waiting_again_goes_on_where_the_last_wait_stopped(held_up: Org) -> None:
    configure(held_up, rehearse=False)
    detach(held_up, "--run-id", RUN, *APPROVED)
    until_held_up(held_up)

    first = wait(held_up, "--timeout", "0", "--json")
    let_go(held_up)
    *events, last = _events(first)
    second = wait(held_up, "--json", "--after", str(last["after"]))

    assert (first.code, last["event"]) == (4, "StillRunning")
    assert events[0]["event"] == "PlanReady"
    assert last["after"] == len(events)
    assert second.code == 0
    told = [*events, *_events(second)[:-1]]
    steps = [(each["repo"], each["phase"]) for e in told for each in e.get("steps", ())]
    assert steps == [(repo, phase) for repo in ("alpha", "beta") for phase in Phase]
    assert [event["number"] for event in told] == [*range(1, len(told) + 1)]
    assert _events(second)[-1] == {
        "run_id": RUN,
        "event": "Ended",
        "exit_code": 0,
        "status": "completed",
        "after": len(told),
        "error_code": None,
        "error": None,
        "next": [],
    }


def test_a_wait_that_is_over_says_what_to_type(held_up: Org) -> None:
    detach(held_up, "--run-id", RUN, *APPROVED)
    until_held_up(held_up)

    ran = wait(held_up, "--timeout", "0")

    assert ran.code == 4
    seen = len((places(held_up).events(RUN)).read_text(encoding="utf-8").splitlines())
    assert f"{RUN} still runs (pid " in ran.out
    assert ran.out.endswith(f"Next: omni-release wait {RUN} --after {seen}\n")
    told = _events(wait(held_up, "--timeout", "0.5", "--json"))[-1]
    again = ["omni-release", "wait", RUN, "--timeout", "0.5", "--json", "--after", str(seen)]
    assert told["next"] == [again]


def test_a_detached_run_is_listed_and_shown_as_running(held_up: Org) -> None:
    begun = json.loads(detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    until_held_up(held_up)

    shown = run_cli(held_up, "status", RUN)
    listed = run_cli(held_up, "status")
    as_json = run_cli(held_up, "status", RUN, "--json")

    assert f"It is running (pid {begun['pid']})." in shown.out
    assert RUN in listed.out
    assert json.loads(as_json.out)["running_pid"] == begun["pid"]


def test_a_run_that_is_being_planned_is_shown_as_such(small_org: Org) -> None:
    lock = Lock(places(small_org).detached(RUN))
    lock.acquire(Holder.here(RUN))
    try:
        shown = run_cli(small_org, "status", RUN)
        as_json = run_cli(small_org, "status", RUN, "--json")
    finally:
        lock.release()

    assert shown.out == (
        f"{RUN} is running (pid {os.getpid()}) and has no state yet: it is being planned.\n"
    )
    assert json.loads(as_json.out)["status"] == "planning"


def test_a_run_that_was_killed_before_its_gate_is_told_and_cleaned_up(small_org: Org) -> None:
    lock = Lock(places(small_org).detached(RUN))
    lock.acquire(replace(Holder.here(RUN), pid=2**22 + 1))
    lock.release()
    output = places(small_org).output(RUN)
    output.write_text("Fetching 2 repositories\n", encoding="utf-8")

    waited = wait(small_org)
    shown = run_cli(small_org, "status", RUN)
    cleaned = run_cli(small_org, "clean", "--yes")

    assert (waited.code, waited.err) == (1, "")
    for each in (waited, shown):
        assert f"it was killed, or why is not kept any more; look at {lock.path}, " in each.out
    assert cleaned.code == 0, cleaned.err
    assert not output.exists()


def test_a_wait_after_more_events_than_there_are_misses_none(held_up: Org) -> None:
    detach(held_up, "--run-id", RUN, *APPROVED)
    until_held_up(held_up)

    first = _events(wait(held_up, "--timeout", "0", "--json", "--after", "9999"))
    let_go(held_up)
    second = _events(wait(held_up, "--json", "--after", str(first[-1]["after"])))

    assert [event["event"] for event in first] == ["StillRunning"]
    assert ("alpha", "PUSH") in {
        (each["repo"], each["phase"]) for event in second for each in event.get("steps", ())
    }


def test_whoever_follows_reads_who_let_the_plan_through(small_org: Org) -> None:
    ran = release(small_org)

    plan = ran.result["plan_hash"] if ran.result else ""
    short = plan.removeprefix("sha256:")[:12]
    line = f"Gate: approved by unverified token {APPROVED[1]}, plan {short}"
    assert line in ran.out.splitlines()
    assert line in wait(small_org).out.splitlines()


def test_one_run_is_in_the_background_once(held_up: Org) -> None:
    detach(held_up, "--run-id", RUN, *APPROVED)
    until_held_up(held_up)

    again = detach(held_up, "--resume", RUN, *APPROVED)

    assert again.code == 1
    assert again.err.startswith(f"RUN_LOCKED: the run {RUN} is in the background already (pid ")
    assert again.err.endswith(f"Next: omni-release wait {RUN}\n")


def test_a_call_that_another_one_outran_is_no_bug_though_that_is_over(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Lock(places(small_org).detached(RUN))

    def outrun(*_: object) -> int:
        lock.acquire(Holder.here(RUN))
        lock.release()
        return os.posix_spawn("/bin/sh", ["sh", "-c", "exit 1"], {})

    monkeypatch.setattr(detaching, "start_detached", outrun)

    ran = detach(small_org, "--run-id", RUN)

    assert ran.code == 1
    assert ran.err.startswith(f"RUN_LOCKED: the run {RUN} is in the background already")


def test_a_run_that_is_not_there_is_not_taken_up_in_the_background(small_org: Org) -> None:
    started = detach(small_org, "--resume", "mistyped", "--json")

    result = json.loads(started.out)
    assert (started.code, result["error_code"]) == (1, "STATE_NOT_FOUND")
    assert run_cli(small_org, "status").out.startswith("No runs under ")


def test_a_refusal_in_the_background_is_told_to_whoever_waits(small_org: Org) -> None:
    token = f"1740312612.000100:other-{RUN}"

    started = detach(small_org, "--run-id", RUN, "--gate-attestation", token)
    ran = wait(small_org)

    assert started.code == 0
    assert ran.code == 1
    assert ran.out.startswith(
        f"{RUN} ended with exit code 1.\nINVALID_GATE_TOKEN: expected a token"
    )
    last = _events(wait(small_org, "--json"))[-1]
    assert (last["exit_code"], last["error_code"]) == (1, "INVALID_GATE_TOKEN")
    assert last["status"] == "refused"


def test_a_refusal_is_told_whatever_the_folder_of_its_result(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    begun = json.loads(detach(small_org, "--run-id", RUN, "--context-id", "mine", "--json").out)
    planned = _events(wait(small_org, "--json"))[-1]  # nobody is there to be asked
    refuse = hook(small_org.remote("alpha"), "pre-receive", "exit 1")
    assert release(small_org, "--context-id", "mine").code == 1
    refuse.unlink()

    token = f"1740312612.000900:other-{RUN}"
    again = json.loads(
        detach(small_org, "--resume", RUN, "--gate-attestation", token, "--json").out
    )
    resumed = _events(wait(small_org, "--json"))[-1]

    assert planned["error_code"] == "GATE_FAILED"
    assert begun["result"] == again["result"] == str(places(small_org).result("mine"))
    assert resumed["error_code"] == "INVALID_GATE_TOKEN"
    written = json.loads(places(small_org).result("mine").read_text("utf-8"))
    assert written["error_code"] == resumed["error_code"]


def test_a_refusal_that_left_no_result_is_told_by_what_it_printed(small_org: Org) -> None:
    detach(small_org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:other-{RUN}")
    wait(small_org)
    places(small_org).result(RUN).unlink()

    ran = wait(small_org)

    output = places(small_org).output(RUN)
    assert ran.out.startswith(f"{RUN} ended with exit code 1; {output} says:")
    assert "INVALID_GATE_TOKEN: " in ran.out
    with output.open("a", encoding="utf-8") as file:
        file.write("Next: omni-release status\n")
    last = _events(wait(small_org, "--json"))[-1]
    assert "INVALID_GATE_TOKEN: " in "".join(last["said"])
    assert last["next"] == [["omni-release", "status"]]


def test_a_refused_resume_is_not_told_by_what_stopped_the_run_before(small_org: Org) -> None:
    refuse = hook(small_org.remote("alpha"), "pre-receive", "exit 1")
    assert release(small_org).code == 1
    refuse.unlink()

    detach(small_org, "--resume", RUN, "--gate-attestation", f"1740312612.000900:other-{RUN}")
    last = _events(wait(small_org, "--json"))[-1]

    assert last["exit_code"] == 1
    assert last["error_code"] == "INVALID_GATE_TOKEN"


def test_a_run_that_was_refused_in_the_foreground_is_told_after_a_dry_run(small_org: Org) -> None:
    assert run_cli(small_org, "--run-id", RUN).code == 1
    assert run_cli(small_org, "--run-id", RUN, "--dry-run").code == 0

    ran, events = run_cli(small_org, "wait", RUN), _events(wait(small_org, "--json"))

    assert (ran.code, ran.err) == (1, "")
    why = "GATE_FAILED: expected a terminal to ask for approval on"
    assert f"{RUN} ended with exit code 1.\n{why}" in ran.out
    assert [each["event"] for each in events] == ["Rehearsing", "PlanReady", "Ended"]
    assert (events[-1]["status"], events[-1]["error_code"]) == ("refused", "GATE_FAILED")


def test_a_refusal_that_only_the_result_tells_has_the_exit_code_of_its_error(
    small_org: Org,
) -> None:
    assert run_cli(small_org, "--run-id", RUN).code == 1
    places(small_org).events(RUN).unlink()
    result = places(small_org).result(RUN)
    result.write_text(result.read_text("utf-8").replace('"GATE_FAILED"', '"INTERRUPTED"'), "utf-8")

    ran = wait(small_org, "--json")

    last = _events(ran)[-1]
    assert (ran.code, last["exit_code"], last["error_code"]) == (130, 130, "INTERRUPTED")


def test_repositories_after_two_dashes_are_passed_on(small_org: Org) -> None:
    home = ("--omni-home", str(small_org.omni_home))
    started = run_cli(
        small_org, "--detach", "--json", *home, "--", "alpha", env=environment(small_org)
    )

    ran = run_cli(small_org, "wait", json.loads(started.out)["run_id"])

    assert "GATE_FAILED: expected a terminal" in ran.out  # and not that a repository is unknown


def test_a_subject_with_a_line_separator_is_one_event(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    land(small_org.remote("beta"), "n.md", "n\n", "feat: one\u2028two\u0085three")
    release(small_org)

    first = _events(wait(small_org, "--json"))[0]

    assert first["event"] == "PlanReady"


def test_ctrl_c_ends_a_wait_and_says_so(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Environment, "places_of_runs", interrupted)

    ran = wait(small_org)

    assert (ran.code, ran.err) == (130, "INTERRUPTED: interrupted.\nNext: start it again\n")


def test_a_killed_run_is_not_waited_for(held_up: Org) -> None:
    begun = json.loads(detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    until_held_up(held_up)
    os.kill(begun["pid"], signal.SIGKILL)
    let_go(held_up)  # the push it started holds the run's lock until it has ended

    ran = wait(held_up)

    assert ran.code == 130
    assert f"Next: omni-release --resume {RUN}" in ran.out
    assert resume(held_up).code == 0
    assert_released_once(held_up)


def test_a_program_reads_the_code_of_a_run_that_was_killed(held_up: Org) -> None:
    begun = json.loads(detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    until_held_up(held_up)
    os.kill(begun["pid"], signal.SIGKILL)
    let_go(held_up)

    last = _events(wait(held_up, "--json"))[-1]

    goes_on = f"omni-release --resume {RUN} {' '.join(APPROVED)}"
    assert (last["status"], last["error_code"]) == ("interrupted", "INTERRUPTED")
    assert last["error"] == f"interrupted. Next: {goes_on}"
    assert last["next"] == [goes_on.split()]


def test_what_a_killed_run_has_merged_is_told_with_its_end(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_phase(monkeypatch, Phase.TAG, after_effect=False, error=Died())
    with pytest.raises(Died):
        release(small_org)

    last = _events(wait(small_org, "--json"))[-1]

    assert last["error"].startswith("interrupted; beta 0.4.1 is merged, not tagged. Next: ")


def test_a_program_that_waits_for_no_run_is_told_as_an_event(small_org: Org) -> None:
    release(small_org, "--run-id", "other", "--gate-attestation", "1740312612.000100:other")

    ran = run_cli(small_org, "wait", "mistyped", "--json")

    [last] = _events(ran)
    assert [*validator("event").iter_errors(last)] == []
    assert (ran.code, last["event"], last["status"]) == (1, "Ended", "refused")
    assert (last["exit_code"], last["error_code"]) == (1, "STATE_NOT_FOUND")
    assert last["next"] == [["omni-release", "status"]]
    assert ran.err.startswith("STATE_NOT_FOUND: ")


def test_a_program_does_not_take_an_earlier_failure_for_the_last_word(small_org: Org) -> None:
    hook(small_org.remote("alpha"), "pre-receive", "exit 1")
    assert release(small_org).code == 1
    places(small_org).state(RUN).write_text("{", encoding="utf-8")

    ran = wait(small_org, "--json")

    *_, last = _events(ran)
    assert (ran.code, last["event"], last["error_code"]) == (1, "Ended", "STATE_CORRUPT")


def test_a_run_in_a_terminal_is_followed_too(small_org: Org) -> None:
    release(small_org)

    ran = wait(small_org)

    assert ran.code == 0
    assert ran.out.count("is released") == 2


def test_an_id_nobody_gave_is_named_at_once(small_org: Org) -> None:
    started = run_cli(small_org, "--detach", "--json", env=environment(small_org))

    run_id = json.loads(started.out)["run_id"]
    assert run_id.startswith("release-20260225-")
    ran = run_cli(small_org, "wait", run_id)
    assert ran.code == 1
    assert "GATE_FAILED: expected a terminal" in places(small_org).output(run_id).read_text("utf-8")


def test_nothing_to_release_ends_well_in_the_background(small_org: Org) -> None:
    release(small_org)

    detach(small_org, "--run-id", "again", "--gate-attestation", "1740312612.000200:again")
    ran = run_cli(small_org, "wait", "again")
    told = _events(run_cli(small_org, "wait", "again", "--json"))[-1]

    assert ran.code == 0
    assert ran.out.endswith("again ended with exit code 0: there was nothing to release.\n")
    assert (told["exit_code"], told["status"], told["error_code"]) == (0, "completed", None)
    assert "said" not in told


@pytest.mark.parametrize("word", ["wait", "cancel", "abandon"])
def test_an_unknown_run_and_a_bad_id_are_errors(small_org: Org, word: str) -> None:
    unknown = run_cli(small_org, word, "nobody")
    bad = run_cli(small_org, word, "../../x")
    none = run_cli(small_org, word)

    assert unknown.err.startswith("STATE_NOT_FOUND: there is no unfinished run nobody: ")
    assert unknown.code == 1
    assert bad.err.startswith(f"USAGE_ERROR: {word}: expected a run id (1 to 64 letters")
    assert none.err.startswith(f"USAGE_ERROR: {word}: Missing argument")
    assert (bad.code, none.code) == (2, 2)
    assert not state_home(small_org).exists() or not list(state_home(small_org).rglob("*.json"))


@pytest.mark.parametrize("word", ["wait", "cancel", "abandon"])
def test_each_word_explains_itself(small_org: Org, word: str) -> None:
    ran = run_cli(small_org, word, "--help")

    assert ran.code == 0
    assert ran.out.startswith(f"Usage: omni-release {word} ")


@pytest.mark.parametrize("seconds", ["nan", "-1", "soon", ""])
def test_a_wait_takes_a_number_of_seconds(small_org: Org, seconds: str) -> None:
    ran = run_cli(small_org, "wait", RUN, "--timeout", seconds)

    assert (ran.code, ran.out) == (2, "")
    assert f"'--timeout': expected a number of seconds, found {seconds}." in ran.err


def test_a_dry_run_is_not_detached(small_org: Org) -> None:
    ran = run_cli(small_org, "--dry-run", "--detach")

    assert ran.code == 2
    assert ran.err.startswith("USAGE_ERROR: --dry-run is over in a moment: leave out --detach.")


def test_a_wait_ends_once_its_reader_has_gone(held_up: Org) -> None:
    assert detach(held_up, "--run-id", RUN, *APPROVED).code == 0
    clock, err = _Restless(MOMENT), io.StringIO()
    places = {"ONEX_STATE_DIR": str(state_home(held_up)), "OMNI_HOME": str(held_up.omni_home)}
    wait_until(
        lambda: len(_events(wait(held_up, "--timeout", "0", "--json"))) != 1,
        lambda: "nothing but StillRunning",
    )

    code = main(
        ["wait", RUN], environ={**os.environ, **places}, clock=clock, stdout=_Closed(), stderr=err
    )

    assert code == 4
    assert err.getvalue().count("not everything could be printed") == 1
