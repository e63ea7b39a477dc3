"""A source is taken out of a manifest, and nothing else."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_release.errors import ReleaseError
from omninode_release.models.plan import PlannedPin
from omninode_release.text.manifest_edit import find_planned_pins, write_planned_pins
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.pins.sources import find_source, remove_sources

WHERE = "beta/pyproject.toml"
HEAD = '# alpha comes from git\n[project]\nname = "beta"\ndependencies = [ "alpha>=1", "httpx" ]\n'
GIT = '{ git = "https://git.example/alpha", tag = "v1" }'


def freed(text: str) -> str:
    return remove_sources(text, ["alpha"], where=WHERE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"[tool.uv.sources]\nAlpha = {GIT} # now\nx = 1\n", "[tool.uv.sources]\nx = 1\n"),
        (f"[tool.uv.sources]\r\nalpha = {GIT}\r\n", "[tool.uv.sources]\r\n"),
        ("[tool.uv.sources]\nalpha = { workspace = true }", "[tool.uv.sources]\n"),
        (
            '[tool.uv.sources]\nalpha.git = "https://a"\nalpha.tag = "v1"\nb.path = "b"\n',
            '[tool.uv.sources]\nb.path = "b"\n',
        ),
        (
            '[tool.uv.sources.alpha]\ngit = "https://a"\n\n[tool.uv.sources.b]\npath = "b"\n',
            '\n[tool.uv.sources.b]\npath = "b"\n',
        ),
        (
            '[tool.uv.sources]\nalpha = [\n  { git = "a" },\n  { path = "b" },\n]\nb = 1\n',
            "[tool.uv.sources]\nb = 1\n",
        ),
        ('[tool.uv]\nsources = { alpha = { path = "a" } }\n', "[tool.uv]\n"),
        (
            '[tool.poetry.dependencies]\nalpha = { path = "../alpha", develop = true } # x\n',
            '[tool.poetry.dependencies]\nalpha = "*" # x\n',
        ),
        (
            '[tool.poetry.dependencies]\nalpha = {git = "a", rev = "b", extras = ["x"]}\r\n',
            '[tool.poetry.dependencies]\nalpha = {version = "*", extras = ["x"]}\r\n',
        ),
        (
            "[dependency-groups]\ndev = [\"alpha[x] @ git+https://a@v1 ; os_name == 'nt'\"]\n",
            "[dependency-groups]\ndev = [\"alpha[x] ; os_name == 'nt'\"]\n",
        ),
        # Nothing to take out.
        ('[tool.uv.sources]\nalpha = { index = "ours" }\n',) * 2,
        ('[tool.uv.sources]\nalpha-beta = { path = "a" }\n',) * 2,
    ],
)
def test_a_source_is_taken_out(before: str, after: str) -> None:
    assert freed(HEAD + before) == HEAD + after
    assert freed(HEAD + after) == HEAD + after


@pytest.mark.parametrize(
    "text",
    [
        # Shares its line with another.
        '[tool.uv]\nsources = { alpha = { path = "a" }, b = { path = "b" } }\n',
        # Says an index for one platform, too.
        '[tool.uv.sources]\nalpha = [{ index = "ours", marker = "x" }, { path = "a" }]\n',
        # Stands on several lines.
        '[tool.poetry.dependencies.alpha]\ngit = "a"\ntag = "v1"\n',
        '[tool.poetry.dependencies]\nalpha = [{ path = "a", python = "<3.12" }, { path = "b" }]\n',
    ],
)
def test_what_has_no_line_of_its_own_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        freed(HEAD + text)

    assert caught.value.code == "PIN_FAILED"
    assert f"{WHERE}:" in caught.value.text
    assert "alpha" in caught.value.text
    assert "Next: write it as one line" in caught.value.text


def test_where_it_was_taken_from_is_told() -> None:
    uv = tomllib.loads(f"[tool.uv.sources]\nalpha = {GIT}\n")
    direct = tomllib.loads('[project]\ndependencies = ["alpha @ git+https://a@v1"]\n')

    assert find_source(uv, "alpha") == '{git = "https://git.example/alpha", tag = "v1"}'
    assert find_source(direct, "alpha") == "@ git+https://a@v1"
    assert find_source(uv, "beta") is None


def test_a_planned_pin_tells_what_was_there_and_is_found_again() -> None:
    text = (
        '[project]\ndependencies = ["alpha @ git+https://a@v1"]\n'
        "[dependency-groups]\ndev = ['alpha']\n"
        f"[tool.uv.sources]\nalpha = {GIT}\n"
    )
    pin = PlannedPin(repo="alpha", distribution="alpha", version="1.1.0", source="git")

    read = {MANIFEST: text}.get
    found = find_planned_pins(read, [pin])
    edit = write_planned_pins(read, [pin])

    assert [(each.before, each.after) for each in found] == [
        ("alpha @ git+https://a@v1", "alpha==1.1.0"),
        ("alpha", "alpha==1.1.0"),
    ]
    assert edit.changed == tuple(found)
    assert edit.texts[MANIFEST] == (
        '[project]\ndependencies = ["alpha==1.1.0"]\n'
        "[dependency-groups]\ndev = ['alpha==1.1.0']\n[tool.uv.sources]\n"
    )
    again = write_planned_pins(edit.texts.get, [pin])
    assert (again.texts, again.changed) == (edit.texts, ())
    with pytest.raises(ReleaseError):
        write_planned_pins(read, [pin.model_copy(update={"source": None})])


COMMENT = st.sampled_from(["", " # alpha", " # { git = 'alpha' }", "\t# \u2028alpha = 1", " # '''"])
OTHERS = st.lists(
    st.sampled_from(
        ['b = { path = "alpha" }\n', "# alpha = { path = 'x' }\n", "\n", 'alphas.git = "alpha"\n']
    ),
    unique=True,
)
ENTRY = st.sampled_from(
    [f"alpha = {GIT}", f'"Alpha" = {GIT}', "'alpha' = { path = \"alpha\" }", 'ALPHA.git = "alpha"']
)


@settings(derandomize=True, max_examples=200)
@given(OTHERS, ENTRY, COMMENT, OTHERS, st.sampled_from(["\n", "\r\n"]))
def test_every_other_line_stays(
    above: list[str], entry: str, comment: str, below: list[str], end: str
) -> None:
    below = [each for each in below if each not in above or each.startswith(("#", "\n"))]
    start, rest = HEAD + "[tool.uv.sources]\n" + "".join(above), "".join(below)
    text = f"{start}{entry}{comment}\n{rest}".replace("\n", end)

    assert freed(text) == f"{start}{rest}".replace("\n", end)
