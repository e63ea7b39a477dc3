"""Repositories in forms that newer git makes, by a user's setting or, from git 3 on, by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omninode_release.commands.demo_org import Org
from omninode_release.models.phase import Phase
from support.endings import Died, break_phase, release, resume
from support.gitrepo import git
from support.orgs import PAIR, declared, programs


def require_git(*oldest: int) -> None:
    """Skip a test of what this machine's git does not know."""
    told = programs()(("git", "--version"), cwd=Path.cwd(), timeout=60).stdout
    found = re.search(r"(\d+)\.(\d+)", told)
    if found is None or (int(found[1]), int(found[2])) < oldest:
        pytest.skip(f"of git {'.'.join(map(str, oldest))} and later")


def prefer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *settings: str) -> None:
    """Make settings as ``git config --global`` does, for one test."""
    own = tmp_path / "gitconfig"
    for setting in settings:
        key, _, value = setting.partition("=")
        git(tmp_path, "config", "--file", str(own), key, value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))


def assert_released(org: Org) -> None:
    for repo, tag in (("alpha", "alpha/v1.1.0"), ("beta", "beta/v0.4.1")):
        assert tag in git(org.remote(repo), "tag").split()


def test_a_release_where_objects_are_named_by_sha256(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_git(2, 46)
    prefer(tmp_path, monkeypatch, "init.defaultObjectFormat=sha256")
    declared(PAIR)(tmp_path / "org")
    org = Org(tmp_path / "org")

    ran = release(org)

    assert (ran.code, ran.err) == (0, "")
    assert_released(org)
    assert len(git(org.remote("beta"), "rev-parse", "main")) == 64  # digits of SHA-256


@pytest.mark.usefixtures("only_steps", "no_hooks")
def test_locks_of_a_killed_git_where_refs_are_a_reftable_are_taken_away(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_git(2, 48)
    prefer(tmp_path, monkeypatch, "worktree.useRelativePaths=true")
    clone, remote = small_org.clone("beta"), small_org.remote("beta")
    for place in (clone, remote):
        git(place, "refs", "migrate", "--ref-format=reftable")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False, error=Died())
        with pytest.raises(Died):
            release(small_org)
    kept = clone / ".git" / "worktrees" / "beta"
    assert (kept / "gitdir").read_text(encoding="utf-8").startswith("../")
    stacks = [each / "reftable" for each in (clone / ".git", kept, remote)]
    for stack in stacks:
        (stack / "tables.list.lock").touch()

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert_released(small_org)
    assert not any((stack / "tables.list.lock").exists() for stack in stacks)
