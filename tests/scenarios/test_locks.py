"""Locks that other programs than uv make, released to the end by those programs."""

from __future__ import annotations

import difflib
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from omninode_release.errors import ErrorCode, ToolMissing
from omninode_release.models.phase import Phase
from omninode_release.system.process import Programs
from support.backends import pack_backends
from support.cli import run_cli
from support.endings import break_phase, release, resume, state_of, worktree
from support.failures import fails
from support.gitrepo import commit_file, git, land, push_main, tree_of
from support.pypi_server import PyPIServer
from support.repos import configure, run_hooks
from support.trains import add_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("no_hooks")

PROJECT = """
[project]
name = "beta"
version = "0.4.0"
requires-python = ">=3.11,<4"
dependencies = [
    "alpha>=1.0.0,<2.0.0", # greetings
    "other>=1",
]
"""
POETRY = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
PDM = '[build-system]\nrequires = ["pdm-backend"]\nbuild-backend = "pdm.backend"\n'


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    """The folder index, behind an address as well."""
    pack_backends(small_org.index, "poetry-core", "pdm-backend", "setuptools")
    add_wheel(small_org, "other", "1.0.0")
    with PyPIServer(folder=small_org.index) as server:
        yield server
        server.unknown.clear()


def lock_by(org: Org, files: dict[str, str], *commands: list[str], **env: str) -> None:
    """Beta has these files instead of uv.lock, and what the commands make of them."""
    clone = org.clone("beta")
    git(clone, "rm", "--quiet", "uv.lock")
    for path, text in files.items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(text, encoding="utf-8")
    for command in commands:
        subprocess.run(
            command, cwd=clone, check=True, capture_output=True, env={**os.environ, **env}
        )
    (clone / ".pdm-python").unlink(missing_ok=True)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "build: another lock")
    git(clone, "push", "--quiet", "origin", "main")


def run_in(folder: Path, *argv: str) -> None:
    """Raises CalledProcessError where the program objects."""
    subprocess.run(argv, cwd=folder, check=True, capture_output=True)


