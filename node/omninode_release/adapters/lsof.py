"""Which processes are at work where, as lsof says on a system without /proc: on a Mac."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.system.process import Runner

_SECONDS = 20.0


class Use(NamedTuple):
    """A file or a folder that a process of this user has in use."""

    pid: str
    program: str
    path: Path


def list_users(run: Runner, file: Path) -> list[Use] | None:
    """The processes that have a file open; None where that cannot be told."""
    return _ask(run, "--", str(file))


def list_gits(run: Runner) -> list[Use] | None:
    """Every git, and the folder it works in; None where that cannot be told."""
    return _ask(run, "-a", "-c", "git", "-d", "cwd")


def _ask(run: Runner, *what: str) -> list[Use] | None:
    """Raises ToolMissing, CommandFailed and TimedOut."""
    argv = ("lsof", "-n", "-P", "-w", "-F", "pcn", *what)
    done = run(argv, cwd=Path("/"), timeout=_SECONDS, ok=(0, 1))
    # It exits 1 where there is none as well, and says nothing then. A name that it cannot print
    # it writes in another way, in which it is no known one.
    is_told = not (done.returncode and done.stderr.strip()) and "\\" not in done.stdout
    return [*_parse(done.stdout)] if is_told else None


def _parse(text: str) -> Iterator[Use]:
    """One field a line, whose first letter says which; a process and then its files."""
    pid = program = ""
    for line in text.split("\n"):
        kind, value = line[:1], line[1:]
        if kind == "p":
            pid, program = value, ""
        elif kind == "c":
            program = value
        elif kind == "n":
            yield Use(pid, program, Path(value))
