"""A raised requirement: from the new version on, below the bound it had or the next of its kind."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from omninode_release.text.manifest_edit import pin_requirements
from omninode_release.text.pins.raised import raise_specifier
from omninode_release.text.requirements.ranges import read_poetry_range


@pytest.mark.parametrize(
    ("written", "version", "after"),
    [
        (">=1.4,<1.5", "1.5.0", ">=1.5.0,<1.6"),
        (">=1.4,<1.5", "1.4.7", ">=1.4.7,<1.5"),
        (">=1.4.0, <1.5.0", "1.5.2", ">=1.5.2, <1.6.0"),
        (" >= 1.4 , < 2.0.0", "2.0.0", " >= 2.0.0 , < 3.0.0"),
        (">1.4,<2", "1.5.0", ">=1.5.0,<2"),
        (">=1.4,<=1.4.9", "1.5.0", ">=1.5.0,<=1.5.0"),
        (">=1.4,!=1.4.3,<2", "1.5.0", ">=1.5.0,!=1.4.3,<2"),
        (">=2025.4,<2026", "2026.1.0", ">=2026.1.0,<2027"),
        (">=0.9,<1.0", "1.0.0", ">=1.0.0,<2.0"),
        (">=1.0", "1.5.0", ">=1.5.0"),
        ("", "1.5.0", ">=1.5.0"),
        ("<2", "1.5.0", ">=1.5.0,<2"),
        ("<2", "2.1.0", ">=2.1.0,<3"),
        ("!=1.4.3", "1.5.0", ">=1.5.0,!=1.4.3"),
        ("~=1.4", "1.5.0", "~=1.5"),
        ("~=1.4", "1.5.3", ">=1.5.3,<2"),
        ("~=1.4", "2.0.0", "~=2.0"),
        ("~=1.4", "2.0.0rc1", ">=2.0.0rc1,<3"),
        ("~=1.4.2", "1.5.1", "~=1.5.1"),
        ("==1.*", "1.5.0", ">=1.5.0,<2"),
        ("==1.*", "2.0.0", "==2.*"),
        ("==1.4.0", "1.5.0", "==1.5.0"),
        ("===1.4.0", "1.5.0", "===1.5.0"),
        # The version itself is forbidden, or the bound says nothing of the next one.
        ("!=1.5.0,>=1", "1.5.0", None),
        (">=1,<2.0rc1", "2.0.0", None),
        (">=1,<2.dev0", "2.0.0", None),
        ("@ https://a.example/a.whl", "1.5.0", None),
    ],
)
def test_a_specifier_is_raised_in_its_own_form(
    written: str, version: str, after: str | None
) -> None:
    assert raise_specifier(written, version, poetry=False) == after


@pytest.mark.parametrize(
    ("written", "version", "after"),
    [
        ("^1.4", "1.5.0", "^1.5"),
        ("^1.4", "1.5.3", "^1.5.3"),
        ("^1.4.2", "2.0.0", "^2.0.0"),
        ("^0.4", "0.5.1", "^0.5.1"),
        ("^0", "0.5.1", ">=0.5.1,<1"),
        ("^1", "2.0.0", "^2"),
        ("~1.4", "1.5.2", "~1.5.2"),
        ("~1", "1.5.0", ">=1.5.0,<2"),
        ("*", "1.5.0", ">=1.5.0"),
        (">=1 <2", "2.0.0", ">=2.0.0 <3"),
        ("1.4.0", "1.5.0", "1.5.0"),
        (">=1,<2 || >=3", "1.5.0", None),
    ],
)
def test_a_constraint_of_poetry_is_raised_in_its_own_form(
    written: str, version: str, after: str | None
) -> None:
    assert raise_specifier(written, version, poetry=True) == after


def test_everything_around_the_specifier_stays() -> None:
    text = (
        '[project]\ndependencies = [\'Core[x, y] (>=1.4, <1.5) ; os_name == "nt"\', "core"]\n'
        '[tool.poetry.dependencies]\ncore = { version = "^1.4", extras = ["x"] } # kept\n'
    )

    edit = pin_requirements(text, {"core": "1.5.0"}, where="pyproject.toml", raised=["core"])

    assert edit.text == (
        "[project]\ndependencies = ['Core[x, y] (>=1.5.0, <1.6) ; os_name == \"nt\"',"
        ' "core>=1.5.0"]\n'
        '[tool.poetry.dependencies]\ncore = { version = "^1.5", extras = ["x"] } # kept\n'
    )
    again = pin_requirements(edit.text, {"core": "1.5.0"}, where="x", raised=["core"])
    assert (again.text, again.changed) == (edit.text, ())


NUMBERS = st.lists(st.integers(0, 12), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
TERMS = st.tuples(
    st.sampled_from([">=", ">", "<", "<=", "~=", "!=", "==", "=="]),
    NUMBERS,
    st.sampled_from(["", ".*"]),
).map(lambda term: f"{term[0]}{term[1]}{term[2] if term[0] in ('==', '!=') else ''}")
SPECIFIERS = st.lists(TERMS, max_size=3).map(",".join)
VERSIONS = st.tuples(*[st.integers(0, 12)] * 3).map(lambda parts: ".".join(map(str, parts)))
bounded = settings(derandomize=True, max_examples=400)


def is_lowest(specifiers: SpecifierSet, version: str) -> bool:
    """True where nothing below the version is admitted, asked of versions around it."""
    below = [f"{a}.{b}.{c}" for a in range(14) for b in (0, 1, 5, 12) for c in (0, 1, 5, 12)]
    return not any(specifiers.contains(v) for v in below if Version(v) < Version(version))


@bounded
@given(SPECIFIERS, VERSIONS)
def test_whatever_is_raised_admits_the_version_and_nothing_lower(
    written: str, version: str
) -> None:
    try:
        SpecifierSet(written)
    except ValueError:
        return
    after = raise_specifier(written, version, poetry=False)

    if after is not None:
        assert SpecifierSet(after).contains(version)
        assert is_lowest(SpecifierSet(after), version)
        assert raise_specifier(after, version, poetry=False) == after


@bounded
@given(st.sampled_from(["^", "~", ">=", "~=", "<", ""]), NUMBERS, VERSIONS)
def test_whatever_poetry_reads_is_raised_once(operator: str, number: str, version: str) -> None:
    written = f"{operator}{number}"
    if read_poetry_range(written) is None:
        return
    after = raise_specifier(written, version, poetry=True)

    if after is not None:
        found = read_poetry_range(after)
        assert found is not None
        assert found.admits(version)
        assert raise_specifier(after, version, poetry=True) == after


@pytest.mark.parametrize("form", [">={}", "=={}", "!={}", ">=1,<{}"])
@pytest.mark.parametrize("poetry", [False, True])
def test_a_bound_that_nobody_can_read_is_not_raised(form: str, *, poetry: bool) -> None:
    assert raise_specifier(form.format("1" * 5000), "2.0.0", poetry=poetry) is None
