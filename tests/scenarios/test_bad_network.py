"""Git over a connection that breaks: asked again, after looking whether the first one landed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git.remedies import find_git_remedy
from omninode_release.errors import CommandFailed, ErrorCode, TimedOut
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import APPROVED, RUN
from support.failures import fails
from support.repos import configure
from support.shaky_ssh import calls, is_through, shake

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.github import GitHub

pytestmark = [
    pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed"),
    pytest.mark.usefixtures("only_steps", "no_hooks"),
]

FETCH, PUSH = "git-upload-pack", "git-receive-pack"


@pytest.fixture
def hub(github: GitHub, small_org: Org) -> GitHub:
    timeouts = {"checks_grace_seconds": 0.05, "workflow_grace_seconds": 1, "own_grace_seconds": 1}
    polling = {"min_seconds": 0.01, "max_seconds": 0.05}
    configure(small_org, forge="github", timeouts=timeouts, polling=polling)
    return github


@pytest.mark.parametrize(
    "failures",
    [(f"{FETCH} before",) * 2, (f"{PUSH} before",) * 2, (f"{PUSH} after",) * 2],
    ids=["a fetch that fails", "a push that fails", "a push whose answer is lost"],
)
def test_a_connection_that_breaks_is_tried_again(
    small_org: Org, hub: GitHub, tmp_path: Path, failures: tuple[str, ...]
) -> None:
    env = shake(hub.env, tmp_path, *failures)

    ran = run_cli(small_org, "--run-id", RUN, *APPROVED, "alpha", env=env)

    assert ran.code == 0, ran.err
    assert is_through(tmp_path)
    assert hub.counts("alpha")["merges"] == 1


def test_a_connection_that_stays_broken_ends_and_says_what_to_look_at(
    small_org: Org, hub: GitHub, tmp_path: Path
) -> None:
    env = shake(hub.env, tmp_path, *[f"{PUSH} before"] * 1000)

    failure = fails(
        small_org, ErrorCode.PUSH_FAILED, "alpha", "--run-id", RUN, env=env,
        at=("alpha", Phase.PUSH),
    )  # fmt: skip

    failure.says("Connection reset by peer", f"ls-remote origin), then omni-release --resume {RUN}")
    assert calls(tmp_path, PUSH) == 10  # five times before the gate, and five at the step


CAUSES = {
    "fatal: unable to access 'https://x/': Could not resolve host: x": "ls-remote origin",
    "git@x: Permission denied (publickey).\nfatal: Could not read": "give this account access",
    "remote: Permission to a/b.git denied to carl.": "give this account access",
    "fatal: could not read Username for 'https://x': terminal prompts disabled": "give this",
    "remote: This repository was archived so it is read-only.\nfatal: 403": "unarchive the",
    "! [remote rejected] x -> x (refusing to allow an OAuth App to create or update workflow"
    " `.github/workflows/x.yml` without `workflow` scope)": "the scope `workflow`",
    "remote: error: GH013: violations\nremote: - Push cannot contain secrets": "allow it at",
    "remote: error: GH013: Repository rule violations found for refs/heads/x": "the rules of the",
    " ! [rejected] x -> x (fetch first)": "nothing is forced",
    "fatal: Unable to create '/c/.git/packed-refs.lock': File exists.": "remove that .lock file",
    "error: cannot lock ref 'refs/remotes/origin/main': is at 1 but expected 2": "the other git",
    "Host key verification failed.": "makes the host known",
    "ERROR: Repository not found.": "remote get-url --push origin",
    "fatal: 'origin' does not appear to be a git repository": "remote add origin URL",
    "fatal: '/gone.git' does not appear to be a git repository": "remote get-url --push origin",
    "fatal: something git has yet to invent": "mend what it says",
}


@pytest.mark.parametrize(("stderr", "remedy"), CAUSES.items(), ids=CAUSES.values())
def test_what_to_do_follows_the_cause(stderr: str, remedy: str) -> None:
    error = CommandFailed(
        ("git", "push"), cwd="/c d", returncode=1, stdout="", stderr=stderr, seconds=1
    )

    assert remedy in find_git_remedy(error, "origin")
    assert "/c d " not in find_git_remedy(error, "origin").replace("'/c d'", "")


def test_a_git_that_hangs_is_not_said_to_be_a_conflict() -> None:
    error = TimedOut(("git", "fetch"), cwd="/c", seconds=1)

    assert "timeouts in the release configuration" in str(error.hint)
