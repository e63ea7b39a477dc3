"""Time and memory of whole programs, taken in turns so that noise meets all of them alike."""

from __future__ import annotations

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


Thing = Callable[[bool], float]
"""Does the work once; where it is to be weighed, answers the MiB it took, or 0."""
# A process is charged with the memory of the one that started it, so a small one starts what is
# weighed.
_LAUNCH = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def program(*argv: str, environ: Mapping[str, str], folders: Sequence[Path] = ()) -> Thing:
    """One process, or one in each folder; what it prints is thrown away, and it must succeed."""

    def run(weigh: bool) -> float:  # noqa: FBT001
        act = _weigh if weigh else _run
        return max(act(argv, environ, folder) for folder in folders or [Path.cwd()])

    return run


def _run(argv: Sequence[str], environ: Mapping[str, str], folder: Path) -> float:
    quiet = subprocess.DEVNULL
    done = subprocess.run(
        argv, env=dict(environ), cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, check=False
    )
    _require_success(done.returncode, argv, folder)
    return 0.0


def _weigh(argv: Sequence[str], environ: Mapping[str, str], folder: Path) -> float:
    launch = (sys.executable, "-I", "-S", "-c", _LAUNCH, *argv)
    done = subprocess.run(
        launch, env=dict(environ), cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        check=False,
    )  # fmt: skip
    _require_success(done.returncode, argv, folder)
    return int(done.stdout) / (2**20 if sys.platform == "darwin" else 2**10)


def _require_success(code: int, argv: Sequence[str], folder: Path) -> None:
    if code:
        raise SystemExit(f"{' '.join(argv)} in {folder} ended with {code}")


def in_turns(things: Mapping[str, Thing], rounds: int) -> dict[str, Taken]:
    """Each thing once a round; a first round, which fills the caches, is weighed and not timed."""
    taken = {name: Taken() for name in things}
    for at in range(rounds + 1):
        for name, thing in things.items():
            if at == 0:
                taken[name].mib.append(thing(True))  # noqa: FBT003
                continue
            began = time.perf_counter()
            thing(False)  # noqa: FBT003
            taken[name].ms.append((time.perf_counter() - began) * 1000)
    for name, each in taken.items():
        memory = f"{each.memory:5.0f} MiB" if each.memory else ""
        print(f"  {name:<44} {each.median:8.0f} ms  (best {min(each.ms):.0f})  {memory}")
    return taken
