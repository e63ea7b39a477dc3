"""Each patch of tests/mutants breaks the engine in one way; the tests it names must notice.

A patch begins with what it breaks, then has a line ``Test: …`` for each test that catches it, then
the change. The tests first pass on a copy of this checkout as it is; then each patch is applied to
a copy by itself. A mutant that survives, and a patch that no longer applies, is a failure.
``make mutants ARGS=NAME`` tries those whose file name contains NAME.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 300
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "__pycache__", "*_cache", ".hypothesis")
_TICKS = count(1)


@dataclass(frozen=True)
class Mutant:
    """One patch."""

    patch: Path

    @property
    def what(self) -> str:
        """What it breaks."""
        return self.patch.read_text(encoding="utf-8").partition("\n\n")[0]

    @property
    def tests(self) -> list[str]:
        """The tests that are to catch it."""
        lines = self.patch.read_text(encoding="utf-8").splitlines()
        return [line.removeprefix("Test: ") for line in lines if line.startswith("Test: ")]

    @property
    def files(self) -> list[str]:
        """The files it changes."""
        lines = self.patch.read_text(encoding="utf-8").splitlines()
        return [line.removeprefix("+++ b/") for line in lines if line.startswith("+++ b/")]


@dataclass(frozen=True)
class Copy:
    """A throw-away copy of the checkout."""

    folder: Path
    shared: Path
    """Where the tests keep what they build once."""

    @contextmanager
    def mutated(self, mutant: Mutant) -> Iterator[bool]:
        """The copy with a patch applied; False where it does not apply."""
        applies = self._apply(mutant)
        try:
            yield applies
        finally:
            if applies:
                self._apply(mutant, "--reverse")

    def _apply(self, mutant: Mutant, *how: str) -> bool:
        argv = ("git", "apply", "-C1", *how, str(mutant.patch))
        env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        done = subprocess.run(argv, cwd=self.folder, env=env, capture_output=True, check=False)
        for name in mutant.files if done.returncode == 0 else ():
            # Compiled files are told from stale ones by the second and the size.
            moment = time.time() + next(_TICKS)
            os.utime(self.folder / name, (moment, moment))
        return done.returncode == 0

    def run(self, tests: list[str]) -> tuple[int | None, str]:
        """The exit code of the tests and what they printed; None past the deadline."""
        base = f"--basetemp={self.folder.parent / f'{self.folder.name}-tests'}"
        quiet = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", base)
        env = {"PYTHONPATH": str(self.folder / "node"), "OMNI_TESTS_SHARED": str(self.shared)}
        try:
            done = subprocess.run(
                (sys.executable, "-m", "pytest", *quiet, *tests),
                cwd=self.folder,
                env={**os.environ, **env},
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stdout + done.stderr


def main() -> int:
    found = [Mutant(path) for path in sorted((ROOT / "tests" / "mutants").glob("*.patch"))]
    mutants = [each for each in found if all(word in each.patch.stem for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="omni-bench-mutants-") as folder:
        copies = _make_copies(Path(folder).resolve(), min(os.cpu_count() or 1, len(mutants)))
        if said := _fail_without(copies, mutants):
            print(said, "the tests fail without any mutant", sep="\n", file=sys.stderr)
            return 1
        free: SimpleQueue[Copy] = SimpleQueue()
        for each in copies:
            free.put(each)

        def try_one(mutant: Mutant) -> bool:
            copy = free.get()
            try:
                trouble = _find_trouble(copy, mutant)
            finally:
                free.put(copy)
            print(f"{trouble or 'caught':<9} {mutant.patch.stem}: {mutant.what}", flush=True)
            return trouble is None

        with ThreadPoolExecutor(len(copies)) as pool:
            caught = list(pool.map(try_one, mutants))
    print(f"{sum(caught)} of {len(mutants)} mutants are caught.")
    return 0 if caught and all(caught) else 1


def _make_copies(folder: Path, number: int) -> list[Copy]:
    shared = folder / "shared"
    shared.mkdir()
    copies = []
    for each in range(max(number, 1)):
        place = folder / f"copy-{each}"
        shutil.copytree(ROOT, place, symlinks=True, ignore=_LEFT_OUT)
        copies.append(Copy(place, shared))
    return copies


def _fail_without(copies: list[Copy], mutants: list[Mutant]) -> str:
    """What the tests say where nothing is broken; each copy runs its share of them. "" is good."""
    tests = list(dict.fromkeys(test for each in mutants for test in each.tests))
    shares = [tests[number :: len(copies)] for number in range(min(len(copies), len(tests)))]
    with ThreadPoolExecutor(len(copies)) as pool:
        ends = list(pool.map(Copy.run, copies, shares))
    return "\n".join(said or "too slow" for code, said in ends if code != 0)


def _find_trouble(copy: Copy, mutant: Mutant) -> str | None:
    """Why a mutant counts as a failure; None where its tests caught it."""
    with copy.mutated(mutant) as applies:
        if not applies:
            return "STALE"
        code, said = copy.run(mutant.tests)
    if code == 1:  # tests ran, and failed
        return None
    if code not in {0, None}:
        print(said, file=sys.stderr)
        return "ERROR"
    return "SURVIVED" if code == 0 else "TOO SLOW"


if __name__ == "__main__":
    raise SystemExit(main())
