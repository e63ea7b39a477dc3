"""How git reaches remotes: nobody is asked, and nothing else goes along."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.errors import CommandFailed
from omninode_release.system.process import Programs
from support.gitrepo import git
from support.orgs import programs
from support.repos import hook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

_SSH = """#!/bin/sh
echo "$0 $*" >> {log}
echo 'Host key verification failed.' >&2
exit 255
"""


def _ask_over_ssh(
    folder: Path, clone: Path, variables: Mapping[str, str]
) -> tuple[str, CommandFailed]:
    """Ask a remote through stand-ins for ssh; what was called, and what came of it."""
    for name in ("ssh", "own-ssh"):
        path = folder / name
        path.write_text(_SSH.format(log=folder / "calls"), encoding="utf-8")
        path.chmod(0o755)
    git(clone, "remote", "set-url", "origin", "ssh://git@host.invalid/acme/alpha.git")
    environ = {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "GIT_ALLOW_PROTOCOL": "ssh",
        **variables,
    }
    with pytest.raises(CommandFailed) as caught:
        Git(clone, Programs(environ)).ls_remote()
    return (folder / "calls").read_text(encoding="utf-8"), caught.value


def test_ssh_asks_nobody_and_says_what_it_would_have_asked(small_org: Org, tmp_path: Path) -> None:
    calls, error = _ask_over_ssh(tmp_path, small_org.clone("alpha"), {})

    assert calls.startswith(f"{tmp_path}/ssh ")
    assert "-o BatchMode=yes" in calls
    assert "Host key verification failed" in error.message


@pytest.mark.parametrize("how", ["GIT_SSH", "GIT_SSH_COMMAND", "core.sshCommand"])
def test_the_users_own_ssh_is_as_they_set_it(small_org: Org, tmp_path: Path, how: str) -> None:
    own, clone = str(tmp_path / "own-ssh"), small_org.clone("alpha")
    if how == "core.sshCommand":
        git(clone, "config", how, own)

    calls, _ = _ask_over_ssh(tmp_path, clone, {how: own} if how.startswith("GIT") else {})

    assert calls.startswith(own)
    assert "BatchMode" not in calls


def test_submodules_are_neither_fetched_nor_pushed(small_org: Org) -> None:
    clone = small_org.clone("beta")
    inside = small_org.root / "inside"
    git(small_org.root, "clone", "--quiet", str(small_org.remote("alpha")), "inside")
    git(clone, "submodule", "--quiet", "add", str(inside), "inside")
    git(clone / "inside", "commit", "--quiet", "--allow-empty", "-m", "not pushed")
    git(clone, "commit", "--quiet", "-am", "feat: a submodule")
    git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/elsewhere")
    git(clone / "inside", "commit", "--quiet", "--allow-empty", "-m", "not pushed either")
    git(clone, "commit", "--quiet", "-am", "feat: a later one")
    for key in ("submodule.recurse", "fetch.recurseSubmodules"):
        git(clone, "config", key, "true")
    git(clone, "config", "push.recurseSubmodules", "check")
    inside.rename(small_org.root / "gone")
    at = Git(clone, Programs(os.environ))

    at.fetch("elsewhere")
    at.push("HEAD:refs/heads/pushed")

    pushed = at.remote_refs("refs/heads/pushed")["refs/heads/pushed"]
    assert pushed == git(clone, "rev-parse", "HEAD")


def test_line_ends_that_git_would_change_are_committed_as_it_does(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    git(clone, "config", "core.autocrlf", "input")
    git(clone, "config", "core.safecrlf", "true")
    (clone / "notes.md").write_bytes(b"one\r\ntwo\r\n")

    made = (
        Git(clone, Programs(os.environ))
        .make_commit("docs: notes", ["notes.md"], when="2026-02-25T14:00:00+00:00")
        .head
    )

    assert git(clone, "show", f"{made}:notes.md").splitlines() == ["one", "two"]


def test_a_message_is_what_was_written_whatever_encoding_the_user_has_set(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    git(clone, "config", "i18n.commitEncoding", "ISO-8859-1")
    at, when = Git(clone, Programs(os.environ)), "2026-02-25T14:00:00+00:00"

    made = at.make_commit("release: né — alpha", ["README.md"], when=when).head

    assert [each.subject for each in at.commits(made, f"{made}^")] == ["release: né — alpha"]


# What is asked of a clone carries out nothing of what it says.


@pytest.fixture
def free_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a user's machine: the tests' own allow-list would hide what is shown here."""
    monkeypatch.delenv("GIT_ALLOW_PROTOCOL")


def test_a_question_runs_no_hook(small_org: Org, tmp_path: Path) -> None:
    clone, mark = small_org.clone("alpha"), tmp_path / "mark"
    hook(clone, "post-index-change", f"touch {mark}")
    refresh = ("update-index", "-q", "--refresh")  # writes the index where a file's time differs

    os.utime(clone / "pyproject.toml", (1, 1))
    Git(clone, programs()).ask(*refresh)
    assert not mark.exists()

    os.utime(clone / "pyproject.toml", (2, 2))
    git(clone, *refresh)
    assert mark.exists()


def test_no_command_asks_a_monitor_of_files(small_org: Org, tmp_path: Path) -> None:
    clone, mark = small_org.clone("alpha"), tmp_path / "mark"
    git(clone, "config", "core.fsmonitor", f"touch {mark};:")
    at = Git(clone, programs())

    assert at.changes() == []
    at.hidden()
    assert at.tracked("pyproject.toml")
    assert not mark.exists()
    git(clone, "status", "--porcelain")
    assert mark.exists()


@pytest.mark.usefixtures("free_git")
def test_an_address_is_no_command(small_org: Org, tmp_path: Path) -> None:
    clone, mark = small_org.clone("alpha"), tmp_path / "mark"
    git(clone, "remote", "set-url", "origin", f"ext::sh -c touch% {mark}")
    for key in ("protocol.ext.allow", "protocol.allow"):
        git(clone, "config", key, "always")
    at = Git(clone, programs())

    for reach in (at.ls_remote, lambda: at.fetch("main"), lambda: at.push("HEAD:refs/heads/x")):
        with pytest.raises(CommandFailed, match="transport 'ext' not allowed"):
            reach()

    assert not mark.exists()
    with pytest.raises(AssertionError):
        git(clone, "ls-remote", "origin")
    assert mark.exists()


@pytest.mark.usefixtures("free_git")
def test_what_is_missing_in_a_partial_clone_is_fetched_by_no_question(
    small_org: Org, tmp_path: Path
) -> None:
    remote, clone = small_org.remote("alpha"), tmp_path / "partial"
    git(remote, "config", "uploadpack.allowFilter", "true")
    partial = ("clone", "--quiet", "--filter=blob:none", "--no-checkout")
    git(tmp_path, *partial, remote.as_uri(), "partial")

    with pytest.raises(CommandFailed):
        Git(clone, programs()).ask("cat-file", "blob", "HEAD:pyproject.toml")

    assert "[project]" in git(clone, "cat-file", "blob", "HEAD:pyproject.toml")


def test_a_folder_within_a_clone_is_no_repository(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    inside = clone / "docs" / "bare"
    git(clone, "init", "--quiet", "--bare", "--template=", str(inside))
    assert git(inside, "rev-parse", "--git-dir") == "."

    with pytest.raises(CommandFailed, match="cannot use bare repository"):
        Git(inside / "refs", programs()).ask("rev-parse", "--git-dir")
