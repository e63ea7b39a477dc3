"""``after_release: dev``: a pull request with the next version in development, once it is out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from omninode_release.phases.shared import next_development
from omninode_release.release import run as run_module
from support.cli import run_cli
from support.endings import RUN, release, resume
from support.gitrepo import git
from support.repos import add_repo, configure

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.commands.demo_org import Org

BRANCH = f"after-release/{RUN}/alpha"


def _show(org: Org, revision: str, path: str) -> str:
    return git(org.remote("alpha"), "show", f"{revision}:{path}")


def test_the_next_version_stands_in_a_pull_request_of_its_own(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, after_release="dev")
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "verify", _be_killed)
        killed = release(small_org)
    assert killed.code == 130
    made = git(small_org.remote("alpha"), "rev-parse", BRANCH)

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert git(small_org.remote("alpha"), "rev-parse", BRANCH) == made
    assert "starts 1.1.1.dev0; it is yours to merge" in ran.out + ran.err
    assert git(small_org.remote("alpha"), "rev-list", "--count", f"main..{BRANCH}") == "1"
    changed = git(small_org.remote("alpha"), "diff", "--name-only", "main", BRANCH).splitlines()
    assert set(changed) == {"pyproject.toml", "src/alpha/__init__.py", "uv.lock"}
    assert 'version = "1.1.1.dev0"' in _show(small_org, BRANCH, "pyproject.toml")
    assert 'version = "1.1.1.dev0"' in _show(small_org, BRANCH, "uv.lock")
    assert 'version = "1.1.0"' in _show(small_org, "main", "pyproject.toml")
    assert not list(small_org.worktrees.glob("release/*/*"))

    git(small_org.remote("alpha"), "update-ref", "refs/heads/main", BRANCH)
    git(small_org.clone("alpha"), "fetch", "--quiet", "origin")
    plan = run_cli(small_org, "--dry-run", "alpha")
    assert plan.result is not None
    assert plan.result["details"][0]["error_code"] == "NOTHING_TO_RELEASE"


def _before(*_: object) -> None:
    raise KeyboardInterrupt


def _after(whole: Callable[..., object], *args: object) -> None:
    whole(*args)
    raise KeyboardInterrupt


@pytest.mark.parametrize("kill", [_before, _after], ids=["before", "after"])
@pytest.mark.parametrize("name", ["_commit", "remove_traces_here"])
def test_a_kill_leaves_one_pull_request(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, kill: Callable[..., None], name: str
) -> None:
    configure(small_org, after_release="dev")
    whole = getattr(next_development, name)
    with monkeypatch.context() as patch:
        patch.setattr(next_development, name, partial(kill, whole))
        assert release(small_org).code == 130

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    for repo in ("alpha", "beta"):
        branch = f"after-release/{RUN}/{repo}"
        count = git(small_org.remote(repo), "rev-list", "--count", f"main..{branch}")
        assert count == "1"
        assert f"{repo}: " in ran.out + ran.err
    assert not list(small_org.worktrees.glob("release/*/*"))


def test_a_holder_that_cannot_say_it_is_refused_before_the_gate(small_org: Org) -> None:
    text = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
        '[project]\nname = "gamma"\ndynamic = ["version"]\n\n'
        '[tool.setuptools.dynamic]\nversion = {attr = "gamma.VERSION"}\n'
    )
    files = {"pyproject.toml": text, "src/gamma/__init__.py": "VERSION = (1, 0, 0)\n"}
    add_repo(small_org, "gamma", files)
    graph: dict[str, object] = {"tiers": [{"gamma": []}]}
    configure(small_org, graph=graph, after_release="dev")

    plan = run_cli(small_org, "--dry-run", "--offline")

    assert plan.result is not None
    row = next(each for each in plan.result["details"] if each["repo"] == "gamma")
    assert row["error_code"] == "BUMP_FAILED"
    assert "1.1.1.dev0 in src/gamma/__init__.py, found a tuple" in row["error"]


def _be_killed(*_: object) -> None:
    raise KeyboardInterrupt
