"""Whether a program is at work on a file or in a folder, as the system's list of them says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROC = Path("/proc")


def find_user(file: Path, program: str, folders: Sequence[Path]) -> str | None:
    """Who has ``file`` open, or which ``program`` works in one of ``folders``; None for nobody.

    A lock file need not be open while it holds: git commit closes its own and waits for hooks. What
    cannot be looked at, another user's process, counts as at work. Without /proc nothing is known,
    and that is what is answered.
    """
    if not (_PROC / "self").exists():
        return "a process that this system does not show"
    for process in _PROC.glob("[0-9]*"):
        if _uses(process, file) or _works_in(process, program, folders):
            return f"{_read_name(process) or 'a process'} (pid {process.name})"
    return None


def _uses(process: Path, file: Path) -> bool:
    return any(link == file for link in _read_links(process))


def _read_links(process: Path) -> Iterator[Path]:
    try:
        for each in (process / "fd").iterdir():
            yield each.readlink()
    except OSError:  # it has ended, or is another user's
        return


def _works_in(process: Path, program: str, folders: Sequence[Path]) -> bool:
    if not _read_name(process).startswith(program):
        return False
    try:
        here = (process / "cwd").readlink()
    except PermissionError:
        return True
    except OSError:
        return False
    return any(here.is_relative_to(folder) for folder in folders)


def _read_name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
