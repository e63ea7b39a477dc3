"""Which Python a package lets in that one it pins does not."""

from __future__ import annotations

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from omninode_release.text.formats.toml_document import parse_toml
from omninode_release.text.requirements.python_versions import (
    can_apply,
    find_unsupported,
    read_requires_python,
)


@pytest.mark.parametrize(
    ("supported", "needed", "marker", "found"),
    [
        (">=3.11", ">=3.12", None, "3.11"),
        (">=3.12", ">=3.11", None, None),
        (">=3.12", ">=3.12,<4", None, None),
        (">=3.11,<4", ">=3.11,<3.13", None, None),  # uv leaves bounds from above out of account
        (">=3.11", ">=3.11.4", None, "3.11"),
        ("~=3.11", ">=3.12", None, "3.11"),
        ("<4", ">=3.12", None, None),
        (">=3.9", ">=3.12", "python_version >= '3.12'", None),
        (">=3.9", ">=3.12", "python_version >= '3.11'", "3.11"),
        (">=3.9", ">=3.12", "python_full_version < '3.10.1'", "3.9"),
        (">=3.9", ">=3.12", "sys_platform == 'win32'", "3.9"),
        (">=3.9", ">=3.12", "sys_platform == 'win32' and python_version > '3.9'", None),
    ],
)
def test_the_oldest_python_that_is_let_in_and_not_supported(
    supported: str, needed: str, marker: str | None, found: str | None
) -> None:
    asked = Marker(marker) if marker else None

    assert find_unsupported(SpecifierSet(supported), SpecifierSet(needed), asked) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[project]\nrequires-python = ">=3.11"\n', ">=3.11"),
        ('[tool.poetry.dependencies]\npython = "^3.11"\n', "<4,>=3.11"),
        ('[tool.poetry.dependencies]\npython = "^2.7 || ^3.11"\n', None),
        ('[project]\nrequires-python = "new"\n', None),
        (f'[project]\nrequires-python = ">={"1" * 5000}"\n', None),
        ("[project]\nrequires-python = 3.11\n", None),
        ("", None),
    ],
)
def test_where_a_manifest_says_what_it_needs(text: str, found: str | None) -> None:
    read = read_requires_python(parse_toml(text))

    assert (str(read) if read is not None else None) == found


@pytest.mark.parametrize(
    ("marker", "supported", "applies"),
    [
        (None, ">=3.11", True),
        ("python_version < '3.11'", ">=3.11", False),
        ("python_version < '3.11'", None, True),
        ("python_version < '3.11'", "<4", True),
        ("python_version >= '3.13'", ">=3.11", True),
        ("python_full_version < '3.11.5'", ">=3.11.4", True),
        ("sys_platform == 'win32' and python_version < '3.9'", ">=3.11", True),
    ],
)
def test_a_marker_of_an_older_python_asks_for_nothing(
    marker: str | None, supported: str | None, *, applies: bool
) -> None:
    asked = Marker(marker) if marker else None

    assert can_apply(asked, SpecifierSet(supported) if supported else None) is applies
