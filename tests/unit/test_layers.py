"""Imports go one way: each layer knows only those below it (docs/design.md, "The house")."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import omninode_release

PACKAGE = Path(omninode_release.__file__).parent
# Topmost first. A name is a folder, or a module beside them; what lies in one folder may know each
# other, and a new module in a folder needs no entry here.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"__main__", "handlers"}),
    frozenset({"node"}),
    frozenset({"commands"}),
    frozenset({"release"}),
    frozenset({"contract"}),
    frozenset({"console"}),
    frozenset({"planning", "gate", "phases"}),
    frozenset({"adapters"}),
    frozenset({"text"}),
    frozenset({"events"}),
    frozenset({"models", "system"}),
    frozenset({"errors"}),
)


def layer_of(name: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def imported_modules(path: Path) -> set[str]:
    """First-party modules that a module imports, inside functions too: ``adapters.git``, …"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    } | {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    prefix = "omninode_release."
    return {name.removeprefix(prefix) for name in found if name.startswith(prefix)}


def imports(path: Path) -> set[str]:
    """The rooms it imports from: ``text``, ``models``, …"""
    return {name.split(".")[0] for name in imported_modules(path)}


def test_every_import_goes_down() -> None:
    upward = []
    for path in sorted(PACKAGE.rglob("*.py")):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        upward += [
            f"{path.relative_to(PACKAGE)} imports {name}"
            for name in sorted(imports(path))
            if name != own and layer_of(name) <= layer_of(own)
        ]
    assert upward == []


def known_folders(room: Path) -> dict[str, set[str]]:
    """Each folder of a room, and the other folders that its modules import from."""
    modules = {each.name: [*each.rglob("*.py")] for each in room.iterdir() if each.is_dir()}
    return {
        folder: {
            name.split(".")[1]
            for path in paths
            for name in imported_modules(path)
            if name.startswith(f"{room.name}.") and name.split(".")[1] in modules.keys() - {folder}
        }
        for folder, paths in modules.items()
    }


def test_folders_of_a_room_know_each_other_one_way() -> None:
    for room in (each for each in PACKAGE.iterdir() if each.is_dir()):
        TopologicalSorter(known_folders(room)).prepare()  # raises CycleError


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
             for path in PACKAGE.rglob("*.py")}  # fmt: skip
    known = {name: imported_modules(path) & paths.keys() for name, path in paths.items()}
    TopologicalSorter(known).prepare()  # raises CycleError


def test_programs_are_run_in_one_place_only() -> None:
    users = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "subprocess" in path.read_text(encoding="utf-8").split()
    }
    assert users == {"system/process.py", "system/program.py"}


def test_phases_know_the_world_only_through_their_context() -> None:
    forbidden = ("import time", "import os", "import pathlib", "from datetime", "import subprocess")
    for path in (PACKAGE / "phases").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        found = [line for line in forbidden if line in source and path.name != "ports.py"]
        assert found == [], path.name
        adapters = {name for name in imported_modules(path) if name.startswith("adapters")}
        assert adapters <= {"adapters.ports", "adapters.git_ports", "adapters.tool_ports"}, (
            path.name
        )
