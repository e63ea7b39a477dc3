"""Build back ends of the tests' environment as wheels in a folder: builds need no network."""

from __future__ import annotations

import marshal
from contextlib import suppress
from functools import cache
from importlib.metadata import Distribution, distribution
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_OF_THE_INSTALLATION = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


class _Wheel(NamedTuple):
    """A distribution of this environment, packed."""

    name: str
    content: bytes
    needs: tuple[str, ...]


def pack_backends(folder: Path, *names: str) -> None:
    """Wheels of these distributions, and of all that they require."""
    folder.mkdir(parents=True, exist_ok=True)
    packed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in packed:
            packed.add(name)
            wheel = _pack(name)
            (folder / wheel.name).write_bytes(wheel.content)
            waiting += wheel.needs


def _list_needs(found: Distribution) -> Iterator[str]:
    for each in map(Requirement, found.requires or ()):
        if each.marker is None or each.marker.evaluate({"extra": ""}):
            yield each.name


@cache
def _pack(name: str) -> _Wheel:
    found = distribution(name)
    inside = [
        each
        for each in found.files or ()
        if ".." not in each.parts
        and each.suffix != ".pyc"
        and each.name not in _OF_THE_INSTALLATION
    ]
    content = {each.as_posix(): each.read_binary() for each in inside}
    content |= dict(_compile(content))
    home = next(each.parts[0] for each in inside if each.parts[0].endswith(".dist-info"))
    record = "".join(f"{path},,\n" for path in [*content, f"{home}/RECORD"])
    made = BytesIO()
    with ZipFile(made, "w") as wheel:
        for path, data in {**content, f"{home}/RECORD": record.encode()}.items():
            wheel.writestr(path, data)
    file = f"{home.removesuffix('.dist-info')}-py3-none-any.whl"
    return _Wheel(file, made.getvalue(), tuple(_list_needs(found)))


def _compile(content: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """What Python makes of modules as it imports them, for every build does in a new environment.

    It takes longer than a build; of what is made here Python does not ask how old its source is.
    """
    for path, source in content.items():
        if path.endswith(".py"):
            with suppress(SyntaxError, ValueError):  # of templates, and of tests of syntax
                code = marshal.dumps(compile(source, path, "exec", dont_inherit=True))
                head = MAGIC_NUMBER + (1).to_bytes(4, "little") + source_hash(source)
                yield cache_from_source(path), head + code
