"""Time and memory of whole programs, taken in turns so that noise meets all of them alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Taken:
    """What each round of one thing took."""

    ms: list[float] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)
    """The most memory of the largest process, where it was asked."""

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    @property
    def memory(self) -> float:
        return max(self.mib, default=0.0)


Thing = Callable[[], float]
"""Does the work once, and answers the MiB it took, or 0."""


def program(*argv: str, environ: Mapping[str, str], folders: Sequence[Path] = ()) -> Thing:
    """One process, or one in each folder; what it prints is thrown away, and it must succeed."""

    def run() -> float:
        return max(_run(argv, environ, folder) for folder in folders or [Path.cwd()])

    return run


def _run(argv: Sequence[str], environ: Mapping[str, str], folder: Path) -> float:
    process = subprocess.Popen(
        argv,
        env=dict(environ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(argv)} in {folder} ended with {process.returncode}")
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def in_turns(things: Mapping[str, Thing], rounds: int) -> dict[str, Taken]:
    """Each thing once a round; a first round that is not counted fills the caches."""
    taken = {name: Taken() for name in things}
    for at in range(rounds + 1):
        for name, thing in things.items():
            began = time.perf_counter()
            mib = thing()
            if at:
                taken[name].ms.append((time.perf_counter() - began) * 1000)
                taken[name].mib.append(mib)
    for name, each in taken.items():
        memory = f"{each.memory:5.0f} MiB" if each.memory else ""
        print(f"  {name:<44} {each.median:8.0f} ms  (best {min(each.ms):.0f})  {memory}")
    return taken
