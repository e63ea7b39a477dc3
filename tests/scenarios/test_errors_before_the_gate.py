"""Codes a run ends with before anybody is asked: nothing is modified, and no state is made."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Terminal, run_cli, state_home
from support.failures import fails, provoked, provokes
from support.gitrepo import all_refs, git, land, push_main
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


@provokes(ErrorCode.USAGE_ERROR)
def test_contradicting_arguments_are_a_usage_error(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.USAGE_ERROR, "--all", "alpha")

    failure.says("--all and repository names", "omni-release --help")


@provokes(ErrorCode.UNKNOWN_REPO)
def test_an_unknown_repository_is_refused_with_the_list_of_known_ones(small_org: Org) -> None:
    failure = fails(small_org, ErrorCode.UNKNOWN_REPO, "alpha", "gamma")

    failure.says("alpha, beta", "found gamma")


@provokes(ErrorCode.CONFIG_INVALID)
def test_an_unknown_key_in_the_configuration_is_named_with_its_file(small_org: Org) -> None:
    configure(small_org, major_on_zeroo=False)

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(str(small_org.omni_home / "release.yaml"), "major_on_zeroo")


@provokes(ErrorCode.REPO_NOT_FOUND)
def test_a_targeted_repository_that_is_not_cloned_is_refused(small_org: Org) -> None:
    clone = small_org.clone("beta")
    (clone / ".git").rename(clone / ".not-git")  # what is left is a plain folder

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    provoked(ErrorCode.REPO_NOT_FOUND)
    assert ran.code == 1
    assert ran.result is not None
    assert (ran.result["status"], ran.result["error_code"]) == ("FAILED", "REPO_NOT_FOUND")
    assert "Next: clone pair/beta there" in ran.err
    assert not small_org.worktrees.exists()
    assert not list((state_home(small_org) / "state" / "release").glob("*.json"))
    assert "refs/heads/release" not in str(all_refs(small_org.remote("alpha")))


@provokes(ErrorCode.TOOL_MISSING)
def test_a_program_that_is_not_installed_is_named(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_git = tmp_path / "bin"
    only_git.mkdir()
    (only_git / "git").symlink_to(shutil.which("git") or "")
    # Programs are also looked for beside the interpreter, where pip puts uv and pre-commit.
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no" / "python"))

    failure = fails(small_org, ErrorCode.TOOL_MISSING, env={"PATH": str(only_git)})

    failure.says("'uv'", "install uv")


@provokes(ErrorCode.TOOL_MISSING)
@pytest.mark.parametrize(
    ("name", "line", "oldest"),
    [
        pytest.param("git", "git version 2.34.1", "2.38", id="git"),  # it has no merge-tree
        pytest.param("uv", "uv 0.9.30", "0.10", id="uv"),
    ],
)
def test_a_program_that_is_too_old_is_named(
    small_org: Org, tmp_path: Path, name: str, line: str, oldest: str
) -> None:
    """Also where pip has put a newer one beside us: the user's own goes before it."""
    old = tmp_path / name
    old.write_text(f"#!/bin/sh\necho {line}\n", encoding="utf-8")
    old.chmod(0o755)

    failure = fails(
        small_org,
        ErrorCode.TOOL_MISSING,
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
    )

    failure.says(f"expected {name} {oldest} or later, found '{line}'")
    failure.says(f"install a newer {name}; the one that is found is {old}")


@provokes(ErrorCode.GATE_FAILED)
def test_without_a_terminal_and_a_token_nothing_is_begun(small_org: Org) -> None:
    failure = fails(
        small_org, ErrorCode.GATE_FAILED, state="unchanged", stdin=io.StringIO("approve\n")
    )

    failure.says("Next: in a terminal, omni-release release\n")
    assert "--gate-attestation" not in failure.error  # nothing here could verify a token


@provokes(ErrorCode.INVALID_GATE_TOKEN)
@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("approve", "expected a token"),
        ("1740312612:release-20260225-91bca0", "expected a token"),
        ("1740312612.000100", "expected a token"),
        ("1740312612.000100:release-20260224-91bca0", "for 'release-20260224-91bca0'"),
    ],
)
def test_a_token_of_the_wrong_form_or_run_is_refused(small_org: Org, token: str, says: str) -> None:
    failure = fails(small_org, ErrorCode.INVALID_GATE_TOKEN, "--gate-attestation", token)

    failure.says(says, "release-20260225-91bca0")


@provokes(ErrorCode.SCAN_FAILED)
def test_a_remote_that_does_not_answer_is_named_with_what_git_said(small_org: Org) -> None:
    git(small_org.clone("beta"), "remote", "set-url", "origin", str(small_org.root / "gone.git"))

    failure = fails(small_org, ErrorCode.SCAN_FAILED, state="unchanged")

    failure.says("beta", "gone.git", "ls-remote")
    assert failure.detail("alpha")["error_code"] is None


@provokes(ErrorCode.SCAN_FAILED)
def test_a_repository_without_pyproject_cannot_be_released(small_org: Org) -> None:
    clone = small_org.clone("beta")
    git(clone, "rm", "--quiet", "pyproject.toml")
    git(clone, "commit", "--quiet", "--message", "chore: no package any more")
    push_main(clone)

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("beta/pyproject.toml", "graph.tiers")