def changed_lines(before: dict[str, str], after: dict[str, str], path: str) -> list[str]:
    lines = difflib.unified_diff(before[path].splitlines(), after[path].splitlines(), n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


def use_poetry(org: Org, index: PyPIServer) -> None:
    source = f'\n[[tool.poetry.source]]\nname = "ours"\nurl = "{index.url}/simple/"\n'
    files = {"pyproject.toml": POETRY + PROJECT + source, "src/beta/__init__.py": ""}
    lock_by(org, files, ["poetry", "lock", "--no-interaction"])


def test_a_poetry_lock_is_brought_up_to_date(small_org: Org, index: PyPIServer) -> None:
    use_poetry(small_org, index)
    add_wheel(small_org, "other", "1.5.0")
    before = tree_of(small_org.remote("beta"), "main")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    after = tree_of(small_org.remote("beta"), "main")
    changes = changed_lines(before, after, "poetry.lock")
    assert [line.partition("-py3")[0].partition("hash")[0] for line in changes] == [
        *('-version = "1.0.0"', '+version = "1.1.0"'),
        *('-    {file = "alpha-1.0.0', '-    {file = "alpha-1.0.0.tar.gz", '),
        *('+    {file = "alpha-1.1.0', '+    {file = "alpha-1.1.0.tar.gz", '),
        *("-content-", "+content-"),
    ]
    clone = small_org.clone("beta")
    git(clone, "pull", "--quiet", "origin", "main")
    run_in(clone, "poetry", "check", "--lock")


def hook_into(org: Org, entry: str) -> None:
    run_hooks(org)
    hook = {"id": "check", "name": "check", "language": "system", "pass_filenames": False}
    text = yaml.safe_dump({"repos": [{"repo": "local", "hooks": [{**hook, "entry": entry}]}]})
    land(org.remote("beta"), ".pre-commit-config.yaml", text, "ci: hooks")


def test_a_hook_that_holds_a_poetry_lock_to_its_hash_is_told_apart_in_a_rehearsal(
    small_org: Org, index: PyPIServer
) -> None:
    use_poetry(small_org, index)
    hook_into(small_org, "poetry check --lock")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "LINT       every hook passed" in ran.out
    assert ran.result is not None
    (told,) = (each for each in ran.result["warnings"] if " lint: " in each)
    assert told.startswith("unknown: beta lint: expected every pre-commit hook to pass in beta")
    assert told.endswith("→ the poetry.lock of a rehearsal is not that of the run")


def test_a_hook_that_takes_back_what_poetry_locked_is_refused(
    small_org: Org, index: PyPIServer
) -> None:
    use_poetry(small_org, index)
    hook_into(small_org, "sed -i 's/^version = .1.1.0./version = \"1.0.0\"/' poetry.lock")

    failure = fails(small_org, ErrorCode.LINT_FAILED, state="none")

    failure.says("to keep what this release wrote in beta, found alpha 1.0.0 in poetry.lock, not")


def use_pdm(org: Org, index: PyPIServer) -> None:
    source = f'\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{index.url}/simple/"\n'
    files = {"pyproject.toml": PDM + PROJECT + source, "src/beta/__init__.py": ""}
    lock_by(org, files, ["pdm", "lock"], PDM_USE_VENV="false", PDM_CHECK_UPDATE="false")


@pytest.mark.parametrize("place", ["an index", "the folder"])
def test_a_pdm_lock_is_brought_up_to_date(small_org: Org, index: PyPIServer, place: str) -> None:
    use_pdm(small_org, index)
    if place == "the folder":
        text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
        source = text[text.index("\n[[tool.pdm.source]]") :]
        land(small_org.remote("beta"), "pyproject.toml", text.replace(source, ""), "build: index")
    add_wheel(small_org, "other", "1.5.0")
    before = tree_of(small_org.remote("beta"), "main")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    after = tree_of(small_org.remote("beta"), "main")
    assert ".pdm-python" not in after
    changes = changed_lines(before, after, "pdm.lock")
    assert [line.partition("-py3")[0].partition("hash")[0] for line in changes] == [
        *("-content_", "+content_"),
        *('-version = "1.0.0"', '+version = "1.1.0"'),
        *('-    {file = "alpha-1.0.0', '-    {file = "alpha-1.0.0.tar.gz", '),
        *('+    {file = "alpha-1.1.0', '+    {file = "alpha-1.1.0.tar.gz", '),
    ]
    clone = small_org.clone("beta")
    git(clone, "pull", "--quiet", "origin", "main")
    run_in(clone, "pdm", "lock", "--check")


REVERSE = (
    """sed -i '/^    "other>=1",$/d; s/^dependencies = \\[/&\\n    "other>=1",/' pyproject.toml"""
)


@pytest.mark.parametrize("name", ["poetry.lock", "pdm.lock"])
def test_a_hook_after_which_a_lock_fits_no_more_is_refused(
    small_org: Org, index: PyPIServer, name: str
) -> None:
    """Both hash the requirements as they stand, in their order."""
    (use_poetry if name == "poetry.lock" else use_pdm)(small_org, index)
    is_read = REVERSE if name == "poetry.lock" else f"sed -i 's/^content_hash = .*/#/' {name}"
    configure(small_org, hooks_of={"beta": ["sh", "-c", is_read]})

    failure = fails(small_org, ErrorCode.LINT_FAILED, state="none")

    failure.says(f"to leave {name} and pyproject.toml in beta as they fit each other")


SPOIL = "sed -i 's/^other==1.*/other==1.5.0/' requirements.txt"
SORT = "sort -o requirements.txt requirements.txt"


@pytest.mark.parametrize(("script", "is_fine"), [(SPOIL, False), (SORT, True)])
def test_a_hook_may_sort_a_requirements_file_and_write_nothing_else_into_it(
    small_org: Org, index: PyPIServer, script: str, *, is_fine: bool
) -> None:
    del index
    use_requirements(
        small_org, ["uv", "pip", "compile", "pyproject.toml", "-o", "requirements.txt"]
    )
    add_wheel(small_org, "other", "1.5.0")
    configure(small_org, hooks_of={"beta": ["sh", "-c", script]})

    ran = release(small_org)

    assert (ran.code == 0) is is_fine, ran.err
    assert ("to leave requirements.txt and pyproject.toml in" in ran.err) is not is_fine
    lines = tree_of(small_org.remote("beta"), "main")["requirements.txt"].splitlines()
    assert (lines == sorted(lines)) is is_fine


SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


def use_requirements(org: Org, *commands: list[str]) -> None:
    """Requirements files that their programs make of the folder index."""
    files = {
        "pyproject.toml": SETUPTOOLS + PROJECT,
        "src/beta/__init__.py": "",
        "dev.in": "-c requirements.txt\nalpha\n",
        "by-hand-requirements.txt": "alpha==1.0.0\n",
    }
    folder = org.index.as_uri()
    lock_by(org, files, *commands, UV_FIND_LINKS=folder, PIP_FIND_LINKS=folder, UV_OFFLINE="1")


def test_requirements_files_are_made_again_each_by_its_program(
    small_org: Org, index: PyPIServer
) -> None:
    del index
    use_requirements(
        small_org,
        ["uv", "pip", "compile", "--universal", "pyproject.toml", "-o", "requirements.txt"],
        ["pip-compile", "--no-emit-find-links", "--generate-hashes", "-o", "dev-requirements.txt",
         "dev.in"],
    )  # fmt: skip
    add_wheel(small_org, "other", "1.5.0")
    before = tree_of(small_org.remote("beta"), "main")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    after = tree_of(small_org.remote("beta"), "main")
    assert changed_lines(before, after, "requirements.txt") == ["-alpha==1.0.0", "+alpha==1.1.0"]
    changes = changed_lines(before, after, "dev-requirements.txt")
    assert [line.partition(":")[0] for line in changes] == [
        *("-alpha==1.0.0 \\", "-    --hash=sha256", "-    --hash=sha256"),
        *("+alpha==1.1.0 \\", "+    --hash=sha256", "+    --hash=sha256"),
    ]
    assert after["by-hand-requirements.txt"] == "alpha==1.0.0\n"
    assert ran.result is not None
    assert [
        (each["what"], each["why"]) for each in ran.result["seen"] if each["kind"] == "lock"
    ] == [
        (
            "by-hand-requirements.txt line 1 (alpha==1.0.0)",
            (
                "its header names no program that made it; PIN writes alpha==1.1.0 into"
                " pyproject.toml alone; lock_of.beta can name a command that writes it"
            ),
        )
    ]


def test_a_requirements_file_that_was_made_without_an_index_is_made_so_again(
    small_org: Org, index: PyPIServer
) -> None:
    del index
    command = ["uv", "pip", "compile", "--no-index", "pyproject.toml", "-o", "requirements.txt"]
    use_requirements(small_org, command)
    configure(small_org, local={"checks": [], "index_only": True})
    before = tree_of(small_org.remote("beta"), "main")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    after = tree_of(small_org.remote("beta"), "main")
    assert changed_lines(before, after, "requirements.txt") == ["-alpha==1.0.0", "+alpha==1.1.0"]


def test_a_command_of_the_organisation_locks(small_org: Org, index: PyPIServer) -> None:
    use_pdm(small_org, index)
    script = "import pathlib\npathlib.Path('made.txt').write_text('made\\n')\n"
    land(small_org.remote("beta"), "lock.py", script, "build: a lock of our own")
    configure(small_org, lock_of={"beta": ["python3", "lock.py"]})

    ran = release(small_org)

    assert ran.code == 0, ran.err
    after = tree_of(small_org.remote("beta"), "main")
    assert after["made.txt"] == "made\n"
    assert state_of(small_org)["repos"]["beta"]["outputs"]["LOCK"]["files"] == ["made.txt"]


def test_a_lock_that_is_left_to_others_is_named(small_org: Org, index: PyPIServer) -> None:
    use_pdm(small_org, index)
    before = tree_of(small_org.remote("beta"), "main")
    configure(small_org, lock_of={"beta": "none"})

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert tree_of(small_org.remote("beta"), "main")["pdm.lock"] == before["pdm.lock"]
    assert "pdm.lock: lock of the release configuration says none" in ran.out


def test_two_locks_of_one_repository_are_both_brought_up_to_date(
    small_org: Org, index: PyPIServer
) -> None:
    del index
    clone, folder = small_org.clone("beta"), small_org.index.as_uri()
    command = ["uv", "pip", "compile", "pyproject.toml", "--universal", "-o", "requirements.txt"]
    env = {**os.environ, "UV_FIND_LINKS": folder, "UV_OFFLINE": "1"}
    subprocess.run(command, cwd=clone, check=True, capture_output=True, env=env)
    commit_file(clone, "requirements.txt", (clone / "requirements.txt").read_text(), "build: x")
    push_main(clone)
    before = tree_of(small_org.remote("beta"), "main")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    after = tree_of(small_org.remote("beta"), "main")
    assert changed_lines(before, after, "requirements.txt") == ["-alpha==1.0.0", "+alpha==1.1.0"]
    assert 'name = "alpha"\nversion = "1.1.0"' in after["uv.lock"]
    output = state_of(small_org)["repos"]["beta"]["outputs"]["LOCK"]
    assert (output["files"], output["moved"]) == (["uv.lock", "requirements.txt"], [])


def test_what_a_killed_program_left_is_taken_from_the_branch(
    small_org: Org, index: PyPIServer
) -> None:
    use_pdm(small_org, index)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LOCK, after_effect=False)
        assert release(small_org).code == 3
    tree = worktree(small_org, "beta")
    (tree / "pdm.lock").write_text("[[pack", encoding="utf-8")
    (tree / ".pdm-python").write_text("/nowhere", encoding="utf-8")
    before = tree_of(small_org.remote("beta"), "main")

    ran = resume(small_org, "--verbose")

    assert ran.code == 0, ran.err
    after = tree_of(small_org.remote("beta"), "main")
    assert ".pdm-python" not in after
    assert len(changed_lines(before, after, "pdm.lock")) == 8
    assert state_of(small_org)["repos"]["beta"]["outputs"]["LOCK"]["moved"] == []


