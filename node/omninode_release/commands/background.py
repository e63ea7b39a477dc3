"""A run in the background: ``python -m omninode_release.commands.background FILE RUN_ID ARG…``.

It holds a lock on FILE while it works, so that it is found without trusting a process id, and
leaves its exit code there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from omninode_release.commands.cli import main
from omninode_release.system.clock import SystemClock
from omninode_release.system.lock import Holder, Lock
from omninode_release.system.wait import NotYet, Pauses, poll

_EXIT_BUG = 70
_ATTEMPTS, _PAUSE_SECONDS = 10, 0.05


def run(argv: Sequence[str]) -> int:
    """Carry out one command line under the lock, and write down how it ended."""
    file, run_id, *rest = argv
    lock = Lock(Path(file))
    holder = Holder.here(run_id, began_ns=time.time_ns())
    if not _acquired(lock, holder):
        sys.stderr.write(f"omni-release: {file} is in use: {run_id} is in the background already\n")
        return 1
    code = _EXIT_BUG
    try:
        code = main(rest)
    finally:
        lock.write(replace(holder, exit_code=code))
        lock.release()
    return code


def _acquired(lock: Lock, holder: Holder) -> bool:
    """Take the lock; a process that only asks whether it is held has it for that moment."""
    taken = poll(
        lambda: lock.acquire(holder) or NotYet(),
        SystemClock(),
        seconds=_ATTEMPTS * _PAUSE_SECONDS,
        pauses=Pauses.every(_PAUSE_SECONDS),
        attempts=_ATTEMPTS,
    )
    return taken is True


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
