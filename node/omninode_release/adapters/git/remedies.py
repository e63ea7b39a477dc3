"""What a failure of git means: a sure no or not, and what a person does about it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from omninode_release.errors import PUT_BACK, CommandFailed, TimedOut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omninode_release.errors import ReleaseError

_PASSING = re.compile(
    r"could not resolve|temporary failure|network is unreachable|no route to host"
    r"|timed out|connection (?:was )?(?:reset|refused|closed|abort)|broken pipe|early eof"
    r"|unexpected disconnect|hung up unexpectedly|rpc failed|kex_exchange|ssh_exchange"
    r"|returned error: (?:429|5\d\d)|internal server error|gnutls|ssl_error_syscall|ssl_read"
    r"|failed to connect|empty reply from server|connection timeout|operation too slow"
    r"|not closed cleanly|transfer closed|proxy connect aborted|connect tunnel failed, response 5"
    # What follows is the system's word for it, which is another on Linux, Alpine and macOS.
    r"|ssh: connect to host|read from remote host|(?:recv|send) failure:|http2 framing layer"
    r"|sslread\(\)",
    re.IGNORECASE,
)
"""What git, curl and ssh say of a connection that was there before and will be again."""
_BUSY = re.compile(
    r"cannot lock ref|unable to update local ref|\.lock': file exists", re.IGNORECASE
)
"""What git says where another git writes the same ref: an editor that fetches by itself, a push."""


def is_passing(error: ReleaseError) -> bool:
    """True for a failure that may be gone at the next attempt: of the connection, or of a lock."""
    if isinstance(error, CommandFailed):
        return any(each.search(error.stderr) for each in (_PASSING, _BUSY))
    return isinstance(error, TimedOut)


_OF_APPLE: tuple[tuple[str, str], ...] = (
    (r"xcrun: error", "xcode-select --install"),
    (r"xcode license", "sudo xcodebuild -license accept"),
)
"""What the git of a Mac asks for that was updated, until then in the place of any answer."""
_REMEDIES: tuple[tuple[str, str], ...] = (
    *_OF_APPLE,
    (r"there is no folder", PUT_BACK),
    (r"git-lfs[^\n]*not found", "install git-lfs, which keeps files of this repository"),
    (r"filter '?lfs'? failed|external filter '?git-lfs", "let git-lfs get its files in {cwd}"),
    (r"repository: \S*/worktrees/", "put the clone back that {cwd} is a worktree of"),
    (r"archived so it is read-only", "unarchive the repository in its settings"),
    (
        r"refusing to allow .*workflow",
        "give the token the scope `workflow` (of a fine-grained one: Workflows, write)",
    ),
    (
        r"push cannot contain secrets",
        "allow it at the address in the message, or take the secret out of the release",
    ),
    (
        r"does not support (?:push options|--signed push|--atomic push)",
        (
            "unset what asks the remote for it (git -C {cwd} config --show-origin --get-regexp"
            " '^push\\.' shows it)"
        ),
    ),
    (r"host key verification failed", "ssh-keyscan or a first ssh by hand makes the host known"),
    (
        (
            r"permission denied|authentication failed|could not read (?:username|password)"
            r"|permission to \S+ denied|returned error: 40[13]|terminal prompts disabled"
            r"|unable to get password from user"
        ),
        "give this account access (git -C {cwd} push --dry-run {remote} HEAD tries it)",
    ),
    (
        r"'[^'/:]+' does not appear to be",  # no remote has that name
        "git -C {cwd} remote add {remote} URL adds the remote that is missing",
    ),
    (
        r"repository not found|does not appear to be a git repository|returned error: 404",
        "correct the address (git -C {cwd} remote get-url --push {remote} shows it)",
    ),
    (
        r"GH006|GH013|protected branch|rule violations|pre-receive hook declined",
        "have the rules of the remote, which the message names, admit this",
    ),
    (
        r"updates? aborted by (?:hook|the reference-transaction hook)",  # git 2.39, git 2.55
        "let the hook reference-transaction, which is run in {cwd}, admit this",
    ),
    (r"'git remote prune ", "git -C {cwd} remote prune {remote}"),
    (r"unable to create '[^']*\.lock'", "remove that .lock file once no git is at work there"),
    (
        _BUSY.pattern,
        "let the other git that is at work in {cwd}, or at the remote, come to its end",
    ),
    (
        r"non-fast-forward|fetch first|\(stale info\)|already exists",
        "see what the remote has there (git -C {cwd} ls-remote {remote}); nothing is forced",
    ),
)


def find_git_remedy(error: CommandFailed, remote: str) -> str:
    """What a person does about a git that failed, by its cause."""
    cwd, remote = shlex.quote(error.cwd), shlex.quote(remote)
    known = _find_known(error.stderr)
    if known is not None:
        return known.format(cwd=cwd, remote=remote)
    if is_passing(error):
        return f"see that the remote answers (git -C {cwd} ls-remote {remote})"
    return "mend what it says"


def find_apple_remedy(said: str) -> str | None:
    """What makes the git of a Mac answer again; None where that is not the trouble."""
    return _find_known(said, _OF_APPLE)


def is_refusal(error: ReleaseError) -> bool:
    """True for a no that will be the same the next time; an unknown failure is none."""
    return isinstance(error, CommandFailed) and _find_known(error.stderr) is not None


def _find_known(stderr: str, remedies: Iterable[tuple[str, str]] = _REMEDIES) -> str | None:
    found = (each for cause, each in remedies if re.search(cause, stderr, re.IGNORECASE))
    return next(found, None)
