"""A run seen and stopped from outside: ``--detach``, ``wait``, ``cancel``, ``abandon``."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git import Git
from omninode_release.commands.main import main
from omninode_release.models.phase import Phase
from omninode_release.phases.shared import clean_up
from omninode_release.release import run as run_module
from omninode_release.release.environment import Environment
from omninode_release.system.clock import FixedClock
from omninode_release.system.lock import Holder, Lock
from omninode_release.system.paths import Places
from support.cli import MOMENT, Ran, run_cli, state_home
from support.endings import (
    APPROVED,
    RUN,
    assert_released_once,
    is_archived,
    release,
    resume,
    state_of,
    worktree,
)
from support.gitrepo import all_refs, git, land
from support.killing import environment
from support.patience import wait_for_file, wait_until
from support.repos import configure, hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


def _places(org: Org) -> Places:
    return Places(state_home(org), org.omni_home, org.worktrees)


def _detach(org: Org, *args: str) -> Ran:
    return run_cli(org, *args, "--detach", env=environment(org))


def _wait(org: Org, *args: str) -> Ran:
    return run_cli(org, "wait", RUN, *args)


def _events(ran: Ran) -> list[dict[str, Any]]:
    # Not splitlines, for which a line ends in more places than JSON says.
    return [json.loads(line) for line in ran.out.split("\n") if line]


@pytest.fixture
def held_up(small_org: Org) -> Iterator[Org]:
    """An organisation whose alpha cannot be pushed until ``let_go``."""
    flag = small_org.root / "go"
    held = small_org.root / "held"
    waits = f"touch {held}; while [ ! -e {flag} ]; do sleep 0.02; done"
    hook(small_org.clone("alpha"), "pre-push", waits)
    yield small_org
    flag.touch()
    run_cli(small_org, "cancel", RUN)  # none outlives its test


class _Restless(FixedClock):
    """A clock by which a test waits for nothing."""

    def sleep(self, seconds: float) -> None:
        pytest.fail(f"it waits {seconds} s")


class _Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        del text
        raise BrokenPipeError(32, "Broken pipe")


def _let_go(org: Org) -> None:
    (org.root / "go").touch()


def _until_held_up(org: Org) -> None:
    """Wait until alpha's push is held up: all that comes before is written down then."""
    wait_until(
        (org.root / "held").exists, lambda: _places(org).output(RUN).read_text(encoding="utf-8")
    )


