"""What a person is told to do about a git that failed, whichever git it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git, is_refusal
from omninode_release.adapters.git.remedies import is_passing
from omninode_release.errors import CommandFailed
from support.gitrepo import git
from support.orgs import programs
from support.repos import hook

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def failure(stderr: str) -> CommandFailed:
    argv = ("git", "push")
    return CommandFailed(argv, cwd="/c", returncode=1, stdout="", stderr=stderr, seconds=0.0)


@pytest.mark.parametrize(
    "stderr",
    [
        "fatal: ref updates aborted by hook",  # git 2.39 and 2.47
        "fatal: in 'prepared' phase, update aborted by the reference-transaction hook",  # 2.55
    ],
)
def test_a_hook_that_aborts_is_known_by_the_words_of_every_git(stderr: str) -> None:
    assert is_refusal(failure(stderr))


@pytest.mark.parametrize(
    "reason",
    [
        "Failed to connect to example.org port 443 after 0 ms: Couldn't connect to server",
        "Failed to connect to example.org:443 after 0 ms: Could not connect to server",
        "Empty reply from server",
        "SSL connection timeout",
        "Operation too slow. Less than 1000 bytes/sec transferred the last 30 seconds",
        "HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)",
        "transfer closed with outstanding read data remaining",
        "Proxy CONNECT aborted",
        "CONNECT tunnel failed, response 503",
        "The requested URL returned error: 503",
        "Recv failure: Can't assign requested address",
        "Send failure: Socket is not connected",
        "Error in the HTTP2 framing layer",
        "SSLRead() return error -9806",
    ],
)
def test_a_connection_that_fails_by_the_words_of_any_curl_may_be_there_again(reason: str) -> None:
    failed = failure(f"fatal: unable to access 'https://example.org/a/': {reason}")

    assert is_passing(failed)
    assert not is_refusal(failed)


@pytest.mark.parametrize(
    "said",
    [
        "ssh: connect to host example.org port 22: Undefined error: 0",
        "ssh: connect to host example.org port 22: Network is down",
        "ssh: connect to host example.org port 22: Host is unreachable",
        "ssh: Could not resolve hostname example.org: nodename nor servname provided, or not known",
        "ssh: Could not resolve hostname example.org: Name does not resolve",
        "Read from remote host example.org: Can't assign requested address",
        "fatal: read error: Software caused connection abort",
    ],
)
def test_a_connection_may_be_there_again_by_the_words_of_any_system(said: str) -> None:
    failed = failure(f"{said}\r\nfatal: Could not read from remote repository.\n")

    assert is_passing(failed)
    assert not is_refusal(failed)


@pytest.mark.parametrize(
    "said",
    [
        "fatal: could not read Username for 'https://example.org': terminal prompts disabled",
        "fatal: unable to get password from user",  # with credential.interactive=false
        "fatal: unable to access 'https://example.org/a/': The requested URL returned error: 403",
    ],
)
def test_a_remote_that_wants_a_login_refuses_each_time(said: str) -> None:
    assert is_refusal(failure(said))
    assert not is_passing(failure(said))


def test_a_hook_of_the_clone_that_aborts_is_named(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    hook(clone / ".git", "reference-transaction", '[ "$1" != prepared ] || exit 1')

    with pytest.raises(CommandFailed) as failed:
        Git(clone, programs()).keep_commit("refs/omni-release/kept", "HEAD")

    hint = f"let the hook reference-transaction, which is run in {clone}, admit this"
    assert failed.value.hint == hint


def test_a_branch_in_the_way_that_the_remote_no_longer_has_goes_as_the_hint_says(
    small_org: Org,
) -> None:
    clone, remote = small_org.clone("alpha"), small_org.remote("alpha")
    git(remote, "branch", "2.x")
    git(clone, "update-ref", "refs/remotes/origin/2.x/old", "HEAD")

    with pytest.raises(CommandFailed) as failed:
        Git(clone, programs()).fetch("2.x")

    assert failed.value.hint == f"git -C {clone} remote prune origin"
    git(clone, "remote", "prune", "origin")
    assert Git(clone, programs()).fetch("2.x") == git(remote, "rev-parse", "2.x")
