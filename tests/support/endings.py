"""What a run has left in the world, so that two runs can be compared by how they ended.

Commit and tag ids are the measure: under a fixed clock they are the same when trees, parents,
messages and dates are.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases.registry import PHASES
from support.cli import Ran, run_cli, state_home
from support.gitrepo import all_refs, git, world
from support.orgs import copy_org
from support.repos import leave_steps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.phase import Phase
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import Context, Step

RUN = "pair"
TOKEN = f"1740312612.000100:{RUN}"
APPROVED = ("--gate-attestation", TOKEN)


def release(org: Org, *args: str) -> Ran:
    """A fresh run, approved beforehand."""
    return run_cli(org, "--run-id", RUN, *APPROVED, *args)


def resume(org: Org, *args: str) -> Ran:
    """The same run, taken up again under the same token."""
    return run_cli(org, "--resume", RUN, *APPROVED, *args)


def state_path(org: Org) -> Path:
    return state_home(org) / "state" / "release" / f"{RUN}.json"


def state_of(org: Org) -> dict[str, Any]:
    """The state file, in the archive once the run is complete."""
    path = state_path(org)
    path = path if path.exists() else path.parent / "archive" / path.name
    state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return state


def is_archived(org: Org) -> bool:
    left = [path.name for path in state_path(org).parent.glob("*.json*")]
    return not left and (state_path(org).parent / "archive" / f"{RUN}.json").is_file()


def worktree(org: Org, repo: str) -> Path:
    return org.worktrees / "release" / RUN / repo


def branch(repo: str) -> str:
    return f"release/{RUN}/{repo}"


def main_log(org: Org, repo: str) -> list[str]:
    """Subjects of a remote's main, newest first."""
    return git(org.remote(repo), "log", "--format=%s", "main").splitlines()


def ending(org: Org) -> dict[str, Any]:
    """All of the world but what a fetch brings: a run that looks twice has fetched its own tags."""
    found = world(org)
    for clone in found["clones"].values():
        fetched = ("refs/omni-release/", "refs/remotes/")
        clone["refs"] = {k: v for k, v in clone["refs"].items() if not k.startswith(fetched)}
    return found


def outcome(ran: Ran) -> dict[str, Any]:
    """What a result says of the repositories, however the approvals came."""
    assert ran.result is not None, ran.err
    counts = ("attempted", "succeeded", "failed", "skipped", "blocked")
    kept = ("status", "error", "error_code", "details", *(f"repos_{each}" for each in counts))
    return {key: ran.result[key] for key in kept}


def evidence(org: Org) -> dict[str, Any]:
    """What the phases of every repository left in the state."""
    return {name: repo["outputs"] for name, repo in state_of(org)["repos"].items()}


def assert_released_once(org: Org) -> None:
    """Every repository has one pull request, one merge, its tags; and nothing is left over."""
    for repo in org.repos:
        refs = all_refs(org.remote(repo))
        released = [line for line in main_log(org, repo) if line.startswith(f"release: {repo} v")]
        assert len(released) == 1, released
        assert [name for name in refs if name.startswith("refs/pull/")] == [
            "refs/pull/1/head",
            "refs/pull/1/merge",
        ]
        assert len([name for name in refs if name.startswith(f"refs/tags/{repo}/v")]) == 1
        assert not [name for name in refs if "/release/" in name]
        assert not [name for name in all_refs(org.clone(repo)) if "/release/" in name]
    assert not list(org.worktrees.rglob("*.toml"))


@dataclass(frozen=True)
class Place:
    """An organisation that can be put back to what it was at some moment.

    Everything stays where it is, so what is compared never differs by its path.
    """

    org: Org
    shelf: Path

    @classmethod
    def of(cls, template: Org, folder: Path) -> Place:
        place = cls(copy_org(template, folder / "org"), folder / "shelf")
        leave_steps(place.org)
        place.keep("begin")
        return place

    def keep(self, name: str) -> None:
        shutil.copytree(self.org.root, self.shelf / name, symlinks=True)

    def has(self, name: str) -> bool:
        return (self.shelf / name).exists()

    def put_back(self, name: str) -> Org:
        shutil.rmtree(self.org.root)
        shutil.copytree(self.shelf / name, self.org.root, symlinks=True)
        return self.org


class Undisturbed(NamedTuple):
    """How a run ends that nothing happens to."""

    world: dict[str, Any]
    outcome: dict[str, Any]
    evidence: dict[str, Any]


def undisturbed_run(place: Place) -> Undisturbed:
    """Release the organisation as it was in the beginning, in one go."""
    org = place.put_back("begin")
    ran = release(org)
    assert ran.code == 0, ran.err
    return Undisturbed(ending(org), outcome(ran), evidence(org))


def break_phase(
    patch: pytest.MonkeyPatch,
    phase: Phase,
    *,
    after_effect: bool,
    error: BaseException | None = None,
    repo: str = "beta",
) -> None:
    """Let one step of ``repo`` end in an error, before its effect or between effect and record."""
    whole = PHASES[phase]
    made = ReleaseError(ErrorCode.INTERNAL_ERROR, f"{phase} was made to fail.")

    def apply(step: Step, ctx: Context) -> PhaseOutput:
        if step.repo != repo or "rehearsal" in step.path.parts:
            return whole.apply(step, ctx)
        if after_effect:
            whole.apply(step, ctx)
        raise error or made

    patch.setitem(PHASES, phase, SimpleNamespace(OUTPUT=whole.OUTPUT, done=whole.done, apply=apply))


def before_phase(
    patch: pytest.MonkeyPatch, phase: Phase, act: Callable[[], object], *, repo: str = "beta"
) -> None:
    """Let something happen once, right before a step of ``repo`` in this run has its effect."""
    whole = PHASES[phase]
    due = [act]

    def apply(step: Step, ctx: Context) -> PhaseOutput:
        if (step.run_id, step.repo) == (RUN, repo) and due:
            due.pop()()
        return whole.apply(step, ctx)

    patch.setitem(PHASES, phase, SimpleNamespace(OUTPUT=whole.OUTPUT, done=whole.done, apply=apply))


class Died(BaseException):
    """What nothing in the product catches: the state stays as the last line left it."""


def die_in(org: Org, phase: Phase, *, after_effect: bool) -> None:
    """Resume until the run dies in one step of beta."""
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=after_effect, error=Died())
        with pytest.raises(Died):
            resume(org)
    assert state_of(org)["repos"]["beta"]["in_progress"] == phase
