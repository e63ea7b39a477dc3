"""What repeats a package's version: Python files, and tables of other tools in pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.requirements import BUILD_REQUIRES
from omninode_release.text.toml_document import find_string_paths, list_at, parse_toml, value_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from packaging.version import Version

    from omninode_release.text.toml_document import KeyPath

_PACKAGES: tuple[tuple[str, ...], ...] = (
    ("tool", "hatch", "build", "targets", "wheel", "packages"),
    ("tool", "setuptools", "packages"),
    ("tool", "poetry", "packages"),
)
_UV_MODULE = ("tool", "uv", "build-backend", "module-name")
# Strings and comments stand in the alternatives only to be stepped over: an assignment quoted in a
# docstring is text, not the version.
_LITERAL = re.compile(
    r"""
      ^(?P<target> \ufeff? __version__ [ \t]* (?: : [^=\r\n\#]* )? = [ \t]* )
       (?P<quote> ["'] ) [^"'\\\r\n]* (?P=quote)
       (?= [ \t]* (?: [\#;] [^\n]* )? \r?$ )
    | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
    | "(?:\\.|[^"\\\n])*(?:"|$) | '(?:\\.|[^'\\\n])*(?:'|$)
    | \#[^\n]*
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_POETRY = ("tool", "poetry", "version")
_MAIN = ("project", "version")
_NAMES = {"version", "current_version"}
# `foo = {version = "1.0.0"}` is a requirement.
_REQUIREMENTS = re.compile(r".*dependencies|groups?|sources?|overrides?")


def guess_init_paths(text: str, repo: str) -> tuple[str, ...]:
    """Paths at which the package's ``__init__.py`` may stand, most certain first.

    Build back ends agree on the layouts and not on a key to ask, so the candidates come from what
    the manifest says and from the two names the package could have.
    """
    try:
        parsed = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise ReleaseError(
            ErrorCode.BUMP_FAILED, f"pyproject.toml of {repo} is not valid TOML: {error}."
        ) from error
    folders = [*_read_package_folders(parsed)]
    names = [value_at(parsed, ("project", "name")), value_at(parsed, ("tool", "poetry", "name"))]
    names += [value_at(parsed, _UV_MODULE), repo]
    inner = [
        each.replace("-", ".") for each in names[:2] if isinstance(each, str)
    ]  # b in a, of a-b
    for name in (*names, *inner):
        if isinstance(name, str):
            module = name.replace("-", "_").replace(".", "/")
            folders += [f"src/{module}", module]
    inside = [f for f in folders if not f.startswith("/") and ".." not in f.split("/")]
    return tuple(dict.fromkeys(f"{folder}/__init__.py" for folder in inside))


def bump_literal(python_source: str, new: Version | str) -> str:
    """Python source with ``__version__ = "…"`` at the start of a line set to ``new``.

    The old value does not matter: a literal that was forgotten once is stale, and to be mended.
    Quotes, annotation and a trailing comment stay; any other way to get a version is left alone.
    """

    def set_version(found: re.Match[str]) -> str:
        if found["target"] is None:
            return found[0]
        return f"{found['target']}{found['quote']}{new}{found['quote']}"

    return _LITERAL.sub(set_version, python_source)


def find_strings_and_comments(python_source: str) -> list[tuple[int, int]]:
    """Where they begin and end, a literal ``__version__`` aside."""
    return [f.span() for f in _LITERAL.finditer(python_source) if f["target"] is None]


def _read_package_folders(parsed: Mapping[str, Any]) -> Iterator[str]:
    for path in _PACKAGES:
        for entry in list_at(parsed, path):
            if isinstance(entry, str):
                yield entry.strip("/")
            elif isinstance(entry, dict) and isinstance(entry.get("include"), str):
                yield "/".join(str(entry[k]) for k in ("from", "include") if entry.get(k))


def find_second_versions(text: str, versions: Collection[str]) -> list[KeyPath]:
    """Where tables of tools hold one of ``versions``, the place that BUMP writes aside.

    ``text`` is TOML that can be read.
    """
    parsed = parse_toml(text)
    main = _MAIN if value_at(parsed, _MAIN) is not None else _POETRY
    if sum(map(text.count, versions)) <= (value_at(parsed, main) in [*versions]):
        return []  # as nearly always: only that place is left
    return [
        path
        for path in find_string_paths(parsed.get("tool"), ("tool",))
        if path != main and _is_version(path) and value_at(parsed, path) in versions
    ]


def decides_beside_project(text: str, path: KeyPath) -> bool:
    """True where a build could take the version from ``path``: poetry-core 1 has its own table."""
    parsed = parse_toml(text)
    needs = [str(each) for each in list_at(parsed, BUILD_REQUIRES)]
    is_new = any(re.match(r"poetry[-_.]core\s*(?:>=|==|~=|\^)\s*[2-9]", each) for each in needs)
    backend = str(value_at(parsed, ("build-system", "build-backend")))
    return path == _POETRY and backend.startswith("poetry") and not is_new


def _is_version(path: KeyPath) -> bool:
    keys = [str(key) for key in path]
    named = keys[-1] in _NAMES or keys[-2:] == ["version", "current"]
    return named and not any(_REQUIREMENTS.fullmatch(key) for key in keys)
