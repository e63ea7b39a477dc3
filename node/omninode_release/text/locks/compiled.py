"""Requirements files that ``uv pip compile`` or pip-compile made: how, read from their header.

The command stands in a comment of the file. It is data: only options that say what is resolved, or
how that is written, are taken over, and no path leads out of the repository.
"""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from pathlib import PurePosixPath
from posixpath import join, normpath
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from omninode_release.text.locks.toml_lock import join_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

_COMMAND = re.compile(r"#\s+(?P<command>(?:uv pip compile|pip-compile)\b.*)")
_PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\]\s*)?(?P<rest>==.*|@.*)"
)
_END = re.compile(r"\s+(?:;|#|\\|--hash)")
_REFERENCE = re.compile(r"\s*(?P<option>-c|-r|--constraint|--requirement)[\s=]+(?P<path>\S+)")
TAKING_IN = frozenset({"-r", "--requirement"})
"""Options of a line by which a file of requirements takes in another."""
CONSTRAINING = frozenset({"-c", "--constraint"})
"""Those by which it is constrained by one."""
_DEFAULT_SOURCES = ("requirements.in", "setup.py", "pyproject.toml", "setup.cfg")
"""What pip-compile makes a file of where it is told of none: the first that is there."""
_VERSION = re.compile(r"[\d.]+")
_OUTPUT = frozenset({"-o", "--output-file"})
_PATHS = frozenset(
    {
        *("-c", "--constraint", "--constraints", "--override", "--overrides"),
        *("-b", "--build-constraint", "--build-constraints", "--excludes"),
    }
)
_PYTHON = frozenset({"-p", "--python", "--python-version"})
_VALUES = frozenset(
    {
        *("--extra", "--group", "--annotation-style", "--python-platform", "--resolution"),
        *("--prerelease", "--fork-strategy", "--index-strategy", "--index", "--default-index"),
        *("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-binary"),
        *("--only-binary", "--no-emit-package", "--unsafe-package", "--exclude-newer"),
        *("--exclude-newer-package", "--no-sources-package", "--format", "--trusted-host"),
        *("--resolver", "--newline", "--prerelease-package"),
    }
)
_FLAGS = frozenset(
    {
        *("--universal", "--generate-hashes", "--all-extras", "--no-deps", "--strip-extras"),
        *("--no-strip-extras", "--no-strip-markers", "--annotate", "--no-annotate", "--no-build"),
        *("--emit-index-url", "--no-emit-index-url", "--emit-find-links", "--no-emit-find-links"),
        *("--emit-build-options", "--emit-index-annotation", "--emit-options"),
        *("--no-emit-options", "--emit-trusted-host", "--no-emit-trusted-host", "--no-sources"),
        *("--no-index", "--allow-unsafe", "--no-allow-unsafe", "--reuse-hashes", "--header"),
        *("--no-reuse-hashes", "--pre", "--build-isolation", "--no-build-isolation"),
        *("--require-build-hashes",),
    }
)


class Compilation(NamedTuple):
    """How a requirements file is made again."""

    program: tuple[str, ...]
    """``uv pip compile``, or ``pip-compile``, as words."""
    words: tuple[str, ...]
    """Options and sources, without the output."""
    sources: tuple[str, ...]
    """The files it is made of, and those that constrain it, from the root of the repository."""
    folder: str
    """Where it was run, from the root; empty for the root."""
    output: str
    """The file, from that folder."""
    shown: str
    """The command as the header has it."""


