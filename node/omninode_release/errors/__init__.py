"""The one exception tree of the tool, and the closed list of codes it can end with.

    ReleaseError              a foreseen failure: a code, what was found, what to type next
    ├── CommandFailed         a program ended with an exit code its caller does not accept
    ├── ToolMissing           a program is not installed
    └── TimedOut              a program or a wait ran past its deadline

Errors do not print: ``console`` draws them, ``engine`` records them, ``ending`` turns them into
exit codes. What each code means to a person stands in contract.yaml; one test holds both together.
"""

from __future__ import annotations

import errno
import os
import shlex
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.errors.excerpt import end_of
from omninode_release.errors.program_end import find_last_words, say_end
from omninode_release.errors.program_end import split_lines as split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_NEXT = " Next: "
_KEPT_CHARACTERS = 4000
"""Of what a failing program printed: its end says why."""


class ErrorCode(StrEnum):
    """Every code a run or one repository of it can end with (contract.yaml, ``errors``)."""

    GRAPH_DRIFT = "GRAPH_DRIFT"
    NOTHING_TO_RELEASE = "NOTHING_TO_RELEASE"
    WORKTREE_CONFLICT = "WORKTREE_CONFLICT"
    WORKTREE_DIRTY = "WORKTREE_DIRTY"
    LINT_FAILED = "LINT_FAILED"
    LOCK_FAILED = "LOCK_FAILED"
    PR_FAILED = "PR_FAILED"
    MERGE_FAILED = "MERGE_FAILED"
    TAG_CONFLICT = "TAG_CONFLICT"
    PYPI_TIMEOUT = "PYPI_TIMEOUT"
    TIER_BLOCKED = "TIER_BLOCKED"
    GATE_REJECTED = "GATE_REJECTED"
    GATE_TIMEOUT = "GATE_TIMEOUT"
    INVALID_GATE_TOKEN = "INVALID_GATE_TOKEN"  # noqa: S105 - a code, not a token
    STATE_CORRUPT = "STATE_CORRUPT"
    STATE_NOT_FOUND = "STATE_NOT_FOUND"
    USAGE_ERROR = "USAGE_ERROR"
    CONFIG_INVALID = "CONFIG_INVALID"
    UNKNOWN_REPO = "UNKNOWN_REPO"
    REPO_NOT_FOUND = "REPO_NOT_FOUND"
    TOOL_MISSING = "TOOL_MISSING"
    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    SCAN_FAILED = "SCAN_FAILED"
    VERSION_INVALID = "VERSION_INVALID"
    RUN_EXISTS = "RUN_EXISTS"
    RUN_LOCKED = "RUN_LOCKED"
    PLAN_STALE = "PLAN_STALE"
    PIN_CONFLICT = "PIN_CONFLICT"
    GATE_FAILED = "GATE_FAILED"
    BUMP_FAILED = "BUMP_FAILED"
    PIN_FAILED = "PIN_FAILED"
    CHANGELOG_FAILED = "CHANGELOG_FAILED"
    COMMIT_FAILED = "COMMIT_FAILED"
    PUSH_FAILED = "PUSH_FAILED"
    TAG_FAILED = "TAG_FAILED"
    PUBLISH_FAILED = "PUBLISH_FAILED"
    VERIFY_FAILED = "VERIFY_FAILED"
    STORAGE_FAILED = "STORAGE_FAILED"
    OUTPUT_INVALID = "OUTPUT_INVALID"
    INTERRUPTED = "INTERRUPTED"
    INTERNAL_ERROR = "INTERNAL_ERROR"


