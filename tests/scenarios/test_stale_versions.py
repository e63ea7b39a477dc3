"""Files beside the manifest that hold the version: written, refused or named, never left stale."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from omninode_release.errors import ErrorCode
from support.backends import pack_backends
from support.cli import Terminal, run_cli
from support.failures import fails
from support.gitrepo import git, land, tree_of
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

BUMPVERSION = """\
[bumpversion]
current_version = 0.4.0

[bumpversion:file:README.rst]
search = /v{current_version}.svg
replace = /v{new_version}.svg

[bumpversion:file:docs/start.txt]

[bumpversion:file:Dockerfile]

[bumpversion:file:gone.txt]
"""
SETTING = "version_files.beta: [src/beta/_version.py]"
VERSION_PY = 'VERSION = "0.4.0"\nversion_info = (0, 4, 0)\n'


def _add(org: Org, path: str, text: str) -> None:
    land(org.remote("beta"), path, text, f"fix: {path}")
    git(org.clone("beta"), "fetch", "--quiet", "origin")


def _seen(org: Org, *args: str) -> list[tuple[str, str, str]]:
    ran = run_cli(org, "--dry-run", *args)
    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    return [(each["kind"], each["what"], each["why"]) for each in ran.result["seen"]]


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("src/beta/_version.py", '__version__ = "0.4.0"\n', 'line 1 (__version__ = "0.4.0")'),
        ("src/beta/__about__.py", '"""A."""\nVERSION = "0.4.0"\n', 'line 2 (VERSION = "0.4.0")'),
        ("src/beta/version.py", "version_info = (0, 4, 0)\n", "line 1 (version_info = (0, 4, 0))"),
        ("src/beta/VERSION.txt", "0.4.0\n", "line 1 (0.4.0)"),
        ("src/other/__init__.py", "__version__ = '0.4.0'\n", "line 1 (__version__ = '0.4.0')"),
    ],
)
def test_an_old_version_that_would_be_published_is_refused_before_the_gate(
    small_org: Org, path: str, text: str, place: str
) -> None:
    _add(small_org, path, text)

    failure = fails(small_org, ErrorCode.BUMP_FAILED, state="unchanged")

    failure.says(f"found {path} {place}: 0.4.1 would be published with it", "version_files.beta:")
    failure.says(f"[{path}]")


def test_the_setting_it_names_lets_bump_write_it(small_org: Org) -> None:
    _add(small_org, "src/beta/_version.py", VERSION_PY)
    _add(small_org, "docs/conf.py", "release = '0.4.0'\n")
    _add(small_org, "package.json", '{\n  "version": "0.4.0",\n  "x": "0.4.0"\n}\n')
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    _add(small_org, "pyproject.toml", text + '\n[tool.commitizen]\nversion = "0.4.0" # ours\n')
    files = ["src/beta/_version.py", "docs/conf.py", "package.json", "pyproject.toml"]
    configure(small_org, version_files={"beta": files})

    assert _seen(small_org) == []
    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    tree = tree_of(small_org.remote("beta"), "beta/v0.4.1")
    assert tree["src/beta/_version.py"] == 'VERSION = "0.4.1"\nversion_info = (0, 4, 1)\n'
    assert tree["docs/conf.py"] == "release = '0.4.1'\n"
    assert tree["package.json"] == '{\n  "version": "0.4.1",\n  "x": "0.4.0"\n}\n'
    assert '[tool.commitizen]\nversion = "0.4.1" # ours\n' in tree["pyproject.toml"]
    assert tree["pyproject.toml"].count("0.4.1") == 2
    with ZipFile(small_org.index / "beta-0.4.1-py3-none-any.whl") as wheel:
        assert b'VERSION = "0.4.1"' in wheel.read("beta/_version.py")


def test_the_version_of_the_last_tag_is_written_where_the_manifest_was_ahead(
    small_org: Org,
) -> None:
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    _add(small_org, "pyproject.toml", text.replace('"0.4.0"', '"0.4.1"'))
    _add(small_org, "src/beta/_version.py", VERSION_PY)
    fails(small_org, ErrorCode.BUMP_FAILED, state="unchanged").says(SETTING)
    configure(small_org, version_files={"beta": ["src/beta/_version.py"]})

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    tree = tree_of(small_org.remote("beta"), "main")
    assert tree["src/beta/_version.py"] == 'VERSION = "0.4.1"\nversion_info = (0, 4, 1)\n'


def test_a_file_that_holds_another_version_is_left_alone_by_the_setting(small_org: Org) -> None:
    _add(small_org, "src/beta/_version.py", VERSION_PY)
    configure(small_org, version_files={"beta": ["!src/beta/_version.py"]})

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert tree_of(small_org.remote("beta"), "main")["src/beta/_version.py"] == VERSION_PY


@pytest.mark.parametrize(
    ("path", "text", "what"),
    [
        ("docs/conf.py", "release = '0.4.0'\n", "line 1 (release = '0.4.0')"),
        ("Cargo.toml", '[package]\nversion = "0.4.0"\n', 'line 2 (version = "0.4.0")'),
        (".bumpversion.cfg", "[x]\ncurrent_version = 0.4.0\n", "line 2 (current_version = 0.4.0)"),
        ("setup.cfg", "[metadata]\nversion = 0.4.0\n", "line 2 (version = 0.4.0)"),
        ("setup.py", 'setup(version="0.4.0")\n', 'line 1 (setup(version="0.4.0"))'),
        ("CITATION.cff", "version: 0.4.0\n", "line 1 (version: 0.4.0)"),
        ("package.json", '{"version": "0.4.0"}', 'line 1 ({"version": "0.4.0"})'),
        ("tests/__init__.py", '__version__ = "0.4.0"\n', None),
        ("docs/conf.py", "release = '0.3.0'\n", None),
    ],
)
def test_one_that_is_not_published_is_named(
    small_org: Org, path: str, text: str, what: str | None
) -> None:
    _add(small_org, path, text)

    why = f"BUMP does not write it; version_files.beta: [{path}] lets it"
    assert _seen(small_org) == ([("version", f"{path} {what}", why)] if what else [])


def test_a_second_table_is_named_and_a_requirement_is_none(small_org: Org) -> None:
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    more = (
        '\n[tool.bumpversion]\ncurrent_version = "0.4.0"\n'
        '[tool.x.dependencies]\ny.version = "0.4.0"\n'
    )
    _add(small_org, "pyproject.toml", text + more)

    assert [what for _, what, _ in _seen(small_org)] == [
        "pyproject.toml tool.bumpversion.current_version"
    ]


def test_a_literal_that_was_forgotten_before_is_named(small_org: Org) -> None:
    _add(small_org, "src/beta/_version.py", '__version__ = "0.3.0"\n')

    assert _seen(small_org) == [
        (
            "version",
            'src/beta/_version.py: __version__ = "0.3.0"',
            f"it is not 0.4.0 or 0.4.1; {SETTING} lets BUMP write it",
        )
    ]


def test_a_crate_and_poetry_1_could_publish_what_their_files_say(small_org: Org) -> None:
    crate = (
        manifest("gamma", "0.4.0")
        .replace("uv_build>=0.8,<1", "maturin")
        .replace("uv_build", "maturin")
    )
    add_repo(
        small_org,
        "gamma",
        {"pyproject.toml": crate, "Cargo.toml": '[package]\nversion = "0.4.0"\n'},
        tag="v0.4.0",
    )
    poetry = (
        manifest("delta", "0.4.0")
        .replace("uv_build>=0.8,<1", "poetry-core")
        .replace('"uv_build"', '"poetry.core.masonry.api"')
    )
    add_repo(
        small_org,
        "delta",
        {"pyproject.toml": f'{poetry}\n[tool.poetry]\nversion = "0.4.0"\n'},
        tag="v0.4.0",
    )
    configure(
        small_org, graph={"tiers": [{"alpha": [], "gamma": [], "delta": []}, {"beta": ["alpha"]}]}
    )
    for repo in ("gamma", "delta"):
        land(small_org.remote(repo), "x", "", "fix: x")

    failure = fails(small_org, ErrorCode.BUMP_FAILED, "gamma", "delta", state="unchanged")

    failure.says('Cargo.toml line 2 (version = "0.4.0")', "version_files.gamma: [Cargo.toml]")
    failure.says("pyproject.toml tool.poetry.version", "version_files.delta: [pyproject.toml]")


def test_what_a_bump_tool_names_is_written_or_told(small_org: Org) -> None:
    _add(small_org, ".bumpversion.cfg", BUMPVERSION)
    _add(small_org, "README.rst", ".. |x| image:: /v0.4.0.svg\n")
    _add(small_org, "docs/start.txt", ":Version: 0.4.0\n")
    _add(small_org, "Dockerfile", "LABEL version=a\nRUN get b-0.4.0\n")
    files = [".bumpversion.cfg", "README.rst", "docs/start.txt"]
    told = [(what.partition(" ")[0], why) for _, what, why in _seen(small_org)]
    assert [path for path, _ in told] == [*files, "Dockerfile"]
    assert told[-1][1].endswith("BUMP cannot write it; a command of after_bump.beta can")
    configure(small_org, version_files={"beta": files})

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    tree = tree_of(small_org.remote("beta"), "main")
    assert tree[".bumpversion.cfg"] == BUMPVERSION.replace("0.4.0", "0.4.1")
    assert tree["README.rst"] == ".. |x| image:: /v0.4.1.svg\n"
    assert tree["docs/start.txt"] == ":Version: 0.4.1\n"
    assert "b-0.4.0" in tree["Dockerfile"]


def test_the_lock_of_a_crate_goes_along(small_org: Org) -> None:
    lock = '[[package]]\nname = "beta"\nversion = "0.4.0"\n'
    _add(small_org, "Cargo.lock", lock)
    _add(small_org, "Cargo.toml", '[package]\nname = "beta"\nversion = "0.4.0"\n')
    configure(small_org, version_files={"beta": ["Cargo.toml"]})

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert tree_of(small_org.remote("beta"), "main")["Cargo.lock"] == lock.replace("0.4.0", "0.4.1")


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("src/beta/cli.py", None, "in which nothing holds 0.4.0"),
        (
            "Cargo.toml",
            '[package]\nversion = "0.4.0"\n[x.y]\nversion = "0.4.0"\n',
            "in which line 2 (",
        ),
        ("pyproject.toml", None, "no table of which but its own holds 0.4.0"),
        ("src/beta/latin.py", "latin", "which is not UTF-8 text"),
    ],
)
def test_a_version_file_in_which_nothing_would_change_is_refused(
    small_org: Org, path: str, text: str | None, found: str
) -> None:
    if text == "latin":
        clone = small_org.clone("beta")
        (clone / path).write_bytes(b'__version__ = "0.4.0" # \xe9\n')
        git(clone, "add", path)
        git(clone, "commit", "--quiet", "--message", "fix: x")
        git(clone, "push", "--quiet", "origin", "main")
    elif text is not None:
        _add(small_org, path, text)
    configure(small_org, version_files={"beta": [path]})

    failure = fails(small_org, ErrorCode.BUMP_FAILED, state="unchanged")

    failure.says(f"version_files of beta names {path}, {found}", "correct version_files.beta")


def test_a_version_file_may_not_leave_the_repository_by_a_mark(small_org: Org) -> None:
    configure(small_org, version_files={"beta": ["!../x.py"]})

    fails(small_org, ErrorCode.CONFIG_INVALID).says("'!../x.py' leaves the repository")


def _hold_in_init(org: Org, *more: str) -> None:
    """Let beta's version stand in its __init__, with ``more`` beside it."""
    pack_backends(org.index, "flit-core")
    text = tree_of(org.remote("beta"), "main")["pyproject.toml"]
    for old, new in (
        ('version = "0.4.0"', 'dynamic = ["version"]'),
        ('["uv_build>=0.8,<1"]', '["flit_core"]'),
        ('"uv_build"', '"flit_core.buildapi"'),
    ):
        text = text.replace(old, new)
    lines = "\n".join(['"""Beta."""', '__version__ = "0.4.0"', *more])
    _add(org, "src/beta/__init__.py", lines + "\n")
    _add(org, "pyproject.toml", text)


