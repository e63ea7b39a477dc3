"""Build back ends of the tests' environment as wheels in a folder: builds need no network."""

from __future__ import annotations

from importlib.metadata import Distribution, distribution
from typing import TYPE_CHECKING
from zipfile import ZipFile

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OF_THE_INSTALLATION = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def pack_backends(folder: Path, *names: str) -> None:
    """Wheels of these distributions, and of all that they require."""
    folder.mkdir(parents=True, exist_ok=True)
    packed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in packed:
            packed.add(name)
            found = distribution(name)
            _pack(found, folder)
            waiting += _list_needs(found)


def _list_needs(found: Distribution) -> Iterator[str]:
    for each in map(Requirement, found.requires or ()):
        if each.marker is None or each.marker.evaluate({"extra": ""}):
            yield each.name


def _pack(found: Distribution, folder: Path) -> None:
    inside = [
        each
        for each in found.files or ()
        if ".." not in each.parts
        and each.suffix != ".pyc"
        and each.name not in _OF_THE_INSTALLATION
    ]
    home = next(each.parts[0] for each in inside if each.parts[0].endswith(".dist-info"))
    with ZipFile(folder / f"{home.removesuffix('.dist-info')}-py3-none-any.whl", "w") as wheel:
        for each in inside:
            wheel.writestr(each.as_posix(), each.read_binary())
        record = "".join(f"{each.as_posix()},,\n" for each in inside)
        wheel.writestr(f"{home}/RECORD", f"{record}{home}/RECORD,,\n")
