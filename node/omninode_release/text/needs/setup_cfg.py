"""setup.cfg: ``[options]`` and ``[options.extras_require]``.

Source: setuptools.pypa.io, "Configuring setuptools using setup.cfg files".
"""

from __future__ import annotations

from configparser import Error, RawConfigParser
from typing import TYPE_CHECKING

from omninode_release.text.needs.ports import FIELDS, KINDS, find_files, list_open_fields, of_extra
from omninode_release.text.requirements.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Source

NAME = "setup.cfg"
_OPTIONS, _EXTRAS = "options", "options.extras_require"


def read(text: str) -> Mapping[KeyPath, str]:
    """Every line of every option. Raises ValueError for what configparser cannot read."""
    found: dict[KeyPath, str] = {}
    for (section, option), value in _read_options(text).items():
        is_list = section == _EXTRAS or (section == _OPTIONS and _name(option) in KINDS)
        for at, line in enumerate(_split(value) if is_list else value.split("\n")):
            found[section, option, at] = line
    return found


def find_lists(source: Source, given: Collection[str]) -> Iterator[Listed]:
    """Those that setuptools reads; what setup.py has ``given`` to ``setup`` goes before them.

    Raises ValueError for what configparser cannot read.
    """
    open_fields = list_open_fields(source)
    for (section, option), value in _read_beside(source, is_asked=bool(open_fields)).items():
        name = _name(option)
        if section == _OPTIONS and name in KINDS:
            listed = Listed(NAME, (section, option), f"{section}.{name}", KINDS[name])
            is_read = "dependencies" in open_fields and name not in given
        elif section == _EXTRAS:
            listed = Listed(NAME, (section, option), f"{section}.{option}", *of_extra(option))
            is_read = "optional-dependencies" in open_fields and "extras_require" not in given
        else:
            continue
        files = find_files(value)
        if is_read:
            yield from map(listed.read_from, files) if files else [listed]


def find_python(source: Source) -> str | None:
    """What it says of Python, where pyproject.toml leaves all to it."""
    is_open = len(list_open_fields(source)) == len(FIELDS)
    return _read_beside(source, is_asked=is_open).get((_OPTIONS, "python_requires"))


def _name(option: str) -> str:
    """The option: a hyphen in it is an underscore to setuptools."""
    return option.replace("-", "_")


def _read_beside(source: Source, *, is_asked: bool) -> dict[tuple[str, str], str]:
    """Empty where there is nothing to read, as nearly always: a parser is a heavy thing."""
    text = source.read(NAME) if is_asked else None
    return _read_options(text) if text else {}


def _read_options(text: str) -> dict[tuple[str, str], str]:
    parser = RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as setuptools has it
    try:
        parser.read_string(text, NAME)
        return {
            (section, option): value or ""
            for section in parser.sections()
            for option, value in parser.items(section, raw=True)
        }
    except Error as error:
        raise ValueError(" ".join(str(error).split())) from None


def _split(value: str) -> list[str]:
    """As setuptools splits it: at line ends, or at semicolons where all is one line."""
    lines = value.split("\n" if "\n" in value else ";")
    items = (line.strip().partition(" #")[0].strip() for line in lines)
    return [each for each in items if each and not each.startswith("#")]