@pytest.mark.usefixtures("no_hooks")
def test_a_second_place_of_the_file_that_decides_can_be_named(small_org: Org) -> None:
    _hold_in_init(small_org, "__version_info__ = (0, 4, 0)")
    failure = fails(small_org, ErrorCode.BUMP_FAILED, state="unchanged")
    failure.says("(__version_info__ = (0, 4, 0))", "version_files.beta: [src/beta/__init__.py]")

    configure(
        small_org,
        version_files={"beta": ["src/beta/__init__.py"]},
        local={"checks": [], "index_only": True},
    )

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert tree_of(small_org.remote("beta"), "beta/v0.4.1")["src/beta/__init__.py"] == (
        '"""Beta."""\n__version__ = "0.4.1"\n__version_info__ = (0, 4, 1)\n'
    )


def test_it_can_be_called_the_version_of_something_else(small_org: Org) -> None:
    _hold_in_init(small_org, "version_info = (0, 4, 0)")
    configure(small_org, version_files={"beta": ["!src/beta/__init__.py"]})

    ran = run_cli(small_org, "--dry-run", "--offline")

    assert ran.result is not None
    assert [each["new_version"] for each in ran.result["details"]] == ["1.1.0", "0.4.1"]


def test_a_tuple_that_says_it_is_no_release_is_refused(small_org: Org) -> None:
    _hold_in_init(small_org, 'version_info = (0, 4, 0, "beta", 0)')
    configure(small_org, version_files={"beta": ["src/beta/__init__.py"]})

    failure = fails(small_org, ErrorCode.BUMP_FAILED, state="unchanged")

    failure.says("line 3", "found 'beta' in it", "write 'final' in its place")
