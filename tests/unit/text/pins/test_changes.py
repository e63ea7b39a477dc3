"""What a pin rewrites and what it refuses is judged from the document alone."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.pins.changes import RequirementChange, find_pins

WHERE = "infra/pyproject.toml"
PINS = {"omnibase-core": "0.21.0"}
DEPENDS = '[project]\ndependencies = [\n  "a",\n  "omnibase_core>=0.20",\n]\n'


def test_every_requirement_on_a_pinned_name_is_found_where_it_stands() -> None:
    text = f'{DEPENDS}[dependency-groups]\ndev = ["omnibase-core==0.21.0", "omnibase-spi"]\n'

    assert find_pins(text, PINS, where=WHERE) == {
        ("project", "dependencies", 1): RequirementChange(
            "omnibase-core", "project.dependencies", "omnibase_core>=0.20", "omnibase_core==0.21.0"
        ),
        ("dependency-groups", "dev", 0): RequirementChange(
            "omnibase-core", "dependency-groups.dev", *2 * ("omnibase-core==0.21.0",)
        ),
    }


def test_a_path_in_a_group_stays_where_the_package_is_of_the_same_repository() -> None:
    text = (
        '[tool.poetry.dependencies]\nomnibase-core = "^0.20"\n'
        '[tool.poetry.group.dev.dependencies]\nomnibase-core = {path = "../core"}\n'
    )

    (found,) = find_pins(text, PINS, where=WHERE, sourced=["omnibase-core"]).values()

    assert (found.before, found.after) == ("^0.20", "==0.21.0")
    with pytest.raises(ReleaseError, match="omnibase-core"):
        find_pins(text, PINS, where=WHERE)


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        pytest.param(
            '[project]\ndependencies = [\n  "omnibase-core @ https://x.invalid/c.whl",\n]\n',
            *(3, '"omnibase-core @ https://x.invalid/c.whl",'),
            id="direct-url",
        ),
        pytest.param(
            f"{DEPENDS}[tool.uv.sources]\nomnibase-core = {{ workspace = true }}\n",
            *(7, "omnibase-core = { workspace = true }"),
            id="workspace",
        ),
        pytest.param(
            f"{DEPENDS}# omnibase-core = 1\n[tool.uv.sources.omnibase_core]\npath = '../core'\n",
            *(7, "[tool.uv.sources.omnibase_core]"),
            id="source-table",
        ),
        pytest.param(
            f'{DEPENDS}[tool.uv]\nsources.omnibase-core.git = "https://x.invalid"\n',
            *(7, 'sources.omnibase-core.git = "https://x.invalid"'),
            id="source-dotted",
        ),
        pytest.param(
            '[tool.poetry.dependencies]\nomnibase_core = {git = "https://x.invalid", tag = "v1"}\n',
            *(2, 'omnibase_core = {git = "https://x.invalid", tag = "v1"}'),
            id="poetry-git",
        ),
        pytest.param(
            '[tool.poetry.dependencies]\nomnibase_core = [{version = "1"}, {path = "../x"}]\n',
            *(2, 'omnibase_core = [{version = "1"}, {path = "../x"}]'),
            id="poetry-one-of-several",
        ),
        pytest.param(
            "[tool.poetry.dependencies]\nomnibase_core = {optional = true}\n",
            *(2, "omnibase_core = {optional = true}"),
            id="poetry-without-version",
        ),
        pytest.param(
            '[project]\ndependencies = [\n"omnibase-core>=1 ; nonsense"]\n',
            *(3, '"omnibase-core>=1 ; nonsense"]'),
            id="unreadable",
        ),
    ],
)
def test_what_a_pin_would_not_decide_is_refused_with_its_line(
    text: str, line: int, shown: str
) -> None:
    with pytest.raises(ReleaseError) as caught:
        find_pins(text.replace("\n", "\r\n"), PINS, where=WHERE)

    assert caught.value.code is ErrorCode.PIN_FAILED
    assert f"{WHERE}, line {line} ({shown})" in caught.value.message


@pytest.mark.parametrize(
    ("there", "after"),
    [("==0.21", "==0.21"), ("===0.21", "==0.21.0"), ("==0.21.*", "==0.21.0")],
)
def test_a_pin_on_the_same_version_stays_as_it_is_written(there: str, after: str) -> None:
    text = f'[project]\ndependencies = ["omnibase-core{there}"]\n'

    (change,) = find_pins(text, PINS, where=WHERE).values()

    assert change.after == f"omnibase-core{after}"
