"""``state: git``: a run is begun on one machine and finished on another.

A machine is a state root, a folder of clones and a folder of worktrees of its own; what they share
is remotes, forge, index, and the control repository.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git import Git
from omninode_release.models.phase import Phase
from omninode_release.system.account import Account
from support.cli import Ran, run_cli
from support.endings import (
    APPROVED,
    RUN,
    Died,
    Place,
    Undisturbed,
    before_phase,
    branch,
    break_phase,
    ending,
    release,
    resume,
    state_of,
    state_path,
)
from support.forges import commit_on
from support.gitrepo import all_refs, git, world
from support.killing import Killer, When
from support.machines import control, share
from support.passing import Passing

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

BRANCH = "omni-release-state"


@pytest.fixture
def killer(tmp_path: Path) -> Killer:
    return Killer.hired(tmp_path / "bin")


def files(org: Org) -> list[str]:
    return git(control(org), "ls-tree", "-r", "--name-only", BRANCH).splitlines()


def read(org: Org, path: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(git(control(org), "show", f"{BRANCH}:{path}"))
    return value


def shared(world: dict[str, Any]) -> dict[str, Any]:
    """What machines share of a world."""
    return {key: world[key] for key in ("remotes", "pull requests", "index")}


@pytest.mark.parametrize(
    ("number", "when"),
    [(1, "before"), (25, "after"), (73, "after"), (88, "before")],
    ids=["at its lease", "after a commit", "after a push", "between tag and record"],
)
def test_a_run_killed_on_one_machine_ends_on_another_like_an_undisturbed_one(
    place: Place, undisturbed: Undisturbed, killer: Killer, number: int, when: When
) -> None:
    org = place.put_back("begin")
    other = share(org)
    assert killer.at_command(org, number, when)
    refused = other.resume()
    assert refused.code in {1, 3}  # 3 once alpha is released
    assert refused.err.startswith(f"RUN_LOCKED: expected no other process at work on {RUN}")
    assert "at it since 2026-02-25 14:00:00 UTC" in refused.err
    option = "--resume" if state_path(org).exists() else "--run-id"  # killed before its gate
    token = f" {' '.join(APPROVED)}" if option == "--resume" else ""
    assert f"omni-release {option} {RUN}{token} --take-over" in refused.err

    ran = other.run(option, RUN, *APPROVED, "--take-over")

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)
    assert files(org) == [f"archive/{RUN}.json"]
    over = resume(org)
    assert over.err.startswith(f"STATE_NOT_FOUND: there is no unfinished run {RUN}: it is complete")
    assert run_cli(org, "clean", RUN, "--yes").code == 0
    assert f"refs/heads/{branch('beta')}" not in all_refs(org.clone("beta"))
    assert not list(org.worktrees.rglob("*.toml"))


def test_of_two_at_once_one_goes_on_and_one_is_refused(
    place: Place, undisturbed: Undisturbed
) -> None:
    org = place.put_back("begin")
    other = share(org)
    seen: list[Ran] = []
    with pytest.MonkeyPatch.context() as patch:
        before_phase(
            patch,
            Phase.COMMIT,
            lambda: seen.extend([other.resume(), other.status(), other.dry_run()]),
        )

        ran = release(org)

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)
    refused, status, shown = seen
    assert (shown.code, shown.err) == (0, "")
    assert "alpha" in shown.out
    here = f"pid {os.getpid()} of {Account.of_process()} on {socket.gethostname()}"
    assert refused.code == 1  # how far the run has come is for the other to say
    assert refused.err == (
        f"RUN_LOCKED: expected no other process at work on {RUN} on the branch {BRANCH} of"
        f" {control(org)}, found {here}, at it since 2026-02-25 14:00:00 UTC and heard of last at"
        " 2026-02-25 14:00:00 UTC.\n"
        "Next: wait for it to end; it cannot be asked from here, so only once you know that it is"
        f" dead: omni-release --resume {RUN} {' '.join(APPROVED)} --take-over\n"
    )
    assert status.out.startswith(f"Run {RUN}: in_progress\n"), status.out
    assert (
        f"It is carried out elsewhere (pid {os.getpid()} on {socket.gethostname()})." in status.out
    )
    assert not other.state_root.joinpath("state", "release", f"{RUN}.json").exists()


def test_from_another_machine_a_run_is_looked_at_and_not_meddled_with(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    commands = (
        ("status",), ("wait", RUN, "--timeout", "0", "--json"), ("wait", RUN, "--timeout", "0"),
        ("report", RUN), ("cancel", RUN), ("clean", RUN, "--yes"),
    )  # fmt: skip
    seen: list[Ran] = []
    with pytest.MonkeyPatch.context() as patch:
        before_phase(
            patch, Phase.COMMIT, lambda: seen.extend(other.look(*each) for each in commands)
        )
        assert release(org).code == 0

    status, events, wait, report, cancel, clean = seen
    owner = f"pid {os.getpid()} of {Account.of_process()} on {socket.gethostname()}, at it since"
    assert f"  {RUN}  in_progress  2026-02-25 14:00" in status.out
    assert "1 of 2" in status.out
    assert (events.code, json.loads(events.out)["event"]) == (4, "StillRunning")
    assert "pid" not in json.loads(events.out)
    assert events.err.startswith(f"note: {RUN} is carried out by {owner}")
    assert f"{RUN} still runs ({owner}" in wait.out
    assert "| beta |" in report.out
    assert "where the time went is not in this report" in report.err
    assert cancel.code == 1
    assert f"RUN_LOCKED: expected a run of this machine, found {RUN}, which is" in cancel.err
    assert f"Next: omni-release cancel {RUN} on {socket.gethostname()}" in cancel.err
    assert clean.code == 2
    assert f"{RUN}, which is carried out by {owner}" in clean.err

    ended = other.look("wait", RUN, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["status"] == "completed"
    assert "completed" not in other.look("status").out  # what is over elsewhere is asked by name
    assert f"{RUN} is not running; it is completed." in other.look("cancel", RUN).out
    assert other.look("clean", RUN, "--yes").out == "There is nothing to remove.\n"


def test_a_wait_for_another_machine_outlasts_a_network_that_is_away(place: Place) -> None:
    org = place.put_back("begin")
    other, away = share(org), org.root / "away.git"
    clock, seen = Passing(), list[Ran]()

    def go_on() -> None:
        if len(clock.slept) == 1:
            control(org).rename(away)
        if len(clock.slept) == 3:
            away.rename(control(org))

    def wait() -> None:
        clock.go_on = go_on
        seen.append(other.look("wait", RUN, "--timeout", "60", clock=clock))

    with pytest.MonkeyPatch.context() as patch:
        before_phase(patch, Phase.COMMIT, wait)
        assert release(org).code == 0

    [ran] = seen
    assert ran.code == 4
    assert f"{RUN} still runs (pid {os.getpid()} of " in ran.out
    assert ran.err.count("note: expected the branch") == 1


def test_of_an_open_run_nothing_is_cleaned_on_any_machine(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(org).code == 3

    ran = other.look("clean", RUN, "--yes")
    control(org).rename(org.root / "away.git")
    unknown = other.look("clean", RUN, "--yes")

    assert f"expected a run that is over, found {RUN}, which can be resumed." in ran.err
    assert unknown.err.startswith("STORAGE_FAILED: ")
    assert other.look("status").err.startswith(
        "note: there is no more here than the runs of this machine: "
    )


def test_one_that_was_thought_dead_stops_at_its_next_word(
    place: Place, undisturbed: Undisturbed
) -> None:
    org = place.put_back("begin")
    other = share(org)
    seen: list[Ran] = []
    with pytest.MonkeyPatch.context() as patch:
        before_phase(patch, Phase.COMMIT, lambda: seen.append(other.resume("--take-over")))

        ran = release(org)

    assert seen[0].code == 0, seen[0].err
    assert ran.code == 3
    assert ran.err.startswith(
        f"RUN_LOCKED: expected no other process at work on {RUN} on the branch"
    )
    assert f"  {RUN}  completed" in run_cli(org, "status").out
    assert run_cli(org, "wait", RUN).code == 0
    assert shared(ending(org)) == shared(undisturbed.world)
    assert files(org) == [f"archive/{RUN}.json"]


def test_a_run_goes_to_another_machine_and_back(place: Place, undisturbed: Undisturbed) -> None:
    org = place.put_back("begin")
    other = share(org)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False, error=Died())
        with pytest.raises(Died):
            release(org)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PR, after_effect=True)
        assert other.resume("--take-over").code == 3
    assert files(org) == [f"runs/{RUN}/state.json"]

    ran = resume(org)

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)
    assert state_of(org)["omni_home"] == str(org.omni_home)
    again = other.run("--run-id", RUN, *APPROVED)
    assert again.err.startswith(f"RUN_EXISTS: the run {RUN} is complete already"), again.err


def test_a_control_repository_out_of_reach_stops_a_run_before_anything_happens(
    small_org: Org,
) -> None:
    share(small_org)
    control(small_org).rename(small_org.root / "away.git")
    before = world(small_org)

    ran = release(small_org)

    assert ran.code == 1
    assert ran.err.startswith(
        f"STORAGE_FAILED: expected the branch {BRANCH} of {control(small_org)} to be read (state of"
        " the release configuration), found: "
    ), ran.err
    assert world(small_org) == before


def test_a_state_that_cannot_be_pushed_stops_the_run_before_its_next_step(
    place: Place, undisturbed: Undisturbed
) -> None:
    org = place.put_back("begin")
    other = share(org)
    away = org.root / "away.git"
    with pytest.MonkeyPatch.context() as patch:
        before_phase(patch, Phase.PUSH, lambda: control(org).rename(away))

        ran = release(org)

    assert ran.code == 3
    assert ran.err.startswith(f"STORAGE_FAILED: expected the branch {BRANCH} of"), ran.err
    assert f"then omni-release --resume {RUN}" in ran.err
    assert f"refs/heads/{branch('beta')}" in all_refs(org.remote("beta"))
    assert not [name for name in all_refs(org.remote("beta")) if name.startswith("refs/pull")]

    away.rename(control(org))
    assert other.resume().err.startswith("RUN_LOCKED: ")
    ran = other.resume("--take-over")

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)


@pytest.mark.parametrize("number", [2, 9], ids=["before its gate", "at work"])
def test_a_run_that_is_interrupted_once_its_state_is_pushed_lets_go_of_it(
    place: Place, undisturbed: Undisturbed, number: int
) -> None:
    org = place.put_back("begin")
    other = share(org)
    push, pushes = Git.push, itertools.count(1)

    def pushes_and_is_stopped(self: Git, *refs: str) -> None:
        push(self, *refs)
        if refs[0].endswith(f":refs/heads/{BRANCH}") and next(pushes) == number:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "push", pushes_and_is_stopped)
        assert release(org).code == 130
    assert files(org) == [f"runs/{RUN}/state.json"]

    ran = other.resume()

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)


def test_what_another_run_pushes_in_between_stays(place: Place, undisturbed: Undisturbed) -> None:
    org = place.put_back("begin")
    share(org)
    with pytest.MonkeyPatch.context() as patch:
        before_phase(patch, Phase.PUSH, lambda: land_on(org, "runs/another/state.json"))

        ran = release(org)

    assert (ran.code, ran.err) == (0, "")
    assert shared(ending(org)) == shared(undisturbed.world)
    assert files(org) == [f"archive/{RUN}.json", "runs/another/state.json"]
    assert not git(control(org), "log", "--merges", "--format=%h", BRANCH)


def test_a_run_that_is_given_up_is_so_for_every_machine(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(org).code == 3

    assert run_cli(org, "abandon", RUN).code == 0

    assert read(org, f"archive/{RUN}.json")["abandoned_at"] is not None
    refused = other.resume()
    assert refused.err.startswith(
        f"STATE_NOT_FOUND: there is no unfinished run {RUN}: it is complete"
    )


def test_a_run_is_taken_over_by_its_name(small_org: Org) -> None:
    ran = run_cli(small_org, "--take-over")

    assert ran.code == 2
    assert "--take-over belongs to a run by its name" in ran.err


def land_on(org: Org, path: str) -> None:
    """Another machine's run writes its state."""
    stream = (
        f"commit refs/heads/{BRANCH}\ncommitter Cole League <cole@tests.example> 1771000000 +0000\n"
        f"data 7\nanother\nfrom refs/heads/{BRANCH}^0\nM 100644 inline {path}\ndata 2\n{{}}\n"
    )
    git(control(org), "fast-import", "--quiet", stdin=stream)


@pytest.mark.usefixtures("only_steps", "no_hooks")
def test_a_state_of_a_newer_version_leads_another_machine_to_that_version(small_org: Org) -> None:
    other, path = share(small_org), f"runs/{RUN}/state.json"
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=False)
        assert release(small_org).code == 3
    newer = {**read(small_org, path), "mood": "fine", "program_version": "9.9.9"}
    ref = f"refs/heads/{BRANCH}"
    commit_on(control(small_org), ref, path, json.dumps(newer), "a newer version")

    ran = other.resume()

    assert (ran.code, read(small_org, path)) == (1, newer)
    assert "Next: pip install omninode-release==9.9.9, then try again" in ran.err
    assert "commit an earlier one" not in ran.err
    assert f"runs/{RUN}/lease.json" not in files(small_org)
