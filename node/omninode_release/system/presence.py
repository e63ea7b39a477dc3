"""Whether a file or a folder is there, and which; what cannot be looked at is no "no"."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


def is_there(path: Path) -> bool:
    """True for a file, a folder or anything else. Raises OSError where the user may not look.

    So did pathlib until Python 3.14, which takes a folder without read right for an absent one.
    """
    return _read_mode(path) is not None


def is_file(path: Path) -> bool:
    """True for a regular file, also by a link to one. Raises OSError as is_there does."""
    return stat.S_ISREG(_read_mode(path) or 0)


def is_folder(path: Path) -> bool:
    """True for a folder, also by a link to one. Raises OSError as is_there does."""
    return stat.S_ISDIR(_read_mode(path) or 0)


def explain_unwritable(folder: Path) -> str | None:
    """What keeps a folder from being written to, or made; None where nothing does."""
    nearest = next(path for path in (folder, *folder.parents) if is_there(path))
    if is_folder(nearest):
        can_write = os.access(nearest, os.W_OK | os.X_OK)
        return None if can_write else f"{nearest}, which cannot be written to"
    return f"{nearest}, which is a file"


def is_same(one: Path, other: Path) -> bool:
    """True for two names of one place, whether it is there or not.

    Not by the names: a Mac takes a letter in either case, and keeps what was typed.
    """
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        one, other = _resolve(one), _resolve(other)
    is_named_so = one.name == other.name and bool(one.name)
    return one == other or (is_named_so and is_same(one.parent, other.parent))


def find_inside(path: Path, folder: Path) -> Path | None:
    """The way from ``folder`` to a path that is in it; None where it is not."""
    path = _resolve(path)
    above = next((each for each in path.parents if is_same(each, folder)), None)
    return None if above is None else path.relative_to(above)


def _resolve(path: Path) -> Path:
    """The path without links; as it is where others wrote one that no path can be.

    pathlib raises RuntimeError for links that lead in a circle.
    """
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        return path


def _read_mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except ValueError:  # a name with a NUL, which no file has
        return None
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
