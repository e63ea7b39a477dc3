"""A version and its pins are changed in place, and only where they exist."""

from __future__ import annotations

import pytest
from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifest_edit import bump_version, pin_requirements
from omninode_release.text.pins.changes import RequirementChange

WHERE = "infra/pyproject.toml"
PINS = {"omnibase-core": "0.21.0"}


def pinned(requirement: str) -> str:
    """What becomes of one PEP 508 string in a literal of a document."""
    text = f"[project]\ndependencies = [\n    '''{requirement}''',  # why\n]\n"
    edited = pin_requirements(text, PINS, where=WHERE).text
    before, after = text.split(requirement)
    assert edited.startswith(before)
    assert edited.endswith(after)
    return edited[len(before) : -len(after)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("omnibase-core>=0.20.0,<0.21.0", "omnibase-core==0.21.0", id="range"),
        pytest.param("omnibase-core", "omnibase-core==0.21.0", id="bare"),
        pytest.param("omnibase_core>=0.19.0", "omnibase_core==0.21.0", id="underscore"),
        pytest.param("Omnibase.Core ~= 0.20", "Omnibase.Core==0.21.0", id="capitals-and-space"),
        pytest.param("omnibase-core==0.20.0", "omnibase-core==0.21.0", id="older-pin"),
        pytest.param("omnibase-core==0.21.*", "omnibase-core==0.21.0", id="wildcard"),
        pytest.param("omnibase-core==0.21", "omnibase-core==0.21", id="the-same-version"),
        pytest.param("omnibase-core (>=0.20,<1)", "omnibase-core==0.21.0", id="parentheses"),
        pytest.param(
            'omnibase-core[cli] >=0.20.0,<0.21.0 ; python_version<"3.13"',
            'omnibase-core[cli]==0.21.0 ; python_version<"3.13"',
            id="extras-and-marker",
        ),
        pytest.param(
            "omnibase-core [ cli , mcp ]>=0.20;os_name=='nt'",
            "omnibase-core [ cli , mcp ]==0.21.0;os_name=='nt'",
            id="odd-spacing",
        ),
        pytest.param(
            'omnibase-core ; extra == "x"', 'omnibase-core==0.21.0 ; extra == "x"', id="marker-only"
        ),
        pytest.param("  omnibase-core>=0.20  ", "  omnibase-core==0.21.0  ", id="outer-space"),
    ],
)
def test_only_the_specifier_of_a_requirement_changes(before: str, after: str) -> None:
    assert pinned(before) == after
    assert pinned(after) == after


@pytest.mark.parametrize(
    "exact",
    [
        "omnibase-core==0.21.0",
        "omnibase-core == 0.21.0",
        "omnibase-core===0.21.0",
        "omnibase-core (==0.21.0) ; os_name == 'nt'",
    ],
)
def test_what_is_exact_already_is_kept_as_written(exact: str) -> None:
    text = f'[project]\ndependencies = ["{exact}"]'

    edit = pin_requirements(text, PINS, where=WHERE)

    assert edit.text == text
    assert edit.changed == ()
    assert edit.kept == (RequirementChange("omnibase-core", "project.dependencies", exact, exact),)


@pytest.mark.parametrize(
    "other", ["omnibase-core-extras>=1", "omnibase>=1", "x-omnibase-core", "core", "omnibase-spi"]
)
def test_other_names_are_left_alone(other: str) -> None:
    assert pinned(other) == other


@pytest.mark.parametrize(
    "header",
    [
        "[project]\ndependencies",
        "[project.optional-dependencies]\ncli",
        "[dependency-groups]\ncore",
        "[tool.uv]\noverride-dependencies",
        "[tool.uv]\nconstraint-dependencies",
        "[tool.uv]\ndev-dependencies",
    ],
)
def test_a_pin_reaches_every_table(header: str) -> None:
    text = f'{header} = ["a", "omnibase_core>=0.20", {{include-group = "x"}}]\n'

    assert pin_requirements(text, PINS, where=WHERE).text == text.replace(">=0.20", "==0.21.0")


def test_a_build_requirement_is_not_pinned() -> None:
    text = '[build-system]\nrequires = ["omnibase-core>=0.20"]\n'

    assert pin_requirements(text, PINS, where=WHERE) == (text, (), ())