def test_a_detached_run_is_followed_to_its_end(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    started = _detach(small_org, "--run-id", RUN, *APPROVED, "--json")

    begun = json.loads(started.out)
    assert (started.code, begun["run_id"]) == (0, RUN)
    assert begun["result"] == str(_places(small_org).result(RUN))
    assert begun["pid"] != os.getpid()
    ran = _wait(small_org)

    assert ran.code == 0, ran.out
    assert ran.out.splitlines()[0] == f"Release plan {RUN}"
    assert ran.out.count("is released") == 2
    assert f"Run {RUN}: completed" in ran.out
    assert_released_once(small_org)
    assert is_archived(small_org)
    # The same lines as whoever had sat at the terminal would have read.
    for line in ran.out.split(f"\nRun {RUN}")[0].splitlines():
        assert line in _places(small_org).output(RUN).read_text(encoding="utf-8")


def test_waiting_again_goes_on_where_the_last_wait_stopped(held_up: Org) -> None:
    configure(held_up, rehearse=False)
    _detach(held_up, "--run-id", RUN, *APPROVED)
    _until_held_up(held_up)

    first = _wait(held_up, "--timeout", "0", "--json")
    _let_go(held_up)
    *events, last = _events(first)
    second = _wait(held_up, "--json", "--after", str(last["after"]))

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
    _detach(held_up, "--run-id", RUN, *APPROVED)
    _until_held_up(held_up)

    ran = _wait(held_up, "--timeout", "0")

    assert ran.code == 4
    seen = len((_places(held_up).events(RUN)).read_text(encoding="utf-8").splitlines())
    assert f"{RUN} still runs (pid " in ran.out
    assert ran.out.endswith(f"Next: omni-release wait {RUN} --after {seen}\n")


def test_a_detached_run_is_listed_and_shown_as_running(held_up: Org) -> None:
    begun = json.loads(_detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    _until_held_up(held_up)

    shown = run_cli(held_up, "status", RUN)
    listed = run_cli(held_up, "status")
    as_json = run_cli(held_up, "status", RUN, "--json")

    assert f"It is running (pid {begun['pid']})." in shown.out
    assert RUN in listed.out
    assert json.loads(as_json.out)["running_pid"] == begun["pid"]


def test_a_run_that_is_being_planned_is_shown_as_such(small_org: Org) -> None:
    lock = Lock(_places(small_org).detached(RUN))
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


def test_a_cancelled_run_is_resumed_to_the_end(held_up: Org) -> None:
    _detach(held_up, "--run-id", RUN, *APPROVED)
    _until_held_up(held_up)

    cancelled = run_cli(held_up, "cancel", RUN)

    assert cancelled.code == 0
    resuming = f"Next: omni-release --resume {RUN} {' '.join(APPROVED)}\n"
    assert cancelled.out == f"{RUN} has stopped.\n{resuming}"
    assert "INTERRUPTED: " in _places(held_up).output(RUN).read_text(encoding="utf-8")
    ended = _wait(held_up)
    assert ended.code == 143
    assert resuming in ended.out
    _let_go(held_up)
    assert resume(held_up).code == 0
    assert_released_once(held_up)
    # The last word is the terminal's, where the run was resumed.
    assert _wait(held_up).code == 0


def test_a_run_whose_terminal_closes_stops_in_order(held_up: Org) -> None:
    configure(held_up, rehearse=False)
    begun = json.loads(_detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    _until_held_up(held_up)

    os.kill(begun["pid"], signal.SIGHUP)
    ended = _wait(held_up)

    assert ended.code == 143
    assert "INTERRUPTED: " in _places(held_up).output(RUN).read_text(encoding="utf-8")
    assert f"Run {RUN}: interrupted\n" in ended.out
    assert Lock(_places(held_up).lock).read_holder().unclean_ns  # type: ignore[union-attr]
    _let_go(held_up)
    assert resume(held_up).code == 0
    assert_released_once(held_up)


def test_what_is_not_running_is_not_cancelled(small_org: Org) -> None:
    release(small_org)

    ran = run_cli(small_org, "cancel", RUN)

    assert (ran.code, ran.out) == (0, f"{RUN} is not running; it is completed.\n")


def test_what_is_over_is_not_given_up(small_org: Org) -> None:
    release(small_org)

    ran = run_cli(small_org, "abandon", RUN)

    assert (ran.code, ran.out) == (0, f"{RUN} is over already; it is completed.\n")


def test_a_wait_after_more_events_than_there_are_misses_none(held_up: Org) -> None:
    _detach(held_up, "--run-id", RUN, *APPROVED)
    _until_held_up(held_up)

    first = _events(_wait(held_up, "--timeout", "0", "--json", "--after", "9999"))
    _let_go(held_up)
    second = _events(_wait(held_up, "--json", "--after", str(first[-1]["after"])))

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
    assert line in _wait(small_org).out.splitlines()


def test_one_run_is_in_the_background_once(held_up: Org) -> None:
    _detach(held_up, "--run-id", RUN, *APPROVED)
    _until_held_up(held_up)

    again = _detach(held_up, "--resume", RUN, *APPROVED)

    assert again.code == 1
    assert again.err.startswith(f"RUN_LOCKED: the run {RUN} is in the background already (pid ")
    assert again.err.endswith(f"Next: omni-release wait {RUN}\n")


def test_a_refusal_in_the_background_is_told_to_whoever_waits(small_org: Org) -> None:
    token = f"1740312612.000100:other-{RUN}"

    started = _detach(small_org, "--run-id", RUN, "--gate-attestation", token)
    ran = _wait(small_org)

    assert started.code == 0
    assert ran.code == 1
    assert ran.out.startswith(
        f"{RUN} ended with exit code 1.\nINVALID_GATE_TOKEN: expected a token"
    )
    last = _events(_wait(small_org, "--json"))[-1]
    assert (last["exit_code"], last["error_code"]) == (1, "INVALID_GATE_TOKEN")


def test_a_refusal_that_left_no_result_is_told_by_what_it_printed(small_org: Org) -> None:
    _detach(small_org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:other-{RUN}")
    _wait(small_org)
    _places(small_org).result(RUN).unlink()

    ran = _wait(small_org)

    output = _places(small_org).output(RUN)
    assert ran.out.startswith(f"{RUN} ended with exit code 1; {output} says:")
    assert "INVALID_GATE_TOKEN: " in ran.out


def test_a_refused_resume_is_not_told_by_what_stopped_the_run_before(small_org: Org) -> None:
    refuse = hook(small_org.remote("alpha"), "pre-receive", "exit 1")
    assert release(small_org).code == 1
    refuse.unlink()

    _detach(small_org, "--resume", RUN, "--gate-attestation", f"1740312612.000900:other-{RUN}")
    last = _events(_wait(small_org, "--json"))[-1]

    assert last["exit_code"] == 1
    assert last["error_code"] == "INVALID_GATE_TOKEN"


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

    first = _events(_wait(small_org, "--json"))[0]

    assert first["event"] == "PlanReady"


def test_a_run_inside_another_program_is_not_ended_by_a_signal(small_org: Org) -> None:
    release(small_org)
    lock = Lock(_places(small_org).lock)
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
        f'#!/bin/sh\ncase "$*" in *ls-remote*) touch {flag}; sleep 30;; esac\nexec {real} "$@"\n',
        encoding="utf-8",
    )
    shim.chmod(0o755)
    env = {**environment(held_up), "PATH": f"{shim.parent}:{os.environ['PATH']}"}
    run_cli(held_up, "--run-id", RUN, *APPROVED, "--detach", env=env)
    wait_for_file(flag)

    ran = run_cli(held_up, "cancel", RUN)

    assert (ran.code, ran.out) == (0, f"{RUN} has stopped before anything was done.\n")


def test_ctrl_c_ends_a_wait_and_says_so(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Environment, "places_of_runs", interrupted)

    ran = _wait(small_org)

    assert (ran.code, ran.err) == (130, "INTERRUPTED: interrupted.\nNext: start it again\n")


def test_a_killed_run_is_not_waited_for(held_up: Org) -> None:
    begun = json.loads(_detach(held_up, "--run-id", RUN, *APPROVED, "--json").out)
    _until_held_up(held_up)
    os.kill(begun["pid"], signal.SIGKILL)
    _let_go(held_up)  # the push it started holds the run's lock until it has ended

    ran = _wait(held_up)

    assert ran.code == 130
    assert f"Next: omni-release --resume {RUN}" in ran.out
    assert resume(held_up).code == 0
    assert_released_once(held_up)


def test_a_run_in_a_terminal_is_followed_too(small_org: Org) -> None:
    release(small_org)

    ran = _wait(small_org)

    assert ran.code == 0
    assert ran.out.count("is released") == 2


def test_an_id_nobody_gave_is_named_at_once(small_org: Org) -> None:
    started = run_cli(small_org, "--detach", "--json", env=environment(small_org))

    run_id = json.loads(started.out)["run_id"]
    assert run_id.startswith("release-20260225-")
    ran = run_cli(small_org, "wait", run_id)
    assert ran.code == 1
    assert "GATE_FAILED: expected a terminal" in _places(small_org).output(run_id).read_text(
        "utf-8"
    )


def test_nothing_to_release_ends_well_in_the_background(small_org: Org) -> None:
    release(small_org)

    _detach(small_org, "--run-id", "again", "--gate-attestation", "1740312612.000200:again")
    ran = run_cli(small_org, "wait", "again")

    assert ran.code == 0
    assert "again ended with exit code 0" in ran.out


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


def test_a_dry_run_is_not_detached(small_org: Org) -> None:
    ran = run_cli(small_org, "--dry-run", "--detach")

    assert ran.code == 2
    assert ran.err.startswith("USAGE_ERROR: --dry-run is over in a moment: leave out --detach.")


# abandon


def test_an_abandoned_run_is_out_of_the_way_and_says_what_it_left(small_org: Org) -> None:
    refuse = hook(small_org.remote("beta"), "pre-receive", "grep -q refs/tags && exit 1; exit 0")
    assert release(small_org).code == 3

    ran = run_cli(small_org, "abandon", RUN)

    assert ran.code == 0
    state = state_of(small_org)
    pull, clone = state["repos"]["beta"]["pr_url"], small_org.clone("beta")
    assert ran.out == (
        f"{RUN} is given up.\nIt left:\n  beta, which stopped after MERGED:\n"
        f"    pull request {pull}, merged\n"
        "    0.4.1 on the base branch, no tag yet, not known to be published\n"
        f"  worktree {worktree(small_org, 'beta')}\n"
        f"  branch release/{RUN}/beta of {clone}\n"
        f"  branch release/{RUN}/beta on the remote of {clone}\n"
        "To remove it by hand:\n"
        f"  git -C {clone} worktree remove --force {worktree(small_org, 'beta')}\n"
        f"  git -C {clone} branch -D release/{RUN}/beta\n"
        f"  git -C {clone} push origin --delete release/{RUN}/beta\n"
        f"Next: omni-release clean {RUN}\n"
    )
    for line in ran.out.splitlines():
        if line.startswith("  git "):
            subprocess.run(shlex.split(line), check=True, capture_output=True)
    assert run_cli(small_org, "clean", RUN).out == "There is nothing to remove.\n"
    shown = run_cli(small_org, "status", RUN).out
    assert f"Run {RUN}: abandoned\n" in shown
    assert "  given up 2026-02-25 14:00:00 UTC, when it was partial\n" in shown
    assert "--resume" not in shown.rpartition("Failed")[2].rpartition("\n\n")[2]
    assert is_archived(small_org)
    assert state["status"] == "partial"
    assert run_cli(small_org, "--resume", RUN).err.startswith("STATE_NOT_FOUND: ")
    refuse.unlink()


@pytest.mark.parametrize(
    "place",
    [(run_module, "remove_traces"), (clean_up, "remove_traces_here"), (Git, "delete_branch")],
    ids=lambda place: place[1],
)
def test_of_what_is_released_too_it_says_what_a_killed_clean_up_left(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, place: tuple[object, str]
) -> None:
    def be_killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*place, be_killed)
        assert release(small_org).code == 130
    assert {each["phase"] for each in state_of(small_org)["repos"].values()} == {"DONE"}
    left = {each for repo in small_org.repos for each in _list_left(small_org, repo)}
    assert left

    ran = run_cli(small_org, "abandon", RUN)

    assert ran.code == 0
    told, by_hand = ran.out.split("To remove it by hand:\n")
    assert {line.partition(", with commits")[0] for line in told.splitlines()[2:]} == left
    for line in by_hand.splitlines():
        if line.startswith("  git "):
            subprocess.run(shlex.split(line), check=True, capture_output=True)
    for repo in small_org.repos:
        assert not list(_list_left(small_org, repo))
        assert not [name for name in all_refs(small_org.remote(repo)) if "/release/" in name]
    assert run_cli(small_org, "clean", RUN).out == "There is nothing to remove.\n"


def _list_left(org: Org, repo: str) -> Iterator[str]:
    """What there is of a repository's release, as ``abandon`` says it."""
    tree, name, clone = worktree(org, repo), f"release/{RUN}/{repo}", org.clone(repo)
    if tree.exists():
        yield f"  worktree {tree}"
    if f"refs/heads/{name}" in all_refs(clone):
        yield f"  branch {name} of {clone}"
    if f"refs/heads/{name}" in all_refs(org.remote(repo)):
        yield f"  branch {name} on the remote of {clone}"


def test_a_run_that_is_given_up_says_what_its_remotes_have_by_asking_them(small_org: Org) -> None:
    """beta's branch is gone there, whatever was fetched; alpha's is there, whatever is here."""
    refuse = hook(small_org.remote("beta"), "pre-receive", "grep -q refs/tags && exit 1; exit 0")
    assert release(small_org).code == 3
    refuse.unlink()
    beta, alpha = (f"release/{RUN}/{repo}" for repo in ("beta", "alpha"))
    git(small_org.remote("beta"), "update-ref", "-d", f"refs/heads/{beta}")
    git(small_org.remote("alpha"), "branch", alpha, "main")
    assert f"refs/remotes/origin/{beta}" in all_refs(small_org.clone("beta"))

    ran = run_cli(small_org, "abandon", RUN)

    assert f"branch {beta} of {small_org.clone('beta')}" in ran.out
    assert f"branch {beta} on the remote" not in ran.out
    assert f"branch {alpha} on the remote of {small_org.clone('alpha')}\n" in ran.out
    assert f"  git -C {small_org.clone('alpha')} push origin --delete {alpha}\n" in ran.out
    assert f"push origin --delete {beta}" not in ran.out


def test_a_run_that_is_given_up_says_which_remote_does_not_tell(small_org: Org) -> None:
    refuse = hook(small_org.remote("beta"), "pre-receive", "grep -q refs/tags && exit 1; exit 0")
    assert release(small_org).code == 3
    refuse.unlink()
    small_org.remote("beta").rename(small_org.root / "away")

    ran = run_cli(small_org, "abandon", RUN, "--json")

    told = json.loads(ran.out)
    [unknown] = [each for each in told["left"] if "is not known" in each]
    beta = small_org.clone("beta")
    assert unknown.startswith(f"which branches of it the remote of {beta} has is not known: fatal:")
    look = f"git -C {beta} ls-remote origin 'refs/heads/release/{RUN}/*'"
    assert f"; {look} 'refs/heads/after-release/{RUN}/*' tells" in unknown
    assert not [each for each in told["by_hand"] if "push" in each]


def test_a_run_at_work_is_not_abandoned(held_up: Org) -> None:
    _detach(held_up, "--run-id", RUN, *APPROVED)
    _until_held_up(held_up)

    ran = run_cli(held_up, "abandon", RUN)

    assert ran.code == 1
    assert ran.err.startswith("RUN_LOCKED: expected no other release under ")


def test_a_run_that_another_holds_the_lock_of_is_not_taken_for_running(small_org: Org) -> None:
    release(small_org)
    lock = Lock(_places(small_org).lock)
    assert lock.acquire(Holder(os.getpid(), "another-host", RUN))
    try:
        assert _wait(small_org, "--timeout", "0").code == 0
    finally:
        lock.release()


def test_a_wait_ends_once_its_reader_has_gone(held_up: Org) -> None:
    assert _detach(held_up, "--run-id", RUN, *APPROVED).code == 0
    clock, err = _Restless(MOMENT), io.StringIO()
    places = {"ONEX_STATE_DIR": str(state_home(held_up)), "OMNI_HOME": str(held_up.omni_home)}
    wait_until(
        lambda: len(_events(_wait(held_up, "--timeout", "0", "--json"))) != 1,
        lambda: "nothing but StillRunning",
    )

    code = main(
        ["wait", RUN], environ={**os.environ, **places}, clock=clock, stdout=_Closed(), stderr=err
    )

    assert code == 4
    assert err.getvalue().count("not everything could be printed") == 1
