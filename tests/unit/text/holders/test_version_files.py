"""Python files that repeat the version: where they are looked for, and how it changes in them."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.holders.version_files import bump_literal, guess_init_paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        pytest.param("", ["src/some_repo", "some_repo"], id="by-repository"),
        pytest.param(
            '[project]\nname = "name.space-x"',
            [
                *("src/name/space_x", "name/space_x", "src/some_repo", "some_repo"),
                *("src/name/space/x", "name/space/x"),
            ],
            id="by-name",
        ),
        pytest.param(
            '[tool.poetry]\nname = "poetry-core"',
            [
                *("src/poetry_core", "poetry_core", "src/some_repo", "some_repo"),
                *("src/poetry/core", "poetry/core"),
            ],
            id="one-inside-the-other",
        ),
        pytest.param(
            '[tool.hatch.build.targets.wheel]\npackages = ["node/x/", "../y", "/z"]',
            ["node/x", "z", "src/some_repo", "some_repo"],
            id="hatch",
        ),
        pytest.param(
            '[tool.poetry]\npackages = [{ include = "x", from = "lib" }, { from = "lib" }, 1]',
            ["lib/x", "src/some_repo", "some_repo"],
            id="poetry",
        ),
        pytest.param(
            '[tool.uv.build-backend]\nmodule-name = "deep.x"',
            ["src/deep/x", "deep/x", "src/some_repo", "some_repo"],
            id="uv",
        ),
    ],
)
def test_the_package_is_where_the_manifest_says_or_where_its_name_says(
    text: str, paths: list[str]
) -> None:
    assert guess_init_paths(text, "some-repo") == tuple(f"{path}/__init__.py" for path in paths)


def test_a_manifest_that_is_not_toml_has_no_package() -> None:
    with pytest.raises(ReleaseError, match="some-repo") as caught:
        guess_init_paths("[project", "some-repo")

    assert caught.value.code is ErrorCode.BUMP_FAILED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('__version__ = "0.5.0"', '__version__ = "0.7.0"', id="plain"),
        pytest.param("__version__='0.5.0'", "__version__='0.7.0'", id="single-quotes"),
        pytest.param(
            '__version__: str = "0.5.0"  # see pyproject.toml',
            '__version__: str = "0.7.0"  # see pyproject.toml',
            id="annotated-with-comment",
        ),
        pytest.param(
            '__version__: Final[str] = "0.5.0"', '__version__: Final[str] = "0.7.0"', id="final"
        ),
        pytest.param(
            '__version__ = "0.5.0"; x = 1', '__version__ = "0.7.0"; x = 1', id="statement"
        ),
        pytest.param('__version__ = "anything"', '__version__ = "0.7.0"', id="whatever-the-value"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""], ids=["lf", "crlf", "no-end"])
def test_a_version_literal_is_set(before: str, after: str, end: str) -> None:
    source = f'"""It\'s a package."""{end or chr(10)}# "odd\n{{}}{end}'

    assert bump_literal(source.format(before), "0.7.0") == source.format(after)
    assert bump_literal(source.format(after), "0.7.0") == source.format(after)


def test_a_byte_order_mark_hides_no_literal() -> None:
    assert bump_literal("\ufeff__version__ = '0.5.0'\n", "0.7.0") == "\ufeff__version__ = '0.7.0'\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param('__version__ = importlib.metadata.version("x")\n', id="metadata"),
        pytest.param('try:\n    pass\nexcept E:\n    __version__ = "0.0.0-dev"\n', id="indented"),
        pytest.param('"""\n__version__ = "0.5.0"\n"""\n', id="docstring"),
        pytest.param("x = r'''\n__version__ = \"0.5.0\"\n'''\n", id="string"),
        pytest.param('# __version__ = "0.5.0"\n', id="comment"),
        pytest.param('__version__ = "0.5" + ".0"\n', id="expression"),
        pytest.param('__version__ = f"{x}"\n', id="f-string"),
        pytest.param('my__version__ = "0.5.0"\n', id="another-name"),
        pytest.param('__version__ == "0.5.0"\n', id="comparison"),
        pytest.param('"__version__"\n', id="in-all"),
        pytest.param("", id="empty"),
    ],
)
def test_other_ways_to_a_version_are_left_alone(source: str) -> None:
    assert bump_literal(source, "0.7.0") == source
