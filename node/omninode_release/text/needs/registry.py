"""The one answer to "what does this tree require, and where does it say so?"."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.edges import EdgeKind
from omninode_release.text.formats.toml_document import list_at
from omninode_release.text.locks.requirements_files import find_generator
from omninode_release.text.needs import plain_list, setup_cfg, setup_py
from omninode_release.text.requirements.declared import find_requirements, read_pep508
from omninode_release.text.requirements.python_versions import read_requires_python
from omninode_release.text.versions.version import holds_huge_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Source
    from omninode_release.text.requirements.declared import DeclaredRequirement
    from omninode_release.text.requirements.listed import Listed


def find_needs(source: Source) -> Iterator[DeclaredRequirement]:
    """Every requirement but those of the build; raises SCAN_FAILED for a setup.cfg that is none."""
    yield from find_requirements(source.parsed)
    for each, need in find_beside(source):
        if each.kind is not EdgeKind.BUILD or each.guessed:
            yield need


def find_beside(source: Source) -> Iterator[tuple[Listed, DeclaredRequirement]]:
    """The requirements that do not stand in pyproject.toml, and the list that has each."""
    for each in _find_lists(source):
        text = source.read(each.file) or ""
        program = find_generator(text) if each.file not in _READERS else None
        if program:
            each = each._replace(unwritten=f"{program} makes {each.file}")  # noqa: PLW2901
        for path, raw in read_file(each.file, text).items():
            if path[:-1] == each.path:
                need = read_pep508(path, raw, listed=each)
                if need is not None:
                    yield each, need


def is_untold(source: Source) -> bool:
    """True where its build alone decides what the package requires, as by a hook of a back end."""
    is_dynamic = "dependencies" in list_at(source.parsed, ("project", "dynamic"))
    if not is_dynamic or "setuptools" in (source.backend or "setuptools"):  # which asks for a file
        return False
    in_poetry = source.at("tool", "poetry", "dependencies") is not None
    return not in_poetry and all(each.kind is not EdgeKind.RUN for each in _find_lists(source))


def find_python(source: Source) -> SpecifierSet | None:
    """The Python that the package lets in; None where nothing says so plainly."""
    found = read_requires_python(source.parsed)
    if found is not None:
        return found
    with suppress(ValueError):  # InvalidSpecifier, or what is no INI
        said = setup_py.find_python(source) or setup_cfg.find_python(source)
        return SpecifierSet(said) if said and not holds_huge_number(said) else None
    return None


def read_file(name: str, text: str) -> Mapping[KeyPath, str]:
    """Every string of a file that a requirement could be, by its place. Raises ValueError."""
    return _READERS.get(name, plain_list.read)(text)


_READERS = {setup_cfg.NAME: setup_cfg.read, setup_py.NAME: setup_py.read}
"""Any other file has one requirement on a line."""


def _find_lists(source: Source) -> Iterator[Listed]:
    yield from plain_list.find_lists(source)
    given = [*setup_py.find_lists(source)]
    try:
        yield from setup_cfg.find_lists(
            source, {str(key) for each in given for key in each.path[:1]}
        )
    except ValueError as error:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected {setup_cfg.NAME} beside {source.where} to be read as INI, found: {error}.",
            hint=f"repair {setup_cfg.NAME} on the base branch",
        ) from None
    yield from given