def read_compilation(path: str, text: str, exists: Callable[[str], bool]) -> Compilation:
    """How ``path`` was made. Raises ValueError, with what is in the way of making it again.

    ``exists`` answers whether a file is there, by its path from the root of the repository.
    """
    found = next(filter(None, map(_COMMAND.match, _read_header(text).split("\n"))), None)
    if found is None:
        raise ValueError("its header names no command of uv pip compile or pip-compile")
    shown = found["command"].rstrip()
    words = shlex.split(shown)  # a ValueError of its own for an open quote
    length = 3 if words[0] == "uv" else 1
    program = tuple(words[:length])
    options, sources, output = _sort_words(words[length:])
    folder = _find_folder(path, output, sources, exists)
    if not sources and program == ("pip-compile",):
        there = (each for each in _DEFAULT_SOURCES if exists(join_path(folder, each)))
        sources = [*there][:1]
    constrained_by = [option[1] for option in options if option[0] in _PATHS]
    named = [join_path(folder, each) for each in (*sources, *constrained_by)]
    missing = [each for each in named if not exists(each)]
    if missing or not sources:
        raise ValueError(f"it is made of {missing[0] if missing else 'no file'}, which is not here")
    return Compilation(
        program=program,
        words=tuple(each for option in options for each in option) + tuple(sources),
        sources=tuple(named),
        folder=folder,
        output=PurePosixPath(path).relative_to(folder).as_posix() if folder else path,
        shown=shown,
    )


def read_compiled(text: str | None) -> dict[str, str]:
    """Distribution to the version it is pinned to, or to where else it comes from."""
    return join_versions([*_find_pinned(text or "")])


def read_settings(text: str | None) -> list[str]:
    """The lines that are not about one package: what made the file, and where pip looks."""
    lines = _read_header(text or "").split("\n")
    return [*lines, *(each for each in (text or "").split("\n") if each.startswith("-"))]


def follow_references(
    paths: Iterable[str], read: Callable[[str], str | None], options: Collection[str]
) -> Iterator[str]:
    """The files, from the root, and all that lines with one of ``options`` lead to from them."""
    waiting, seen = [*paths], set[str]()
    while waiting:
        path = waiting.pop(0)
        if path not in seen:
            seen.add(path)
            yield path
            waiting += _find_references(path, read(path) or "", options)


def _find_references(path: str, text: str, options: Collection[str]) -> Iterator[str]:
    for found in filter(None, map(_REFERENCE.match, text.split("\n"))):
        if found["option"] in options:
            with suppress(ValueError):  # outside, so none that is read or made again here
                yield join_path(path.rpartition("/")[0], found["path"])


def _find_pinned(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        found = _PINNED.match(line)
        if found:
            rest = _END.split(found["rest"])[0].strip().removeprefix("==").strip(" =")
            yield canonicalize_name(found["name"]), rest.partition(";")[0].strip()


def _read_header(text: str) -> str:
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:end])


def _sort_words(words: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str], str | None]:
    """Options with their values, sources, and the output. Raises ValueError for any other."""
    options: list[tuple[str, ...]] = []
    sources: list[str] = []
    output = None
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            sources.append(word)
        elif word in _FLAGS:
            options.append((word,))
        elif name in _OUTPUT | _PATHS | _VALUES | _PYTHON and (equals or waiting):
            value = value if equals else waiting.pop(0)
            _require_value(name, value)
            output = value if name in _OUTPUT else output
            options += [] if name in _OUTPUT else [(name, value)]
        else:
            raise ValueError(f"its header has {word}, which LOCK does not take over")
    return options, sources, output


def _require_value(name: str, value: str) -> None:
    if name in _PYTHON and not _VERSION.fullmatch(value):
        raise ValueError(f"its header names the Python {value}, which is of one machine")


def _find_folder(
    path: str, output: str | None, sources: Sequence[str], exists: Callable[[str], bool]
) -> str:
    """Where the command was run. Raises ValueError where the header tells of another file."""
    if output is not None:
        if path != output and not path.endswith(f"/{output}"):
            above = output.endswith(f"/{path}")
            raise ValueError(
                f"its command is run above the package's folder, to make {output}"
                if above
                else f"its header tells how {output} is made"
            )
        return path.removesuffix(output).rstrip("/")
    beside = path.rpartition("/")[0]
    return "" if sources and all(map(exists, sources)) else beside


def join_path(folder: str, path: str) -> str:
    """``path`` from the root. Raises ValueError where it leaves the repository."""
    joined = normpath(join(folder, path))
    if joined.split("/")[0] in {"", ".."}:
        raise ValueError(f"its header names {path}, outside of the repository")
    return joined if joined != "." else ""
