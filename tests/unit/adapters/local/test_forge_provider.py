"""The embedded forge: which origins are its own, and whether it can write to them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from omninode_release.adapters.local import forge_provider
from omninode_release.adapters.ports import PlannedRelease
from omninode_release.errors import ErrorCode
from omninode_release.models.check import Check
from omninode_release.models.plan import PlanStatus, RepoPlan
from support.gitrepo import git
from support.sites import repository_site

RELEASE = PlannedRelease(
    RepoPlan(repo="alpha", tier=1, status=PlanStatus.RELEASE), tags=(), own_run=None, merged=False
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose origin is ``alpha.git`` beside it."""
    git(tmp_path, "init", "--quiet", "--bare", "alpha.git")
    git(tmp_path, "init", "--quiet", "alpha")
    git(tmp_path / "alpha", "remote", "add", "origin", "../alpha.git")
    return tmp_path / "alpha"


def origin_check(clone: Path) -> Check:
    check, *_ = forge_provider.readiness(repository_site(clone.parent, clone), RELEASE)
    return check


@pytest.mark.parametrize("form", ["../alpha.git", "{0}/alpha.git", "file://{0}/alpha.git"])
def test_a_repository_on_this_machine_is_ready(clone: Path, form: str) -> None:
    git(clone, "remote", "set-url", "origin", form.format(clone.parent))

    assert origin_check(clone) == Check("alpha", "origin", "ok", str(clone.parent / "alpha.git"))


@pytest.mark.parametrize("url", ["https://github.com/pair/alpha", "../gone.git"])
def test_an_origin_elsewhere_is_told(clone: Path, url: str) -> None:
    git(clone, "remote", "set-url", "origin", url)

    check = origin_check(clone)

    assert (check.state, check.code) == ("failed", ErrorCode.CONFIG_INVALID)
    assert check.text.endswith(f"as origin of {clone}, found {url}.")
    assert f"git -C {clone} remote set-url origin PATH" in check.hint


@pytest.mark.parametrize("records", [True, False], ids=["with records", "without records"])
def test_an_origin_that_cannot_be_written_to_is_told(
    clone: Path, monkeypatch: pytest.MonkeyPatch, *, records: bool
) -> None:
    folder = clone.parent / "alpha.forge" if records else clone.parent
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(os, "access", lambda path, _mode: path != folder)

    check = origin_check(clone)

    assert (check.state, check.code) == ("failed", ErrorCode.PUSH_FAILED)
    assert str(folder) in check.text


# What other runs have open there; a scenario has an open pull request.


def other_runs(clone: Path, own_run: str | None = None) -> Check:
    release = replace(RELEASE, own_run=own_run)
    _, check = forge_provider.readiness(repository_site(clone.parent, clone), release)
    return check


def test_a_branch_that_another_run_left_is_a_warning(clone: Path) -> None:
    remote = clone.parent / "alpha.git"
    sha = git(remote, "commit-tree", git(remote, "mktree", stdin=""), "-m", "a release")
    for name in ("release/one/alpha", "release/two/beta", "release/1.x"):
        git(remote, "update-ref", f"refs/heads/{name}", sha)

    check = other_runs(clone)

    assert (check.state, check.code) == ("warning", None)
    assert check.text.endswith("left its branch behind: release/one/alpha")
    assert other_runs(clone, own_run="one").state == "ok"
