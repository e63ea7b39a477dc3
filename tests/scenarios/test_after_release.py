"""``after_release: dev``: a pull request with the next version in development, once it is out."""

from __future__ import annotations

import shlex
import subprocess
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git.checkout import Checkout
from omninode_release.phases.shared import next_development
from omninode_release.phases.shared.clean_up import remove_traces_here
from omninode_release.release import run as run_module
from support.cli import run_cli
from support.endings import RUN, release, resume
from support.gitrepo import all_refs, git
from support.repos import add_repo, configure

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

BRANCH = f"after-release/{RUN}/alpha"


def _show(org: Org, revision: str, path: str) -> str:
    return git(org.remote("alpha"), "show", f"{revision}:{path}")


def _release_until_verify(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed once the pull request is there."""
    configure(org, after_release="dev")
    with monkeypatch.context() as patch:
        patch.setattr(run_module, "verify", _be_killed)
        assert release(org).code == 130


def test_the_next_version_stands_in_a_pull_request_of_its_own(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    _release_until_verify(small_org, monkeypatch)
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


def test_a_pull_request_that_a_person_has_closed_stays_closed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    _release_until_verify(small_org, monkeypatch)
    pull = max((small_org.remotes / "alpha.forge" / "pulls").glob("*.json"))
    pull.write_text(pull.read_text(encoding="utf-8").replace("false", "true"), encoding="utf-8")

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert "starts 1.1.1.dev0; a person has closed it" in ran.out


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


@pytest.mark.parametrize("kill", [_before, _after], ids=["before", "after"])
def test_what_a_kill_left_of_its_commit_is_no_work_of_a_person(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, kill: Callable[..., None]
) -> None:
    configure(small_org, after_release="dev")
    whole = Checkout.make_commit

    def make_commit(checkout: Checkout, message: str, *args: Any, **more: Any) -> object:
        make = partial(whole, checkout, message, *args, **more)
        if message.startswith("release: "):
            return make()
        kill(make)
        return None

    with monkeypatch.context() as patch:
        patch.setattr(Checkout, "make_commit", make_commit)
        patch.setattr(next_development, "remove_traces_here", lambda *_: None)  # it is dead
        assert release(small_org).code == 130

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert "kept" not in ran.out + ran.err
    for repo in ("alpha", "beta"):
        branch = f"after-release/{RUN}/{repo}"
        assert git(small_org.remote(repo), "rev-list", "--count", f"main..{branch}") == "1"
        kept = [ref for ref in all_refs(small_org.clone(repo)) if "/kept/" in ref]
        assert not kept
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
    assert "1.1.1.dev0 in src/gamma/__init__.py, found numbers alone" in row["error"]


def _be_killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_a_kill_left_of_it_is_known_when_the_run_is_given_up(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, after_release="dev")
    with monkeypatch.context() as patch:
        patch.setattr(next_development, "remove_traces_here", _on_the_second_call(_be_killed))
        assert release(small_org).code == 130
    assert f"refs/heads/{BRANCH}" in all_refs(small_org.clone("alpha"))

    ran = run_cli(small_org, "abandon", RUN)

    assert f"branch {BRANCH} of {small_org.clone('alpha')}" in ran.out
    assert f"branch {BRANCH} on the remote of {small_org.clone('alpha')}" in ran.out
    assert f"push origin --delete {BRANCH}" in ran.out
    cleaned = run_cli(small_org, "clean", RUN, "--yes")
    assert cleaned.code == 0, cleaned.err
    assert f"refs/heads/{BRANCH}" not in all_refs(small_org.clone("alpha"))
    assert not list(small_org.worktrees.glob("release/*/*"))
    for command in _typed_after("To remove it by hand:", ran.out):
        if "push" in command:
            subprocess.run(shlex.split(command), check=True, capture_output=True)
    assert f"refs/heads/{BRANCH}" not in all_refs(small_org.remote("alpha"))


def test_its_pull_request_is_told_of_when_the_run_is_given_up(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    _release_until_verify(small_org, monkeypatch)

    ran = run_cli(small_org, "abandon", RUN)

    assert "  alpha: pull request " in ran.out
    assert ", which starts the next version\n" in ran.out


def test_a_lock_file_of_a_killed_git_in_its_way_is_removed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, after_release="dev")
    with monkeypatch.context() as patch:
        patch.setattr(next_development, "_commit", _before)
        assert release(small_org).code == 130
    lock = small_org.clone("alpha") / ".git" / "refs" / "heads" / f"{BRANCH}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert f"refs/heads/{BRANCH}" in all_refs(small_org.remote("alpha"))


def _on_the_second_call(act: Callable[..., None]) -> Callable[..., None]:
    calls = []

    def acting(*args: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            act()
        remove_traces_here(*args)  # type: ignore[arg-type] # as it was called

    return acting


def _typed_after(heading: str, out: str) -> list[str]:
    return [line.strip() for line in out.partition(heading)[2].splitlines() if "  " in line]
