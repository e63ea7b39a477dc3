"""``state: git`` where the control repository refuses a push, or a stop comes in the middle of one.

Whatever is told to be typed next goes on with what was asked for, and what is not written on the
branch has not happened on this machine either.
"""

from __future__ import annotations

import errno
import itertools
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.models.phase import Phase
from omninode_release.release import store
from support.cli import Ran, run_cli
from support.endings import (
    APPROVED,
    RUN,
    Died,
    Place,
    before_phase,
    break_phase,
    is_archived,
    release,
    resume,
    state_path,
)
from support.gitrepo import git
from support.machines import control, share
from support.repos import hook

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

BRANCH = "omni-release-state"


def files(org: Org) -> list[str]:
    return git(control(org), "ls-tree", "-r", "--name-only", BRANCH).splitlines()


def refuse_from(org: Org, number: int) -> Path:
    """The control repository takes no push from that one on; answer what makes it so."""
    count = control(org) / "pushes"
    count.unlink(missing_ok=True)
    refuses = f"echo >> {count}; [ $(wc -l < {count}) -lt {number} ] || exit 1"
    return hook(control(org), "pre-receive", refuses)


def type_next(org: Org, ran: Ran) -> Ran:
    """Type the command that the last line of an error ends with."""
    program, *words = shlex.split(ran.err[ran.err.rindex("omni-release") :])
    assert program == "omni-release"
    return run_cli(org, *words)


