"""Killing a run for real: programs on PATH that pass on to the real ones and kill whoever called.

The product knows nothing of it. Only commands that change something count, and only ours: the
git that hooks call is not called with our settings.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import omninode_release
from support.cli import MOMENT, state_home
from support.endings import APPROVED, RUN

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

When = Literal["before", "after"]
FRESH = ("--run-id", RUN, *APPROVED)
RESUME = ("--resume", RUN, *APPROVED)

_SHIM = """#!/bin/sh
case "{name} $*" in
"git -c gc.auto=0 "*" push "*" --dry-run "*) exec {real} "$@" ;;
"git -c gc.auto=0 "*" worktree add "*|"git -c gc.auto=0 "*" worktree remove "*) ;;
"git -c gc.auto=0 "*" add "*|"git -c gc.auto=0 "*" commit "*|"git -c gc.auto=0 "*" push "*) ;;
"git -c gc.auto=0 "*" update-ref "*|"git -c gc.auto=0 "*" commit-tree "*) ;;
"git -c gc.auto=0 "*" tag "*|"git -c gc.auto=0 "*" branch "*) ;;
"uv lock"*|"uv build"*|"pre-commit run"*) ;;
*) exec {real} "$@" ;;
esac
command=$(while [ "$1" = -c ]; do shift 2; done; printf '{name} %s' "$*" | tr '\\n' ' ')
case "$command" in "uv build"*) command="uv build $(grep '^name' pyproject.toml)" ;; esac
case "$KILL_AT" in
next) grep -qxF -e "$command" {seen} || kills=yes ;;
*) [ "$(wc -l < {seen})" -eq "$KILL_AT" ] && kills=yes ;;
esac
[ "$KILL_AT" = next ] && [ -z "$kills" ] || printf '%s\\n' "$command" >> {seen}
[ "$kills$KILL_WHEN" = yesbefore ] && kill -KILL $PPID && exit 1
{real} "$@"
code=$?
[ "$kills$KILL_WHEN" = yesafter ] && kill -KILL $PPID
exit $code
"""

# The same for files: the moment a new content takes its name. The state file is left out: it is
# written between all commands, and those are killed at already.
_WRITES = """
import hashlib, os, pathlib, signal, sys
from omninode_release.commands.main import main

seen, real = pathlib.Path(os.environ["KILL_SEEN"]), os.replace

def name_folder(fd):
    here = os.open(".", os.O_RDONLY)
    try:
        os.fchdir(fd)
        return os.getcwd()
    finally:
        os.fchdir(here)
        os.close(here)

def replace(source, target, *, src_dir_fd=None, dst_dir_fd=None):
    folder = "." if dst_dir_fd is None else name_folder(dst_dir_fd)
    path, made = pathlib.Path(folder, target), pathlib.Path(folder, source)
    # A state names the process that wrote it, and is another each time.
    same = path.suffix == ".jsonl" or path.parent.name == "archive"
    content = b"" if same else made.read_bytes()
    name = f"{path.parent.name}/{path.name} {hashlib.sha256(content).hexdigest()[:8]}"
    if path.parent.name != "release" and name not in seen.read_text().splitlines():
        with seen.open("a") as file:
            file.write(name + "\\n")
        os.kill(os.getpid(), signal.SIGKILL)
    real(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

os.replace = replace
sys.exit(main())
"""


@dataclass(frozen=True)
class Killer:
    """Runs the command with a murderer on its PATH."""

    folder: Path

    @classmethod
    def hired(cls, folder: Path) -> Killer:
        folder.mkdir()
        killer = cls(folder)
        killer.seen.touch()
        for name in ("git", "uv", "pre-commit"):
            shim = folder / name
            real = shutil.which(name)
            shim.write_text(_SHIM.format(name=name, real=real, seen=killer.seen), encoding="utf-8")
            shim.chmod(0o755)
        return killer

    @property
    def seen(self) -> Path:
        return self.folder / "seen"

    def places(self) -> list[str]:
        """Where it killed, in that order."""
        return self.seen.read_text(encoding="utf-8").splitlines()

    def at_next_command(self, org: Org) -> bool:
        """Resume until after a command that was not seen before; whether there was one."""
        return self._killed(org, ("-m", "omninode_release", *RESUME), "next", "after")

    def at_next_file(self, org: Org) -> bool:
        """Resume until before a file is written that was not before; whether there was one."""
        return self._killed(org, ("-c", _WRITES, *RESUME), "never", "before")

    def at_command(self, org: Org, number: int, when: When) -> bool:
        """Start a run and let it come to the command of that number, counted from 0."""
        return self._killed(org, ("-m", "omninode_release", *FRESH), str(number), when)

    def _killed(self, org: Org, program: tuple[str, ...], at: str, when: When) -> bool:
        path = os.environ["PATH"] if at == "never" else f"{self.folder}:{os.environ['PATH']}"
        kill = {"KILL_AT": at, "KILL_WHEN": when, "KILL_SEEN": str(self.seen), "PATH": path}
        done = subprocess.run(
            (sys.executable, *program),
            env=environment(org) | kill,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, -signal.SIGKILL}, done.stdout + done.stderr
        return done.returncode != 0


def environment(org: Org) -> dict[str, str]:
    """What the command needs to run on an organisation in a process of its own."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(omninode_release.__file__).parents[1]),
        "OMNI_HOME": str(org.omni_home),
        "ONEX_STATE_DIR": str(state_home(org)),
        "OMNI_RELEASE_NOW": MOMENT.isoformat(),
    }
