"""How git reaches remotes: nobody is asked, and nothing else goes along."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.errors import CommandFailed
from omninode_release.system.process import Programs
from support.gitrepo import git

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

    made = Git(clone, Programs(os.environ)).make_commit(
        "docs: notes", ["notes.md"], when="2026-02-25T14:00:00+00:00"
    )

    assert git(clone, "show", f"{made}:notes.md").splitlines() == ["one", "two"]