@provokes(ErrorCode.VERSION_INVALID)
def test_a_dynamic_version_is_refused_before_the_gate(small_org: Org) -> None:
    dynamic = manifest("beta").replace('version = "1.0.0"', 'dynamic = ["version"]')
    land(small_org.remote("beta"), "pyproject.toml", dynamic, "build: version from git")

    failure = fails(small_org, ErrorCode.VERSION_INVALID)

    failure.says("beta/pyproject.toml", "dynamic", 'version = "X.Y.Z"')
    assert failure.detail("beta")["error_code"] == "VERSION_INVALID"


@provokes(ErrorCode.GRAPH_DRIFT)
def test_a_stranger_that_depends_on_ours_is_drift(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "0.1.0", "Alpha>=1")})

    failure = fails(small_org, ErrorCode.GRAPH_DRIFT)

    failure.says("(alpha, beta)", "gamma requires alpha", "graph.ignore")


@provokes(ErrorCode.PIN_CONFLICT)
def test_a_sibling_outside_the_run_must_admit_what_is_pinned(small_org: Org) -> None:
    published = manifest("gamma", "0.2.0", "alpha>=1.0,<1.1")
    add_repo(small_org, "gamma", {"pyproject.toml": published}, tag="v0.2.0")
    needs_both = manifest("beta", "0.4.0", "alpha>=1", "gamma>=0.2")
    land(small_org.remote("beta"), "pyproject.toml", needs_both, "feat: gamma")
    tiers = [{"alpha": []}, {"gamma": ["alpha"]}, {"beta": ["alpha", "gamma"]}]
    configure(small_org, graph={"tiers": tiers})

    failure = fails(small_org, ErrorCode.PIN_CONFLICT, "alpha", "beta")

    failure.says("alpha==1.1.0", "'alpha>=1.0,<1.1'", "add gamma to the run")
    assert failure.detail("beta")["error_code"] == "PIN_CONFLICT"


@provokes(ErrorCode.BUMP_FAILED)
def test_a_configured_version_file_that_is_not_there_is_found_by_the_rehearsal(
    small_org: Org,
) -> None:
    configure(small_org, version_files={"beta": ["src/beta/cli.py", "src/beta/version.py"]})

    failure = fails(small_org, ErrorCode.BUMP_FAILED, state="unchanged")

    failure.says("names src/beta/version.py", "version_files.beta")


@provokes(ErrorCode.PIN_FAILED)
def test_a_direct_url_cannot_be_pinned_and_is_found_by_the_rehearsal(small_org: Org) -> None:
    text = manifest("beta", "0.4.0", "alpha @ git+https://git.example/alpha")
    land(small_org.remote("beta"), "pyproject.toml", text, "build: alpha from git")

    failure = fails(small_org, ErrorCode.PIN_FAILED, state="unchanged")

    failure.says("beta/pyproject.toml", "alpha @ git+https://git.example/alpha")


@provokes(ErrorCode.WORKTREE_CONFLICT)
def test_a_branch_called_release_leaves_no_room_for_ours(small_org: Org) -> None:
    git(small_org.clone("beta"), "branch", "release")

    failure = fails(small_org, ErrorCode.WORKTREE_CONFLICT, state="unchanged")

    failure.says("branch named release", f"git -C {small_org.clone('beta')} branch -m")


@provokes(ErrorCode.COMMIT_FAILED)
def test_git_without_an_identity_is_found_before_the_gate(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{who}_NAME")
        monkeypatch.delenv(f"GIT_{who}_EMAIL")
    for key in ("user.name", "user.email"):
        git(small_org.clone("beta"), "config", "--unset", key)
    git(small_org.clone("beta"), "config", "user.useConfigOnly", "true")

    failure = fails(small_org, ErrorCode.COMMIT_FAILED, state="unchanged")

    failure.says("user.name", str(small_org.clone("beta")))


@provokes(ErrorCode.NOTHING_TO_RELEASE)
def test_a_repository_without_new_commits_is_skipped_and_no_error(small_org: Org) -> None:
    git(small_org.clone("alpha"), "tag", "v1.0.1", "origin/main")
    git(small_org.clone("alpha"), "push", "--quiet", "origin", "v1.0.1")

    ran = run_cli(small_org, "alpha", "--json", stdin=Terminal(""))

    provoked(ErrorCode.NOTHING_TO_RELEASE)
    assert ran.code == 0
    assert ran.result is not None
    assert (ran.result["status"], ran.result["error_code"]) == ("SUCCESS", None)
    assert (ran.result["repos_attempted"], ran.result["repos_skipped"]) == (0, 1)
    (skipped,) = ran.result["details"]
    assert skipped["error_code"] == "NOTHING_TO_RELEASE"
    assert (skipped["bump"], skipped["error"]) == (None, None)
    assert skipped["new_version"] == skipped["old_version"] == "1.0.1"
    assert not list((state_home(small_org) / "state" / "release").glob("*.json"))
