"""When there is a rehearsal, and what it leaves and gives away."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from omninode_release.console.render import Console
from omninode_release.errors import ErrorCode
from omninode_release.events import Event, RepoDone
from support.cli import run_cli, state_home
from support.endings import APPROVED, RUN, Died, release, resume, state_of, worktree
from support.failures import fails
from support.gitrepo import commit_file, files_of, git, world
from support.killing import Killer
from support.pypi_server import PyPIServer
from support.rehearsing import edit, refused, rehearsed, use_backend
from support.repos import configure, spoil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


TELLS_ITS_ENVIRONMENT = """
import os
import sys

def build_sdist(folder, settings=None):
    sys.exit(" ".join(f"{name}={os.environ.get(name)}" for name in sorted(os.environ)))

build_wheel = build_sdist
"""


def test_a_dry_run_rehearses_when_it_is_asked_to(small_org: Org) -> None:
    edit(small_org, "beta", "dependencies = [\n", 'dependencies = [\n    "nowhere",\n')
    git(small_org.clone("beta"), "pull", "--quiet")

    plain, asked = run_cli(small_org, "--dry-run", "--strict"), rehearsed(small_org, "--strict")

    assert (plain.code, asked.code) == (0, 1)
    assert "Rehearsing 2 of 2: beta" in asked.out
    assert "LOCK_FAILED beta: " in asked.out


def test_a_dry_run_finds_nothing_wrong_where_nothing_is(small_org: Org) -> None:
    configure(small_org, hooks="none")

    ran = rehearsed(small_org, "--strict", "--offline")

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["warnings"] == []


def test_a_dry_run_needs_no_tag_that_only_a_real_run_fetches(small_org: Org) -> None:
    assert "refs/omni-release" not in git(small_org.clone("alpha"), "for-each-ref")

    assert rehearsed(small_org, "--strict").code == 0


def test_a_rehearsal_makes_no_index(org: Org) -> None:
    """The first release of all, into an index that is not there yet."""
    shutil.rmtree(org.index)

    ran = rehearsed(org, "omnibase_spi", "--strict")

    assert (ran.code, org.index.exists()) == (0, False)


def test_what_the_configuration_leaves_out_is_said_at_the_gate(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    said = "not rehearsed, since the configuration says rehearse: false"

    dry, ran = run_cli(small_org, "--dry-run"), release(small_org)

    for each in (dry, ran):
        assert said in each.out
        assert "Rehearsing" not in each.out
    assert ran.result is not None
    assert any(said in warning for warning in ran.result["warnings"])
    assert state_of(small_org)["plan"]["rehearsal"] == "left out"


def test_a_rehearsal_that_is_asked_for_is_not_left_out(small_org: Org) -> None:
    configure(small_org, rehearse=False)

    assert "Rehearsing 1 of 2: alpha" in rehearsed(small_org).out


def test_rehearse_belongs_to_a_dry_run(small_org: Org) -> None:
    fails(small_org, ErrorCode.USAGE_ERROR, "--rehearse").says("--rehearse", "--dry-run")


def test_a_rehearsal_is_written_down_and_followed(small_org: Org) -> None:
    assert release(small_org).code == 0

    events = state_home(small_org) / "state" / "release" / "archive" / f"{RUN}.events.jsonl"
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert [e["repo"] for e in told if e["event"] == "Rehearsing"] == ["alpha"]  # once is enough
    assert state_of(small_org)["plan"]["rehearsal"] == "done"


@contextmanager
def dies_between_repositories(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A run is killed when alpha is released and beta is not begun."""

    def die(_console: Console, event: Event) -> None:
        if isinstance(event, RepoDone):
            raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Console, "__call__", die)
        yield


def test_a_resume_rehearses_what_is_not_begun(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """alpha is released, beta not begun; what alpha was is taken from the index."""

    with pytest.raises(Died), dies_between_repositories(monkeypatch):
        release(small_org)
    assert state_of(small_org)["repos"]["alpha"]["phase"] == "DONE"

    again = resume(small_org)

    assert (again.code, again.err) == (0, "")
    assert "Rehearsing 1 of 1: beta" in again.out
    assert state_of(small_org)["plan"]["rehearsal"] == "done"
    assert "\n[2/2] beta 0.4.0 → 0.4.1\n" in again.out


def test_what_pins_a_wheel_without_a_source_distribution_is_rehearsed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """alpha had both kinds before, and is to publish wheels from now on."""
    configure(small_org, index="pypi", publish_of={"alpha": {"expect": ["wheel"]}})

    with PyPIServer(folder=small_org.root / "index") as index:
        words = ("--run-id", RUN, *APPROVED)
        with pytest.raises(Died), dies_between_repositories(monkeypatch):
            run_cli(small_org, *words, env=index.environ)
        (small_org.index / "alpha-1.1.0.tar.gz").unlink()
        again = run_cli(small_org, "--resume", RUN, *APPROVED, env=index.environ)

    assert (again.code, again.err) == (0, "")
    assert "Rehearsing 1 of 1: beta" in again.out


def test_what_pins_a_begun_repository_is_rehearsed_once_that_is_published(small_org: Org) -> None:
    spoil(small_org, "alpha")
    assert release(small_org).code == 1
    alpha = worktree(small_org, "alpha")
    commit_file(alpha, "notes.md", "no spaces\n", "style: no spaces")

    again = resume(small_org)

    assert (again.code, again.err) == (0, "")
    assert "beta rehearsal: not rehearsed: the version of alpha that it pins" in again.out
    assert state_of(small_org)["plan"]["rehearsal"] == "in part"


def test_a_build_before_the_gate_is_given_no_tokens(small_org: Org) -> None:
    use_backend(small_org, "alpha", TELLS_ITS_ENVIRONMENT)
    secrets = ("GH_TOKEN", "GITHUB_TOKEN", "UV_PUBLISH_TOKEN", "TWINE_PASSWORD", "MY_API_KEY")
    env = {name: f"planted-{name}" for name in secrets}

    failure = refused(small_org, ErrorCode.PUBLISH_FAILED, env=env)

    failure.says("UV_NO_PROGRESS=1")
    for name in secrets:
        assert f"{name}=" not in failure.error
        assert env[name] not in failure.error


@pytest.mark.parametrize("number", [0, 1, 3], ids=["a lock", "a build", "the last build"])
def test_what_a_killed_rehearsal_left_is_removed_by_the_next(
    small_org: Org, tmp_path: Path, number: int
) -> None:
    before = world(small_org)
    killer = Killer.hired(tmp_path / "bin")
    assert killer.at_command(small_org, number, "after")
    left = files_of(small_org.worktrees / "rehearsal")
    touched = world(small_org) | {"worktrees": {}, "clones": before["clones"]}
    assert (bool(left), touched) == (True, before)

    assert release(small_org).code == 0

    assert not files_of(small_org.worktrees)
