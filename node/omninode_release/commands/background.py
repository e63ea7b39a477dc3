"""A run in the background: ``python -m omninode_release.commands.background FILE RUN_ID REQUEST``.

What follows these is what its caller has said of clones and configuration.

It holds a lock on FILE while it works, so that it is found without trusting a process id, and
leaves its exit code there.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.commands.main import guard
from omninode_release.commands.outcome import print_outcome
from omninode_release.contract.exit_codes import exit_code
from omninode_release.release.core import release
from omninode_release.release.environment import Environment
from omninode_release.release.requests.request_json import read_request
from omninode_release.system.clock import SystemClock
from omninode_release.system.lock import Holder, Lock
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATTEMPTS, _PAUSE_SECONDS = 10, 0.05


def run(argv: Sequence[str]) -> int:
    """Carry out one request in JSON under the lock, and write down how it ended."""
    file, run_id, text, *place = argv
    lock = Lock(Path(file))
    holder = Holder.here(run_id, began_ns=time.time_ns())
    if not _acquire(lock, holder):
        sys.stderr.write(f"omni-release: {file} is in use: {run_id} is in the background already\n")
        return exit_code("failed")
    code = exit_code("bug")
    try:
        environment = Environment(place=tuple(place))
        code = guard(partial(_release, text), environment, as_json=False)
    finally:
        lock.write(replace(holder, exit_code=code))
        lock.release()
    return code


def _release(text: str, environment: Environment) -> int:
    return print_outcome(release(read_request(text), environment), environment, as_json=False)


def _acquire(lock: Lock, holder: Holder) -> bool:
    """Take the lock; a process that only looks at it has it for that moment."""
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
