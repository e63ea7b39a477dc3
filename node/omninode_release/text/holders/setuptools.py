"""setuptools: an attribute of a module, a file, or a literal in setup.cfg or setup.py.

Source: setuptools.pypa.io, "Configuring setuptools using pyproject.toml files" (dynamic metadata)
and "… using setup.cfg files".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.formats.toml_document import list_at
from omninode_release.text.holders.attributes import find_attribute
from omninode_release.text.holders.computed import find_computed
from omninode_release.text.holders.expressions import read_argument
from omninode_release.text.holders.ports import Held, as_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.text.holders.ports import Source

_SECTION = re.compile(r"^\[metadata\][^\n]*\n(?P<body>(?:(?!\[).*\n?)*)", re.MULTILINE)
_OPTION = re.compile(
    r"^version[ \t]*[=:][ \t]*(?:\r?\n[ \t]+)?(?P<value>[^\s#;]+(?:[ \t]+[^\s#;]+)*)"
    r"[ \t]*(?=[\r\n#;]|\Z)",
    re.MULTILINE,
)
_NAME = re.compile(r"^name[ \t]*[=:][ \t]*(?P<value>[A-Za-z0-9._-]+)[ \t]*\r?$", re.MULTILINE)


def find_name(source: Source) -> str | None:
    """What setup.cfg calls the package, or setup.py."""
    section = _SECTION.search(source.read("setup.cfg") or "")
    found = _NAME.search(section["body"]) if section else None
    if found is not None:
        return found["value"]
    computed = find_computed(source, "name", [*dict.fromkeys(_list_folders(source))])
    return computed.literal if computed else None


def has_literal(source: Source) -> bool:
    """True where setup.py or setup.cfg has the version itself, which no plugin replaces."""
    given, option = read_argument(source.read("setup.py"), "version"), _find_option(source)
    return given[:1] in {'"', "'"} or bool(option and option["value"][0].isdigit())


def find(source: Source) -> Held | None:
    """The literal that setuptools reads."""
    if not source.may_be_setuptools:
        return None
    table = source.at("tool", "setuptools", "dynamic", "version")
    if isinstance(table, dict):
        return _follow(source, table)
    if read_argument(source.read("setup.py"), "version"):  # which goes before setup.cfg
        folders = [*dict.fromkeys(_list_folders(source))]
        return find_computed(source, "version", folders, [*_list_own_folders(source)])
    return _read_setup_cfg(source)


def _follow(source: Source, table: dict[str, object]) -> Held:
    attribute, file = table.get("attr"), table.get("file")
    if isinstance(attribute, str):
        return _follow_attribute(source, attribute, "[tool.setuptools.dynamic]")
    paths = [each for each in (file if isinstance(file, list) else [file]) if as_path(each)]
    if len(paths) != 1:
        raise source.unheld(
            "in one file of [tool.setuptools.dynamic]", f"it names {len(paths)} of them"
        )
    return _read_file(source, str(as_path(paths[0])), "[tool.setuptools.dynamic]")


def _read_file(source: Source, path: str, said: str) -> Held:
    """A file that is the version and nothing else."""
    text = source.read(path)
    literal = (text or "").strip()
    if text is None or not literal or "\n" in literal:
        raise source.unheld(f"alone in {path} ({said} file)", "it is not that")
    start = text.index(literal)
    return Held(literal, path, path, span=(start, start + len(literal)))


def _follow_attribute(source: Source, attribute: str, said: str) -> Held:
    """A literal assigned to the attribute, also where the module takes it from another one."""
    module, _, name = attribute.rpartition(".")
    path, held = find_attribute(source, module, name, [*dict.fromkeys(_list_folders(source))])
    if held is not None:
        return held
    looked = path or f"any file of the module {module}"
    raise source.unheld(f"for {attribute} ({said} attr)", f"{looked} assigns none to it plainly")


def _list_folders(source: Source) -> Iterator[str]:
    places = list_at(source.parsed, ("tool", "setuptools", "packages", "find", "where"))
    for place in (source.at("tool", "setuptools", "package-dir", ""), *places):
        if path := as_path(place):
            yield path.strip("/").removeprefix(".")
    yield from ("src", "", "lib")


def _list_own_folders(source: Source) -> Iterator[str]:
    """Those of modules that are called like the package: of ``a-b``, ``a/b`` and ``a_b``."""
    called = str(source.at("project", "name") or find_name(source) or "")
    for between in ("/", "_"):
        name = re.sub(r"[-.]", between, called)
        yield from (name, f"src/{name}") if name else ()


def _read_setup_cfg(source: Source) -> Held | None:
    option = _find_option(source)
    if option is None:
        return None
    kind, _, rest = option["value"].partition(":")
    if kind.strip() == "attr":
        return _follow_attribute(source, rest.strip(), "setup.cfg [metadata] version,")
    if kind.strip() == "file":
        return _read_file(source, rest.strip(), "setup.cfg [metadata] version,")
    return Held(
        option["value"], "[metadata] version of setup.cfg", "setup.cfg", span=option.span("value")
    )


def _find_option(source: Source) -> re.Match[str] | None:
    """What [metadata] of setup.cfg says of the version."""
    text = source.read("setup.cfg") or ""
    section = _SECTION.search(text)
    return _OPTION.search(text, *section.span("body")) if section else None
