"""Running programs: the only importer of subprocess.

Every program gets an argv list, a working directory, a deadline, a closed stdin and an
environment built once. It answers with ``Completed`` or one of three errors; an exit code the
caller did not name is never ignored.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from omninode_release.errors import CommandFailed, TimedOut, ToolMissing
from omninode_release.system.clock import Clock, SystemClock

_TERM_GRACE_SECONDS = 5.0

# Inherited GIT_DIR, GIT_INDEX_FILE and their like point git at the repository of whoever called
# us (a hook, for one). These are the ones that configure git without pointing it anywhere.
_GIT_ALLOWED = frozenset(
    {
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_EXEC_PATH",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_SSL_NO_VERIFY",
    }
)
_GIT_ALLOWED_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
# VIRTUAL_ENV makes uv warn about an environment that has nothing to do with the repository.
_DROPPED = frozenset({"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PRE_COMMIT_ALLOW_NO_CONFIG"})
# Nothing that we start has any business with these.
_WITHHELD = frozenset({"SLACK_BOT_TOKEN", "OMNI_RELEASE_INDEX_URL"})
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|CREDENTIAL", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


class Completed(NamedTuple):
    """How a program ended."""

    argv: tuple[str, ...]
    returncode: int
    raw: bytes
    """What it printed, as it printed it."""
    stderr: str
    seconds: float

    @property
    def stdout(self) -> str:
        return _text(self.raw)


class Runner(Protocol):
    """Runs one program to its end."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> Completed:
        """Run ``argv`` in ``cwd`` for at most ``timeout`` seconds.

        ``env`` is laid over the runner's environment. Raises CommandFailed for an exit code not
        in ``ok``, ToolMissing, or TimedOut.
        """
        ...


class JournalEntry(NamedTuple):
    """One program that ran, as the journal keeps it; secrets are already removed."""

    step: str
    argv: tuple[str, ...]
    cwd: str
    returncode: int | None
    seconds: float
    note: str = ""
    """Something worth keeping beside what ran, such as a program's version."""


@dataclass(frozen=True)
class Programs:
    """Finds and runs programs; ``at`` gives the same one with another step label."""

    environ: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    step: str = ""
    keep_fds: tuple[int, ...] = ()
    """Descriptors every child inherits: a lock lives as long as its last holder."""
    journal: Callable[[JournalEntry], None] | None = None
    echo: Callable[[Sequence[str], Path], None] | None = None
    """Told of every program before it runs; secrets are already removed."""
    secrets: tuple[str, ...] = ()
    """What must not be shown though it is not in ``environ``: a program may find it by itself."""

    def at(self, step: str) -> Programs:
        return replace(self, step=step)

    def find(self, name: str) -> str:
        """The program's path: on PATH first, then beside the interpreter."""
        found = _on_path(name, self.environ.get("PATH"))
        found = found or shutil.which(name, path=str(Path(sys.executable).parent))
        if found is None:
            raise ToolMissing(name)
        return found

    def __call__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> Completed:
        command = (self.find(argv[0]), *argv[1:])
        if self.echo is not None:
            self.echo(self._clean(argv), cwd)
        started = self.clock.monotonic()
        try:
            code, out, err = self._run(
                command, cwd, timeout, {**self.environ, **(env or {})}, stdin
            )
        except subprocess.TimeoutExpired:
            self._note(argv, cwd, None, self.clock.monotonic() - started)
            raise TimedOut(self._clean(argv), cwd=str(cwd), seconds=timeout) from None
        except OSError as error:
            self._note(argv, cwd, None, self.clock.monotonic() - started)
            raise CommandFailed(
                self._clean(argv),
                cwd=str(cwd),
                returncode=126,
                stdout="",
                stderr=str(error),
                seconds=0.0,
            ) from error
        seconds = self.clock.monotonic() - started
        self._note(argv, cwd, code, seconds)
        if code not in ok:
            raise CommandFailed(
                self._clean(argv),
                cwd=str(cwd),
                returncode=code,
                stdout=self.redacted(_text(out)),
                stderr=self.redacted(err),
                seconds=seconds,
            )
        return Completed(tuple(argv), code, out, err, seconds)

    def _run(
        self,
        command: Sequence[str],
        cwd: Path,
        timeout: float,
        environ: Mapping[str, str],
        stdin: str | None,
    ) -> tuple[int, bytes, str]:
        # A group of its own, so that a deadline or Ctrl-C ends hooks of hooks too.
        with subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=self.keep_fds,
            process_group=0,
        ) as process:
            try:
                out, err = process.communicate(
                    None if stdin is None else stdin.encode(), timeout=timeout
                )
            except BaseException:
                _end_group(process)
                raise
        return process.returncode, out, _text(err)

    def note(self, text: str, *, cwd: Path) -> None:
        """Write a note into the journal."""
        if self.journal is not None:
            self.journal(JournalEntry(self.step, (), str(cwd), None, 0.0, text))

    def _note(self, argv: Sequence[str], cwd: Path, code: int | None, seconds: float) -> None:
        if self.journal is not None:
            self.journal(JournalEntry(self.step, self._clean(argv), str(cwd), code, seconds))

    def _clean(self, argv: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.redacted("\0".join(argv)).split("\0"))

    def redacted(self, text: str) -> str:
        """``text`` as it may be kept and shown."""
        return redact(text, self.environ, self.secrets)


def start_detached(argv: Sequence[str], environ: Mapping[str, str], output: Path) -> int:
    """Start a program that outlives us and whoever started us; answer its process id.

    It gets a session of its own and no terminal, and what it prints is added to ``output``.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("ab") as file:
        process = subprocess.Popen(
            argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # nobody here waits for it
    return process.pid


def has_ended(pid: int) -> bool:
    """Whether a program that ``start_detached`` started is over; for whoever started it."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


@lru_cache(maxsize=64)
def _on_path(name: str, path: str | None) -> str | None:
    """Where a program is; asked hundreds of times a run, and programs do not move."""
    return shutil.which(name, path=path)


def runs_here(pid: int) -> bool:
    """Whether there is a process of that number on this machine."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What every program of ours starts from: no prompts, no colour, no stray GIT_ variables."""
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _DROPPED
        and name not in _WITHHELD
        and (
            not name.startswith("GIT_")
            or name in _GIT_ALLOWED
            or name.startswith(_GIT_ALLOWED_PREFIXES)
        )
    }
    return kept | {
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GH_PROMPT_DISABLED": "1",
        "PRE_COMMIT_COLOR": "never",
        "UV_NO_PROGRESS": "1",
    }


def withheld(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values that ``child_environment`` keeps from programs."""
    return tuple(environ[name] for name in sorted(_WITHHELD) if environ.get(name))


def redact(text: str, environ: Mapping[str, str], secrets: Sequence[str] = ()) -> str:
    """``text`` without the value of any secret-looking variable and without URL passwords."""
    for value in secrets:
        text = text.replace(value, "***")
    for name, value in environ.items():
        if len(value) >= 6 and value in text and _SECRET_NAME.search(name):
            text = text.replace(value, "***")
    return _URL_PASSWORD.sub("***", text)


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the program and everything it started to end, then make it."""
    for sign, grace in ((signal.SIGTERM, _TERM_GRACE_SECONDS), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=grace)
            return