def stop_run(org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(org).code == 3


def test_what_could_not_begin_is_begun_by_the_command_that_is_told(place: Place) -> None:
    org = place.put_back("begin")
    share(org)
    refusing = refuse_from(org, 1)

    refused = run_cli(org, "alpha", "--bump", "minor", "--run-id", RUN, *APPROVED)

    assert refused.err.startswith("STORAGE_FAILED: "), refused.err
    assert f"omni-release release alpha --bump minor --run-id {RUN}\n" in refused.err
    assert not state_path(org).exists()
    refusing.unlink()
    asked = type_next(org, refused)
    assert asked.err.startswith("GATE_"), asked.err  # it is planned, and there is no person to ask
    assert "beta" not in asked.out.split("Plan hash")[0].split("SKIPPED")[0]


def test_a_run_of_one_repository_that_died_early_is_not_taken_over_for_all(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    push = Git.push

    def pushes_and_dies(self: Git, *refs: str) -> None:
        push(self, *refs)
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "push", pushes_and_dies)
        with pytest.raises(Died):
            run_cli(org, "alpha", "--run-id", RUN, *APPROVED)

    refused = other.run("alpha", "--run-id", RUN, *APPROVED)

    assert f": omni-release release alpha --run-id {RUN} --take-over\n" in refused.err


def test_a_run_is_not_given_up_by_halves(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    stop_run(org)
    refusing = refuse_from(org, 2)  # its lease is taken, and its end is not

    refused = run_cli(org, "abandon", RUN)

    assert refused.code == 1
    assert refused.err.endswith(f"then omni-release abandon {RUN}\n"), refused.err
    assert files(org) == [f"runs/{RUN}/lease.json", f"runs/{RUN}/state.json"]
    assert state_path(org).exists()
    refusing.unlink()
    given_up = type_next(org, refused)
    assert given_up.out.startswith(f"{RUN} is given up."), given_up.out + given_up.err
    assert files(org) == [f"archive/{RUN}.json"]
    for again in (run_cli(org, "abandon", RUN), other.look("abandon", RUN)):
        assert again.out == f"{RUN} is over already; it is abandoned.\n"


def test_a_run_whose_machine_is_dead_is_given_up_on_another(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False, error=Died())
        with pytest.raises(Died):
            release(org)

    refused = other.look("abandon", RUN)

    assert refused.err.endswith(f"it is dead: omni-release abandon {RUN} --take-over\n")
    assert other.look("abandon", RUN, "--take-over").out.startswith(f"{RUN} is given up.")
    assert resume(org).err.startswith("STATE_NOT_FOUND: ")


def test_the_end_of_a_run_that_is_not_taken_is_written_by_a_resume(place: Place) -> None:
    share(place.put_back("begin"))
    assert release(place.org).code == 0
    pushes = git(control(place.org), "log", "--format=%s", BRANCH).splitlines()
    assert pushes[0] == f"{RUN}: over"
    org = place.put_back("begin")
    share(org)
    refusing = refuse_from(org, len(pushes))

    refused = release(org)

    assert refused.code == 3
    journal = refused.out.partition("Journal: ")[2].strip()
    assert journal.endswith(f"/{RUN}.journal.jsonl")
    assert (state_path(org).parent / f"{RUN}.journal.jsonl").is_file()
    refusing.unlink()
    ran = resume(org)
    assert (ran.code, ran.err) == (0, "")
    assert is_archived(org)
    assert files(org) == [f"archive/{RUN}.json"]


@pytest.mark.parametrize(
    "trouble",
    [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()],
    ids=["has no room for it", "is stopped"],
)
def test_a_run_that_is_over_has_succeeded_also_where_this_machine(
    place: Place, trouble: BaseException
) -> None:
    org = place.put_back("begin")
    share(org)

    def fail(*_: object) -> None:
        raise trouble

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_move_files", fail)
        ran = release(org)

    assert (ran.code, ran.err) == (0, "")
    is_told = f"{RUN} is over, and not archived here: " in ran.out
    assert is_told == isinstance(trouble, OSError)
    assert files(org) == [f"archive/{RUN}.json"]
    assert f"  {RUN}  completed" in run_cli(org, "status").out
    assert "it is complete or given up" in resume(org).err
    assert files(org) == [f"archive/{RUN}.json"]
    left = {path.name for path in state_path(org).parent.glob(f"{RUN}.*")}
    assert left == set()  # state, journal and events are archived
    assert is_archived(org)


@pytest.mark.parametrize("number", [1, 2], ids=["as it begins", "as it lets go, too"])
def test_a_stop_in_the_middle_of_a_push_lets_go_or_says_that_it_does_not(
    place: Place, number: int
) -> None:
    org = place.put_back("begin")
    other = share(org)
    push, pushes = Git.push, itertools.count(1)

    def pushes_and_is_stopped(self: Git, *refs: str) -> None:
        done = next(pushes)
        if done == 1 or number == 1:
            push(self, *refs)
        if done <= number:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "push", pushes_and_is_stopped)
        ran = release(org)
    assert ran.code == 130

    refused = other.run("--run-id", RUN, "--bump", "patch")

    is_told = "it is not said on" in ran.out and "another machine needs --take-over" in ran.out
    assert is_told == (number == 2)
    assert refused.err.startswith("RUN_LOCKED" if is_told else "GATE_"), refused.err


def test_a_run_that_is_over_elsewhere_is_told_as_one(place: Place) -> None:
    org = place.put_back("begin")
    other = share(org)
    seen: list[Ran] = []
    with pytest.MonkeyPatch.context() as patch:
        before_phase(patch, Phase.COMMIT, lambda: seen.append(other.run("--run-id", RUN)))
        assert release(org).code == 0
    assert seen[0].err.startswith("RUN_LOCKED: ")

    ran = other.dry_run()

    assert "Refused before they began" not in other.look("status").out
    assert f"it is complete or given up, as the branch {BRANCH} of {control(org)} says." in ran.err


@pytest.mark.parametrize("torn", ["objects", "refs/remotes/origin/omni-release-state"])
def test_what_a_crash_tore_of_the_mirror_is_made_anew(place: Place, torn: str) -> None:
    org = place.put_back("begin")
    share(org)
    stop_run(org)
    [mirror] = (state_path(org).parent / "control").glob("*.git")
    path = mirror / torn
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_bytes(b"")

    ran = resume(org)

    assert (ran.code, ran.err) == (0, "")
    assert files(org) == [f"archive/{RUN}.json"]