# What is found before the gate.


def test_what_a_lock_leaves_in_the_tree_is_refused(small_org: Org, index: PyPIServer) -> None:
    """Where no hook runs, too: COMMIT would not take it, and LINT stops there."""
    del index
    backend = SETUPTOOLS.replace("setuptools.build_meta", "backend") + 'backend-path = ["."]\n'
    dynamic = PROJECT[: PROJECT.index("dependencies")] + 'dynamic = ["dependencies"]\n'
    settings = '\n[tool.setuptools.dynamic]\ndependencies = {file = "needs.txt"}\n'
    files = {
        "pyproject.toml": backend + dynamic + settings,
        "backend.py": "from setuptools.build_meta import *\nopen('left', 'w').close()\n",
        "needs.txt": "alpha>=1.0.0,<2.0.0\n",
        "src/beta/__init__.py": "",
    }
    argv = ["uv", "pip", "compile", "--no-index", "pyproject.toml", "-o", "requirements.txt"]
    lock_by(small_org, files, argv, ["rm", "left"], UV_FIND_LINKS=small_org.index.as_uri())
    configure(small_org, local={"checks": [], "index_only": True})

    failure = fails(small_org, ErrorCode.WORKTREE_DIRTY, state="none")

    failure.says("changed in beta by BUMP to LOCK, found ", "src/beta.egg-info/PKG-INFO", ", left.")
    failure.says("take out what makes them, or add them to .gitignore, on main of beta")
    assert failure.touched == set()