class ReleaseError(Exception):
    """A foreseen failure.

    ``message`` says what was expected, what was found and where; ``hint`` is the next thing to
    type; ``detail`` is a program's own last words, shown below and never parsed.
    """

    def __init__(
        self, code: ErrorCode, message: str, *, hint: str | None = None, detail: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.detail = detail

    @property
    def text(self) -> str:
        """The message and what to do next, in one line for a state file or a result."""
        return f"{self.message}{_NEXT}{self.hint}" if self.hint else self.message

    @property
    def last_output(self) -> str | None:
        """The end of what a program printed, as it is kept; None where no program failed."""
        return end_of(self.detail, _KEPT_CHARACTERS) or None

    @classmethod
    def of_text(cls, code: ErrorCode, text: str, *, detail: str = "") -> ReleaseError:
        """An error that was kept as its ``text``, in a plan or a state file."""
        message, found, hint = text.rpartition(_NEXT)
        return cls(code, message if found else text, hint=hint if found else None, detail=detail)


def split_next(text: str) -> list[str]:
    """An error's ``text`` as people read it, with what to do next on a line of its own."""
    message, found, hint = text.rpartition(_NEXT)
    return [message, f"{_NEXT.strip()} {hint}"] if found else [text]


class ProgramFailed(ReleaseError):
    """A program gave no answer, which says nothing of what it was asked about."""

    @property
    def last_words(self) -> str:
        """Why, as far as it said so."""
        return self.message


class CommandFailed(ProgramFailed):
    """A program ended with an exit code its caller did not accept.

    A phase that calls programs turns it into the phase's own code. Where no phase does, a git that
    failed is a repository that cannot be read or changed; any other program was not foreseen.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: str,
        returncode: int,
        stdout: str,
        stderr: str,
        seconds: float,
        code: ErrorCode | None = None,
    ) -> None:
        self.argv = tuple(argv)
        self.cwd = cwd
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds
        super().__init__(
            code or _code_of(argv),
            f"{typed(argv)} {say_end(returncode)} in {cwd}: {self.last_words}",
            detail=end_of(stderr.strip() or stdout.strip(), _KEPT_CHARACTERS),
        )

    @property
    def last_words(self) -> str:
        """The line that says why, or the last one; before it what the remote said, if it did."""
        return find_last_words(self.stderr.strip() or self.stdout.strip() or "(no output)")


def _code_of(argv: Sequence[str]) -> ErrorCode:
    return ErrorCode.SCAN_FAILED if argv[0] == "git" else ErrorCode.INTERNAL_ERROR


PUT_BACK = "put {cwd} back if it is a clone (a resume makes a worktree again)"


class FolderMissing(CommandFailed):
    """A program could not begin, for the folder it was to run in is not there."""

    def __init__(self, argv: Sequence[str], folder: str) -> None:
        super().__init__(
            argv,
            cwd=folder,
            returncode=126,
            stdout="",
            stderr=f"there is no folder {folder}",
            seconds=0.0,
            code=ErrorCode.SCAN_FAILED,
        )
        self.detail = ""
        self.hint = PUT_BACK.format(cwd=folder)


class ToolMissing(ReleaseError):
    """A program was found neither on PATH nor beside the interpreter, or not at its path."""

    def __init__(self, name: str) -> None:
        self.is_path = "/" in name
        if self.is_path:
            message = f"expected a program at {name}, found none that can be executed."
            hint = "add it there and let it be executed (chmod +x), or correct its path"
        else:
            message = (
                f"the program {name!r} was not found on PATH or beside the Python interpreter."
            )
            hint = f"install {name} and make sure `{name} --version` answers"
        super().__init__(ErrorCode.TOOL_MISSING, message, hint=hint)


class TimedOut(ProgramFailed):
    """A program was stopped because it ran past its deadline."""

    def __init__(self, argv: Sequence[str], *, cwd: str, seconds: float) -> None:
        self.argv = tuple(argv)
        super().__init__(
            _code_of(argv),
            f"{typed(argv)} was stopped after {seconds:.0f} s in {cwd}.",
            hint="find out what it waited for, or give it more time (timeouts in the release"
            " configuration)",
        )


class Terminated(KeyboardInterrupt):
    """SIGTERM, or SIGHUP of a terminal that closed: an orderly stop, as by Ctrl-C."""


# Locks or links, on a network drive; Lustre says ENOSYS of the former.
_LACKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS)
_OF_THE_MACHINE = frozenset(
    (
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, *_LACKS),
        *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.EMFILE, errno.ENFILE, errno.EINVAL),
        # A drive that was pulled out, a share that went away, a file that iCloud has taken up.
        *(errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT, errno.EDEADLK, errno.EBUSY),
    )
)
"""What a file system says to a program that did nothing wrong."""


def storage_error(
    error: OSError, path: object = None, *, resume: str | None = None
) -> ReleaseError:
    """What the system has against a file; ``resume`` is the command to go on with."""
    place = error.filename if error.filename is not None else path
    path = Path(str(place or "."))
    nearest = next((each for each in (path, *path.parents) if os.path.lexists(each)), path)
    here = shlex.quote(str(nearest))  # what there is, and can be looked at
    mend = f"make room there, or give this user access to it (ls -ld {here}, df {here})"
    if error.errno in _LACKS:
        mend = f"move it to a disk of this machine: the one there (df {here}) lacks locks or links"
    return ReleaseError(
        ErrorCode.STORAGE_FAILED,
        f"expected to read and write {place or 'files'}, found: {error.strerror or error}.",
        hint=f"{mend}{f', then {resume}' if resume else ''}",
    )


@contextmanager
def raise_storage_errors(path: object, *, resume: str | None = None) -> Iterator[None]:
    """Raise STORAGE_FAILED where the operating system does not let ``path`` be written."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path, resume=resume) from error


def is_of_the_machine(error: OSError) -> bool:
    """True for trouble with a named file or a full disk; False for what only a bug brings about."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return full or (error.errno in _OF_THE_MACHINE and error.filename is not None)


ACCEPTED = "omni-release --help lists what is accepted"


def usage_error(message: str, *, hint: str = ACCEPTED) -> ReleaseError:
    """A request that contradicts itself or cannot be read."""
    return ReleaseError(ErrorCode.USAGE_ERROR, message, hint=hint)


def typed_git(folder: object, *words: str) -> str:
    """A command of git as a person types it from anywhere."""
    return shlex.join(("git", "-C", str(folder), *words))


def typed(argv: Sequence[str]) -> str:
    """A command as a person would type it: without the settings git is given every time."""
    words = list(argv)
    while words[:1] == ["git"] and words[1:2] == ["-c"]:
        del words[1:3]
    return shlex.join(words)
