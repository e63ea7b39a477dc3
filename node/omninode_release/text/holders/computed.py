"""What setup.py gives ``setup``: a literal, or what leads to one.

An expression leads to the one literal that its names lead to, or else to the one file that
setup.py names: one that is a version and nothing else, a header of C, or a module. What ``open``,
``exec`` and patterns make of such a file is not run here: it counts where it has one version
plainly, and a build shows before the gate whether that is the package's. The package's name may be
computed in the same ways.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.holders.attributes import Search, take_one
from omninode_release.text.holders.expressions import find_argument
from omninode_release.text.holders.ports import Held
from omninode_release.text.holders.python_source import find_assigned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from omninode_release.text.holders.ports import Source

_LITERAL = re.compile(r"""\s*[uU]?(["'])(?P<value>[^"'\\\r\n]+)\1\s*(?:\#|\Z)""")
# "pkg/version.py"; also its parts, as `os.path.join(here, "pkg", "version.py")` has them.
_PARTS = re.compile(
    r"""(?: (?: ["'][\w./-]+["'] | (?<!\w)[^\W\d]\w* ) \s* [,/] \s* ){0,8}
        ["'] (?P<last> [\w./-]{0,99} (?: \w\.(?:py|h) | (?i:version)[\w.-]{0,9} ) ) ["']""",
    re.VERBOSE,
)
_PART = re.compile(r"""["']([\w./-]+)["']|(\w+)""")
_DEFINED = re.compile(r'(?m)^[ \t]*#[ \t]*define[ \t]+(?P<name>\w+)[ \t]+"(?P<value>[0-9][^"\s]*)"')
_USUAL = {
    "version": (
        *("__version__", "VERSION", "__VERSION__", "version"),
        *("__version_info__", "version_info"),
    ),
    "name": ("__title__",),
}
"""What such a file calls it, by the argument of ``setup``."""
_FORMS = {"version": r"[0-9]+\.[0-9].*", "name": r"[A-Za-z0-9][\w.-]*"}


def find_computed(
    source: Source, argument: str, folders: Collection[str], own: Collection[str] = ()
) -> Held | None:
    """The literal that an argument in setup.py leads to; None for none, and for several.

    ``folders`` hold the modules; ``own`` are those of the package's name, in which a file may stand
    whose folder setup.py computes.
    """
    text = source.read("setup.py") or ""
    spans = find_argument(text, argument)
    if not spans:
        return None
    expression = text[slice(*spans[0])]
    if literal := _LITERAL.match(expression):
        if argument == "version" and len(spans) > 1:  # each would have to be written
            return None
        start, end = (spans[0][0] + each for each in literal.span("value"))
        return Held(literal["value"], f"{argument} of setup.py", "setup.py", span=(start, end))
    search = Search(source, [*dict.fromkeys((*folders, *own))], _FORMS[argument])
    return search.find_in("setup", expression) or _find_in_files(source, text, argument, own)


def _find_in_files(source: Source, text: str, argument: str, own: Collection[str]) -> Held | None:
    """What the one file holds that setup.py names; one that is the version goes before others."""
    paths = [*dict.fromkeys(_list_files(source, text, own))]
    plain = [each for path in paths if (each := _read_whole(source, path, argument))]
    found = plain or [each for path in paths for each in _read_inside(source, path, text, argument)]
    return take_one(found)


def _read_whole(source: Source, path: str, argument: str) -> Held | None:
    """A file that is the version and nothing else."""
    text = source.read(path) or ""
    literal = text.strip()
    if not re.fullmatch(_FORMS["version"], literal) or argument != "version":
        return None
    start = text.index(literal)
    return Held(literal, path, path, span=(start, start + len(literal)))


def _read_inside(source: Source, path: str, text: str, argument: str) -> Iterator[Held]:
    """What a header defines by a name that setup.py has, or the first usual name of a module."""
    if path.endswith(".h"):
        for each in _DEFINED.finditer(source.read(path) or ""):
            if argument == "version" and each["name"] in text:
                yield Held(each["value"], path, path, span=each.span("value"))
        return
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    search = Search(source, ("",), _FORMS[argument])
    found = (search.find_name(module, name) for name in _USUAL[argument])
    yield from [held for held in found if held][:1]


def _list_files(source: Source, text: str, own: Collection[str]) -> Iterator[str]:
    """The files that setup.py names; of a path that it computes in part, as much as can be read."""
    for found in _PARTS.finditer(text):
        parts = [*_read_parts(text, found[0])]
        ends = ["/".join(parts[at:]) for at in range(len(parts))]
        inside = [f"{folder}/{parts[-1]}" for folder in own]
        paths = (each for each in (*ends, *inside) if source.read(each) is not None)
        yield from [*paths][:1]


def _read_parts(text: str, words: str) -> Sequence[str]:
    parts = list[str]()
    for quoted, name in _PART.findall(words):
        known = find_assigned(text, (name,)) if name else ()
        parts += [quoted] if quoted else [each.literal for each in known]
    return [each.removeprefix("./").strip("/") for each in parts]
