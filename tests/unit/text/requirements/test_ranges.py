"""What a requirement admits, in PEP 440 and in Poetry's syntax."""

from __future__ import annotations

import pytest

from omninode_release.text.requirements.declared import DeclaredRequirement, find_requirements
from omninode_release.text.requirements.ranges import (
    find_exact_version,
    read_poetry_range,
    read_range,
)


def required(text: str) -> DeclaredRequirement:
    return next(find_requirements({"project": {"dependencies": [text]}}))


def of_poetry(constraint: object) -> DeclaredRequirement:
    return next(find_requirements({"tool": {"poetry": {"dependencies": {"core": constraint}}}}))


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("^1.2.3", ["1.2.3", "1.9.0"], ["1.2.2", "2.0.0"]),
        ("^1", ["1.0.0", "1.9.9"], ["0.9.0", "2.0.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^0.0", ["0.0.9"], ["0.1.0"]),
        ("^0", ["0.9.0"], ["1.0.0"]),
        ("~1.2.3", ["1.2.9"], ["1.3.0", "1.2.2"]),
        ("~1.2", ["1.2.0"], ["1.3.0"]),
        ("~1", ["1.9.0"], ["2.0.0"]),
        ("~=1.4", ["1.9.0"], ["2.0.0", "1.3.0"]),
        ("1.2.*", ["1.2.9"], ["1.3.0"]),
        ("*", ["0.0.1", "9.0.0"], []),
        ("1.2", ["1.2.0"], ["1.2.1"]),
        ("= 1.2.0", ["1.2.0"], ["1.2.1"]),
        (">=1.2,<2", ["1.2.0"], ["2.0.0"]),
        (">= 1.2 < 2", ["1.2.0"], ["2.0.0", "1.1.0"]),
        ("^1.2 || ^3", ["1.9.0", "3.1.0"], ["2.0.0", "4.0.0"]),
        (">=1,!=1.5.0", ["1.4.0"], ["1.5.0"]),
        ("^v1.2", ["1.3.0"], ["2.0.0"]),
    ],
)
def test_a_constraint_of_poetry(constraint: str, inside: list[str], outside: list[str]) -> None:
    found = read_poetry_range(constraint)

    assert found is not None
    assert [version for version in inside if not found.admits(version)] == []
    assert [version for version in outside if found.admits(version)] == []


@pytest.mark.parametrize("constraint", ["", "latest", "^", "1.2 and more", "^1 ||"])
def test_what_is_no_constraint_admits_nothing_that_could_be_told(constraint: str) -> None:
    assert read_poetry_range(constraint) is None


@pytest.mark.parametrize(
    ("declared", "is_known"),
    [
        (required("core"), True),
        (required("core (>=1,<2)"), True),
        (required("core>=1-x"), False),
        (required("core @ https://x.invalid/core.whl"), False),
        (of_poetry("^1"), True),
        (of_poetry({"git": "https://x.invalid"}), False),
        (of_poetry({"optional": True}), False),
    ],
)
def test_what_cannot_be_read_has_no_range(declared: DeclaredRequirement, *, is_known: bool) -> None:
    assert (read_range(declared) is not None) is is_known


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("core==1.4.0", "1.4.0"),
        ("core===1.4.0", "1.4.0"),
        ("core[x]==1.4.0 ; python_version > '3'", "1.4.0"),
        ("core==1.4.*", None),
        ("core==1.4.0,<2", None),
        ("core>=1.4.0", None),
        ("core", None),
    ],
)
def test_one_exact_version(text: str, version: str | None) -> None:
    found = find_exact_version(required(text))

    assert (str(found) if found else None) == version


def test_poetry_writes_an_exact_version_bare() -> None:
    assert str(find_exact_version(of_poetry("1.4.0"))) == "1.4.0"
    assert find_exact_version(of_poetry("^1.4.0")) is None


HUGE = "1" * 5000  # more digits than `int` reads, and `packaging` reads them when it compares


@pytest.mark.parametrize("form", ["core>={}", "core=={}.0", "core>=1; python_version < '{}'"])
def test_a_requirement_with_a_number_that_nobody_can_read_is_not_read(form: str) -> None:
    assert required(form.format(HUGE)).requirement is None
    assert read_range(required(form.format(HUGE))) is None


@pytest.mark.parametrize("form", ["^{}", "~1.{}", ">={}", "1.0 || {}"])
def test_a_constraint_with_a_number_that_nobody_can_read_is_not_read(form: str) -> None:
    assert read_poetry_range(form.format(HUGE)) is None
    assert read_range(of_poetry(form.format(HUGE))) is None