def test_a_poetry_that_would_write_another_form_is_refused(
    small_org: Org, index: PyPIServer
) -> None:
    use_poetry(small_org, index)
    text = tree_of(small_org.remote("beta"), "main")["poetry.lock"]
    old = text.replace(text.split(" ")[8], "1.8.3", 1)
    assert "Poetry 1.8.3 and" in old
    land(small_org.remote("beta"), "poetry.lock", old, "build: an old lock")

    failure = fails(small_org, ErrorCode.TOOL_MISSING, state="none")

    failure.says("expected Poetry 1.8 or a later 1.x, which wrote beta/poetry.lock, found 2.")
    failure.says("pipx install --force 'poetry>=1.8,<2'")
    assert failure.touched == set()


def test_poetry_and_a_folder_that_no_source_shows_are_refused(
    small_org: Org, index: PyPIServer
) -> None:
    use_poetry(small_org, index)
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    text = text[: text.index("\n[[tool.poetry.source]]")]
    land(small_org.remote("beta"), "pyproject.toml", text, "build: no source")

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says("expected an index in [[tool.poetry.source]] of beta/pyproject.toml")


def test_a_program_that_is_missing_is_told_with_how_to_install_it(
    small_org: Org, index: PyPIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_pdm(small_org, index)
    find = Programs.find

    def forget(self: Programs, name: str) -> str:
        if name == "pdm":
            raise ToolMissing(name)
        return find(self, name)

    monkeypatch.setattr(Programs, "find", forget)
    failure = fails(small_org, ErrorCode.TOOL_MISSING, state="none")
    alone = run_cli(small_org, "--dry-run", "--preflight", "beta")

    failure.says("the program 'pdm' was not found", "pipx install 'pdm>=2.17'", "lock_of.beta")
    assert alone.code == 0, alone.err
    assert "pdm.lock: no requirement of this release changes it" in alone.out


def test_a_kind_of_lock_that_is_not_there_is_refused(small_org: Org) -> None:
    configure(small_org, lock_of={"beta": "poetry"})

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says("expected poetry.lock in beta, as lock_of says, found none")
    failure.says("correct lock_of.beta in the release configuration")


def test_a_lock_without_its_package_is_refused_where_nothing_is_rehearsed(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    stub = 'version = 1\nrequires-python = ">=3.11"\n'
    land(small_org.remote("alpha"), "uv.lock", stub, "build: a lock")

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says("expected alpha in alpha/uv.lock, found a lock without it")
    failure.says(f"uv lock --project {small_org.clone('alpha')}, review that and commit it on main")


@pytest.mark.parametrize(("key", "said"), [("lock", "lock"), ("lock_of", "lock_of.alpha")])
def test_a_command_that_fails_is_told_with_the_key_that_names_it(
    small_org: Org, key: str, said: str
) -> None:
    configure(small_org, **{key: ["false"] if key == "lock" else {"alpha": ["false"]}})

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says(f"expected `false` ({said}) to end with 0")


@pytest.mark.usefixtures("only_steps", "no_hooks")
@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("poetry", "LOCK       no poetry.lock is tracked"),
        ("requirements", "LOCK       no requirements file that can be made again is tracked"),
        (["true"], "LOCK       nothing was changed"),
    ],
)
def test_a_step_that_locks_nothing_says_why(
    small_org: Org, lock: str | list[str], said: str
) -> None:
    configure(small_org, lock=lock)

    assert said in release(small_org).out


def test_what_poetry_cannot_resolve_is_refused_before_the_gate(
    small_org: Org, index: PyPIServer
) -> None:
    use_poetry(small_org, index)
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    text = text.replace('"other>=1"', '"other>=7"')
    land(small_org.remote("beta"), "pyproject.toml", text, "build: what is nowhere")

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says(
        "expected `poetry` to resolve in beta", "beta depends on other (>=7) which doesn't"
    )
    assert failure.touched == set()


def test_a_rehearsal_without_a_network_says_what_it_leaves_out(
    small_org: Org, index: PyPIServer
) -> None:
    use_poetry(small_org, index)

    ran = run_cli(small_org, "--dry-run", "--rehearse", "--offline")

    assert ran.code == 0, ran.err
    assert "beta lock: not locked, for a program that does it cannot be told to use no" in ran.out
