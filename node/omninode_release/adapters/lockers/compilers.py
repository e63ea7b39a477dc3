"""``uv pip compile`` and pip-compile: requirements files, made again as their headers say."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.system.presence import is_file
from omninode_release.text.locks.compiled import (
    CONSTRAINING,
    TAKING_IN,
    follow_references,
    read_compilation,
    read_compiled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omninode_release.adapters.uv import Uv
    from omninode_release.text.locks.compiled import Compilation

OLDEST = (6, 6)
"""The first pip-compile that can leave folders out of what it writes, on any pip of today."""


@dataclass(frozen=True)
class Compilers:
    """Both programs, resolving from where uv does."""

    uv: Uv
    environ: Mapping[str, str]
    litter: Sequence[str] = ()

    def lock(self, tree: Path, files: Sequence[str], pins: Mapping[str, str]) -> None:
        made = {path: _read(tree, path) for path in files}
        for path in _sort(tree, made):
            held = read_compiled((tree / path).read_text(encoding="utf-8"))
            moving = [f"{name}=={version}" for name, version in pins.items() if name in held]
            self._compile(tree, made[path], moving)

    def _compile(self, tree: Path, made: Compilation, moving: Sequence[str]) -> None:
        upgrades = [word for each in moving for word in ("--upgrade-package", each)]
        is_uv = made.program[0] == "uv"
        options, env = self._of_uv(made, moving) if is_uv else self._of_pip_compile()
        argv = (*made.program, *made.words, *upgrades, *options, "--output-file", made.output)
        cwd = tree / made.folder if made.folder else tree
        header = dict.fromkeys(("CUSTOM_COMPILE_COMMAND", "UV_CUSTOM_COMPILE_COMMAND"), made.shown)
        self.uv.run(argv, cwd=cwd, timeout=self.uv.seconds, env=env | header)

    def _of_uv(self, made: Compilation, moving: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        named = (each.partition("==")[0] for each in moving)
        fresh = [word for name in named for word in ("--refresh-package", name)]
        # uv takes it once, and the header may have it.
        without_index = [each for each in self.uv.without_index if each not in made.words]
        options = [*(without_index or self.uv.offline_option or fresh), "--quiet"]
        return options, self.uv.find_links(Path.as_uri)

    def _of_pip_compile(self) -> tuple[list[str], dict[str, str]]:
        """It would write the folders into the file, as uv does not."""
        env = make_pip_environment(self.uv, self.environ)
        return ["--quiet", *(["--no-emit-find-links"] if env else [])], env


def make_pip_environment(uv: Uv, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that names the folders to pip; empty where there are none."""
    places = uv.find_links(Path.as_uri).get("UV_FIND_LINKS", "")
    if not places:
        return {}
    inherited = environ.get("PIP_FIND_LINKS", "")
    only = {"PIP_NO_INDEX": "1"} if uv.without_index else {}
    return {"PIP_FIND_LINKS": " ".join(filter(None, [inherited, *places.split(",")])), **only}


def _sort(tree: Path, made: Mapping[str, Compilation]) -> Iterator[str]:
    """What constrains another, or is taken in by it, comes first."""
    before = {
        path: set(_find_needed(tree, each)) & made.keys() - {path} for path, each in made.items()
    }
    try:
        yield from TopologicalSorter(before).static_order()
    except CycleError:  # the program says what is wrong with that
        yield from made


def _find_needed(tree: Path, made: Compilation) -> Iterator[str]:
    def read(path: str) -> str | None:
        file = tree / path
        return file.read_text(encoding="utf-8", errors="replace") if is_file(file) else None

    return follow_references(made.sources, read, TAKING_IN | CONSTRAINING)


def _read(tree: Path, path: str) -> Compilation:
    text = (tree / path).read_text(encoding="utf-8")
    try:
        return read_compilation(path, text, lambda each: is_file(tree / each))
    except ValueError as error:
        raise ReleaseError(
            ErrorCode.LOCK_FAILED,
            f"expected {tree / path} to say how it is made, found that {error}.",
            hint="name the command that makes it under lock_of in the release configuration",
        ) from error
