"""Poetry: poetry.lock.

Poetry resolves from the indexes that pyproject.toml names, and from no folder. So in a rehearsal,
where the tree is thrown away, what was built is required by its path, in a group of its own.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from omninode_release.system.scratch import temporary_folder
from omninode_release.text.manifests.manifest import MANIFEST, parse_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from omninode_release.adapters.uv import Unpublished
    from omninode_release.system.process import Runner

OLDEST = (1, 2)
"""The first version that knows groups."""
_GROUP = "omni-rehearsal"


@dataclass(frozen=True)
class Poetry:
    """Poetry in the environment a release runs it in."""

    run: Runner
    seconds: float
    unpublished: Unpublished | None = None
    litter: Sequence[str] = ()

    def lock(self, tree: Path, files: Sequence[str], pins: Mapping[str, str]) -> None:  # noqa: ARG002
        """Without its cache: a page of minutes ago does not know what was published since."""
        wheels = find_needed(self.unpublished.folder, pins) if self.unpublished else []
        with temporary_folder() as folder, _with_wheels(tree, wheels):
            kept = ("--no-update",) if self._is_old(tree) else ()  # from 2.0 on it goes without
            argv = ("poetry", "lock", "--no-interaction", "--no-cache", *kept)
            self.run(argv, cwd=tree, timeout=self.seconds, env=make_environment(folder))

    def _is_old(self, tree: Path) -> bool:
        done = self.run(("poetry", "--version", "--no-ansi"), cwd=tree, timeout=self.seconds)
        found = re.search(r"(\d+)\.\d", done.stdout)
        return found is not None and int(found[1]) < 2


@contextmanager
def _with_wheels(tree: Path, wheels: Sequence[Path]) -> Iterator[None]:
    """The manifest as it is afterwards, and requiring these wheels while this lasts."""
    if not wheels:
        yield
        return
    import tomlkit  # noqa: PLC0415 - a dry run may load the adapters; tomlkit costs 18 ms

    path = tree / MANIFEST
    data = path.read_bytes()
    parsed = deepcopy(dict(parse_manifest(data.decode("utf-8"), where=str(path))))
    needs = {parse_wheel_filename(each.name)[0]: {"path": str(each)} for each in wheels}
    groups = parsed.setdefault("tool", {}).setdefault("poetry", {}).setdefault("group", {})
    groups[_GROUP] = {"optional": True, "dependencies": needs}
    path.write_text(tomlkit.dumps(parsed), encoding="utf-8")
    try:
        yield
    finally:
        path.write_bytes(data)


def find_needed(folder: Path, names: Iterable[str]) -> list[Path]:
    """The wheels of these distributions, and of all in the folder that they require.

    Others in it have nothing to do with the project, and need not go together with it.
    """
    there = {parse_wheel_filename(each.name)[0]: each for each in sorted(folder.glob("*.whl"))}
    needed: dict[str, Path] = {}
    waiting = [canonicalize_name(each) for each in names]
    while waiting:
        name = waiting.pop()
        if name in there and name not in needed:
            needed[name] = there[name]
            found = next(iter(distributions(path=[str(there[name])])))
            for each in found.requires or ():
                with suppress(InvalidRequirement):  # which the rehearsal tells by itself
                    waiting.append(canonicalize_name(Requirement(each).name))
    return sorted(needed.values())


def make_environment(folder: Path) -> dict[str, str]:
    """Poetry wants an environment of the project's Python, and makes it in ``folder``."""
    return {
        "POETRY_VIRTUALENVS_PATH": str(folder),
        "POETRY_VIRTUALENVS_IN_PROJECT": "false",
        "POETRY_VIRTUALENVS_CREATE": "true",
    }
