"""Running programs: the only importer of subprocess.

Every program gets an argv list, a working directory, a deadline, a closed stdin and an
environment built once. A call answers ``Completed`` or raises one of three errors; an exit code
that the caller did not name is never ignored.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from omninode_release.errors import CommandFailed, FolderMissing, TimedOut, ToolMissing
from omninode_release.errors.stops import hold_back_stops
from omninode_release.system.child_environment import child_environment
from omninode_release.system.children import hold_program
from omninode_release.system.clock import SystemClock
from omninode_release.system.files import open_to_append
from omninode_release.system.program import Program
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omninode_release.system.clock import Clock

_find = lru_cache(maxsize=64)(shutil.which)  # asked hundreds of times, and programs do not move


class Completed(NamedTuple):
    """How a program ended."""

    argv: tuple[str, ...]
    returncode: int
    raw: bytes
    """What it printed, as it printed it."""
    stderr: str
    """What it said; secrets are already hidden."""
    seconds: float
    hide: Callable[[str], str] = str
    """Takes secrets out of a text."""

    @property
    def said(self) -> str:
        """All that it printed, as it may be shown, kept and cut."""
        return f"{self.hide(self.stdout)}\n{self.stderr}".strip()

    @property
    def stdout(self) -> str:
        return _decode(self.raw)

    @property
    def line(self) -> str:
        """What it printed, without the line feed at its end: one answer, whatever stands in it."""
        return self.stdout.removesuffix("\n")


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

        ``env`` is laid over what the program is given of the user's environment. Raises
        CommandFailed for an exit code not in ``ok``, ToolMissing, or TimedOut.
        """


class JournalEntry(NamedTuple):
    """One program that ran, as the journal keeps it; secrets are already removed."""

    step: str
    argv: tuple[str, ...]
    cwd: str
    returncode: int | None
    began: float
    """When it began, by the clock that never goes back."""
    seconds: float
    note: str = ""
    """Something worth keeping beside what ran, such as a program's version."""


@dataclass(frozen=True)
class Programs:
    """Finds and runs programs; ``at`` gives the same one with another step label."""

    environ: Mapping[str, str]
    """The user's; each program is given its own part of it."""
    clock: Clock = field(default_factory=SystemClock)
    step: str = ""
    keep_fds: tuple[int, ...] = ()
    """Descriptors every child inherits: a lock lives as long as its last holder."""
    journal: Callable[[JournalEntry], None] | None = None
    echo: Callable[[Sequence[str], Path], None] | None = None
    """Is told of every program before it runs; secrets are already removed."""
    secrets: Secrets = field(default_factory=Secrets)
    """What is hidden in all that is told of a program, and in what it says itself."""
    passed: tuple[str, ...] = ()
    """What ``pass_environment`` of the configuration names."""

    def at(self, step: str) -> Programs:
        return replace(self, step=step)

    def find(self, name: str) -> str:
        """The program's path: on PATH first, then beside the interpreter."""
        found = _find(name, path=self.environ.get("PATH"))
        found = found or shutil.which(name, path=str(Path(sys.executable).parent))
        if found is None:
            raise ToolMissing(name)
        # An entry of PATH may be relative, and would be looked for in the folder it is to run in.
        return str(Path(found).absolute())

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
        given = child_environment(self.environ, argv, self.passed) | {**(env or {})}
        try:
            code, out, err = self._run(command, cwd, timeout, given, stdin)
        except (subprocess.TimeoutExpired, OSError) as error:
            self._note(argv, cwd, None, started)
            if isinstance(error, subprocess.TimeoutExpired):
                raise TimedOut(self._clean(argv), cwd=str(cwd), seconds=timeout) from None
            if isinstance(error, FileNotFoundError) and error.filename == cwd:
                raise FolderMissing(self._clean(argv), self.secrets.hide(str(cwd))) from error
            raise self._failure(argv, cwd, 126, stderr=str(error)) from error
        seconds = self._note(argv, cwd, code, started)
        if code not in ok:
            raise self._failure(argv, cwd, code, stdout=_decode(out), stderr=err, seconds=seconds)
        return Completed(tuple(argv), code, out, self.secrets.hide(err), seconds, self.secrets.hide)

    def _run(
        self,
        command: Sequence[str],
        cwd: Path,
        timeout: float,
        environ: Mapping[str, str],
        stdin: str | None,
    ) -> tuple[int, bytes, str]:
        process = None
        try:
            with hold_back_stops():  # one between its start and this name would leave it behind
                process = Program(
                    command,
                    cwd=cwd,
                    env=dict(environ),
                    stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    pass_fds=self.keep_fds,
                    # A group, so that a deadline or Ctrl-C ends hooks of hooks too.
                    process_group=0,
                )
            with hold_program(process.pid, process.end):
                out, err = process.read(None if stdin is None else stdin.encode(), timeout)
        except BaseException:
            if process:
                with process:
                    process.end()
            raise
        return process.returncode, out, _decode(err)

    def _failure(
        self,
        argv: Sequence[str],
        cwd: Path,
        code: int,
        *,
        stdout: str = "",
        stderr: str,
        seconds: float = 0.0,
    ) -> CommandFailed:
        return CommandFailed(
            self._clean(argv),
            cwd=str(cwd),
            returncode=code,
            stdout=self.secrets.hide(stdout),
            stderr=self.secrets.hide(stderr),
            seconds=seconds,
        )

    def note(self, text: str, *, cwd: Path) -> None:
        if self.journal is not None:
            now = self.clock.monotonic()
            self.journal(JournalEntry(self.step, (), str(cwd), None, now, 0.0, text))

    def _note(self, argv: Sequence[str], cwd: Path, code: int | None, began: float) -> float:
        """Write a program that has just ended into the journal; answer its seconds."""
        seconds = self.clock.monotonic() - began
        if self.journal is not None:
            entry = JournalEntry(self.step, self._clean(argv), str(cwd), code, began, seconds)
            self.journal(entry)
        return seconds

    def _clean(self, argv: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(self.secrets.hide, argv))


def start_detached(argv: Sequence[str], environ: Mapping[str, str], output: Path) -> int:
    """Start a program that outlives this process and its parents; answer its process id.

    The program gets a session of its own and no terminal; what it prints is added to ``output``.
    """
    with open_to_append(output) as file:
        process = subprocess.Popen(
            argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # or Popen warns that it was not waited for
    return process.pid


def _decode(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace")
