"""What surrounds a command: the clock, the folders and the configuration its environment names.

Environment variables are read here and nowhere below (docs/reference.md lists them).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from omninode_release.contract.load import load_config
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.config import ReleaseConfig
from omninode_release.system.clock import Clock, FixedClock, SystemClock
from omninode_release.system.paths import Places


class Terminated(KeyboardInterrupt):
    """SIGTERM: an orderly stop, as by Ctrl-C."""


def clock_of(environ: Mapping[str, str]) -> Clock:
    """The machine's clock, or one that stands still for a run that must be repeatable.

    Raises CONFIG_INVALID.
    """
    moment = environ.get("OMNI_RELEASE_NOW")
    try:
        return FixedClock(datetime.fromisoformat(moment)) if moment else SystemClock()
    except ValueError:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "OMNI_RELEASE_NOW: expected a time such as 2026-02-25T14:00:00+00:00, found"
            f" {moment!r}.",
            hint="correct it, or unset it",
        ) from None


def places_of(environ: Mapping[str, str], omni_home: Path | None = None) -> Places:
    """Where clones, worktrees, state and results are. Raises CONFIG_INVALID without the clones."""
    home = omni_home or Path(environ.get("OMNI_HOME", ""))
    if home == Path():
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            "expected the folder with the clones, found neither --omni-home nor OMNI_HOME.",
            hint="pass --omni-home DIR, or set OMNI_HOME",
        )
    home = absolute(home)
    try:
        there, why = home.is_dir(), "none"
    except OSError as error:  # a name too long, a folder above that may not be read
        there, why = False, error.strerror or "none"
    if not there:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a folder with the clones at {home}, found {why}.",
            hint="pass --omni-home DIR or set OMNI_HOME to where they are",
        )
    return places_without_clones(environ, home)


def places_without_clones(environ: Mapping[str, str], home: Path = Path()) -> Places:
    """The same for a command that only looks at runs."""
    worktrees = environ.get("OMNI_WORKTREES")
    return Places(
        root=absolute(environ.get("ONEX_STATE_DIR") or agent_folder(environ)),
        omni_home=home,
        worktrees=absolute(worktrees or home.parent / "omni_worktrees"),
    )


def skills_of(environ: Mapping[str, str]) -> Path:
    """The user's skills folder."""
    return absolute(agent_folder(environ)) / "skills"


def agent_folder(environ: Mapping[str, str]) -> Path:
    """Where the agent runtime keeps what is the user's."""
    user = Path(environ.get("HOME") or Path.home())
    return Path(environ.get("CLAUDE_CONFIG_DIR") or user / ".claude")


def absolute(path: str | Path) -> Path:
    """``path`` from here: programs run in other folders.

    Raises CONFIG_INVALID for a name that is not UTF-8: uv refuses it as an argument, and no state
    file could hold it.
    """
    found = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the user's links
    try:
        str(found).encode()
    except UnicodeEncodeError:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a folder whose name is UTF-8, found {os.fsencode(found)!r}.",
            hint="rename it, or name another one",
        ) from None
    return found


def config_of(
    environ: Mapping[str, str], places: Places, path: Path | None = None
) -> ReleaseConfig:
    """The organisation's configuration, the nearest that is named. Raises CONFIG_INVALID."""
    beside = places.omni_home / "release.yaml"
    named = path or (
        Path(environ["OMNI_RELEASE_CONFIG"]) if environ.get("OMNI_RELEASE_CONFIG") else None
    )
    return load_config(named or (beside if beside.is_file() else None))


@contextmanager
def orderly_stop() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that state is saved and children are ended.

    Not on another thread than the main one: there signals are the business of whose process it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