def test_a_commented_line_is_left_alone() -> None:
    text = (
        "[project]\ndependencies = [\n"
        '    # omnibase-core v0.20.0: "omnibase-core>=0.20.0"\n'
        '    "omnibase-core>=0.20.0",  # not "omnibase-core>=0.20.0"\n]\n'
        "# [tool.uv.sources]\n# omnibase-core = { path = '../x' }\n"
    )

    edited = pin_requirements(text, PINS, where=WHERE).text

    assert edited == text.replace('    "omnibase-core>=0.20.0",', '    "omnibase-core==0.21.0",')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('"^0.16.0"', '"==0.21.0"', id="caret"),
        pytest.param("'*'", "'==0.21.0'", id="any"),
        pytest.param('"0.20.0"', '"==0.21.0"', id="another-exact"),
        pytest.param('"0.21.0"', '"0.21.0"', id="bare-is-exact"),
        pytest.param('"==0.21.0"', '"==0.21.0"', id="exact"),
        pytest.param(
            '{ extras = ["cli"], version = "^1" }',
            '{ extras = ["cli"], version = "==0.21.0" }',
            id="table",
        ),
        pytest.param(
            '[{version = "^1", python = "<3.12"}, {version = "^2", python = ">=3.12"}]',
            '[{version = "==0.21.0", python = "<3.12"}, {version = "==0.21.0", python = ">=3.12"}]',
            id="one-per-marker",
        ),
    ],
)
@pytest.mark.parametrize("table", ["dependencies", "group.dev.dependencies", "dev-dependencies"])
def test_poetry_constraints_become_exact(table: str, before: str, after: str) -> None:
    text = f"[tool.poetry.{table}]\nOmnibase_Core = {{}} # x\n".format(before)

    assert pin_requirements(text, PINS, where=WHERE).text == text.replace(before, after)


def test_changes_are_reported_with_their_table() -> None:
    text = (
        '[project]\ndependencies = ["omnibase-core>=0.20", "omnibase-spi==0.14.0"]\n'
        '[tool.uv]\noverride-dependencies = ["omnibase-core==0.20.0"]\n'
    )

    edit = pin_requirements(
        text, {**PINS, "omnibase-spi": Version("0.14.0"), "other": "1.0.0"}, where=WHERE
    )

    assert edit.changed == (
        RequirementChange(
            "omnibase-core", "project.dependencies", "omnibase-core>=0.20", "omnibase-core==0.21.0"
        ),
        RequirementChange(
            "omnibase-core",
            "tool.uv.override-dependencies",
            *("omnibase-core==0.20.0", "omnibase-core==0.21.0"),
        ),
    )
    assert [each.name for each in edit.kept] == ["omnibase-spi"]


DEPENDS = '[project]\ndependencies = [\n  "a",\n  "omnibase_core>=0.20",\n]\n'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f'{DEPENDS}[tool.uv.sources]\nomnibase-core = {{ index = "internal" }}\n', id="an-index"
        ),
        pytest.param(
            f'{DEPENDS}[tool.uv.sources]\nother = {{ path = "../other" }}\n', id="another-name"
        ),
    ],
)
def test_other_sources_do_not_stand_in_the_way(text: str) -> None:
    assert '"omnibase_core==0.21.0"' in pin_requirements(text, PINS, where=WHERE).text


def test_a_source_of_a_name_nobody_requires_is_no_obstacle() -> None:
    text = '[tool.uv.sources]\nomnibase-core = { path = "../core" }\n'

    assert pin_requirements(text, PINS, where=WHERE).text == text


@pytest.mark.parametrize(
    ("text", "old"),
    [
        pytest.param('[project]\nversion = "0.11.0"  # kept\n', "0.11.0", id="project"),
        pytest.param("[tool.poetry]\r\nversion = '0.11.0'\r\n", "0.11.0", id="poetry-crlf"),
        pytest.param('project = { version = "0.11.0" }', "0.11.0", id="inline"),
        pytest.param('project.version="0.11.0"\n', "0.11.0", id="dotted"),
        pytest.param(
            '[tool.x]\nversion = "1.2.3"\n[project]\nversion = "1.0rc1"\n',
            "1.0rc1",
            id="not-the-first-version-line",
        ),
        pytest.param(
            '[project]\ndescription = """\nversion = "0.1"\n"""\nversion = "0.2"\n',
            '"0.2',
            id="not-the-one-in-a-text",
        ),
    ],
)
def test_only_the_version_value_is_bumped(text: str, old: str) -> None:
    new = old.replace(old.lstrip('"'), "0.12.0")

    edited = bump_version(text, Version("0.12.0"), where=WHERE)

    assert edited == text.replace(old, new)
    assert bump_version(edited, "0.12.0", where=WHERE) == edited


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param('[project]\ndynamic = ["version"]', "VERSION_INVALID", id="dynamic"),
        pytest.param("[project", "BUMP_FAILED", id="not-toml"),
        pytest.param("[project]\nversion = 1", "BUMP_FAILED", id="not-a-string"),
    ],
)
def test_a_version_that_cannot_be_bumped_is_an_error(text: str, code: str) -> None:
    with pytest.raises(ReleaseError, match=WHERE) as caught:
        bump_version(text, "1.0.0", where=WHERE)

    assert caught.value.code is ErrorCode(code)
