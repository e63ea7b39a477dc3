"""``omni-release install-skill``: what it writes, and what it leaves alone."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from omninode_release import __version__
from omninode_release.commands.main import main

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "SKILL.md",
    "prompt.md",
    "references/commands.md",
    "references/errors.md",
    "references/result.md",
    "references/rules.md",
    "topics.yaml",
)


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def install(*args: str, **environ: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    code = main(["install-skill", *args], environ={**os.environ, **environ}, stdout=out, stderr=err)
    return Ran(code, out.getvalue(), err.getvalue())


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_writes_the_files_and_says_which_version_they_are_of(tmp_path: Path) -> None:
    ran = install("--dest", str(tmp_path))

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Installed omninode-release {__version__} in {tmp_path}/release\n")
    assert sorted(contents(tmp_path / "release")) == sorted(FILES)
    for name, data in contents(tmp_path / "release").items():
        own = (ROOT / name).read_bytes()
        assert data.startswith(own)
        assert f"installed by omninode-release {__version__}, sha256 ".encode() in data[len(own) :]
    assert yaml.safe_load((tmp_path / "release/topics.yaml").read_bytes())["topics"]
    assert (tmp_path / "release/SKILL.md").read_text(encoding="utf-8").startswith("---\n")


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    install("--dest", str(tmp_path))
    before = {path: path.stat().st_ino for path in (tmp_path / "release").rglob("*")}

    ran = install("--dest", str(tmp_path))

    assert ran.code == 0
    assert ran.out.startswith(f"Up to date: omninode-release {__version__}")
    assert {path: path.stat().st_ino for path in (tmp_path / "release").rglob("*")} == before


def test_files_of_another_version_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omninode_release.commands.install_skill.__version__", "0.0.9")
    install("--dest", str(tmp_path))
    monkeypatch.undo()

    ran = install("--dest", str(tmp_path))

    assert ran.code == 0
    assert ran.out.count("replaced") == len(FILES)
    assert all(b"0.0.9" not in data for data in contents(tmp_path / "release").values())


def test_the_users_folder_is_found_without_being_named(tmp_path: Path) -> None:
    config, home = tmp_path / "config", tmp_path / "home"

    assert install(CLAUDE_CONFIG_DIR=str(config)).code == 0
    assert install(HOME=str(home)).code == 0

    assert sorted(contents(config / "skills" / "release")) == sorted(FILES)
    assert sorted(contents(home / ".claude" / "skills" / "release")) == sorted(FILES)


@pytest.mark.parametrize("args", [(), ("--remove",)], ids=["install", "remove"])
@pytest.mark.parametrize("spoilt", FILES)
def test_a_file_of_somebody_else_is_left_alone(
    tmp_path: Path, args: tuple[str, ...], spoilt: str
) -> None:
    theirs = tmp_path / "release" / spoilt
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine\n", encoding="utf-8")

    ran = install("--dest", str(tmp_path), *args)

    assert ran.code == 2
    assert f"found files that it did not write: {theirs}." in ran.err
    assert contents(tmp_path / "release") == {spoilt: b"mine\n"}


@pytest.mark.parametrize("args", [(), ("--remove",)], ids=["install", "remove"])
def test_a_file_that_was_edited_is_left_alone(tmp_path: Path, args: tuple[str, ...]) -> None:
    install("--dest", str(tmp_path))
    edited = tmp_path / "release" / "prompt.md"
    text = edited.read_text(encoding="utf-8").replace("## Phase 2", "## No phase")
    edited.write_text(text, encoding="utf-8")
    before = contents(tmp_path / "release")

    ran = install("--dest", str(tmp_path), *args)

    assert ran.code == 2
    assert f"found files edited since: {edited}." in ran.err
    assert contents(tmp_path / "release") == before


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine\n", encoding="utf-8")
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "SKILL.md").symlink_to(target)

    assert install("--dest", str(tmp_path)).code == 2
    assert target.read_text(encoding="utf-8") == "mine\n"


def test_removing_takes_what_it_wrote_and_nothing_else(tmp_path: Path) -> None:
    install("--dest", str(tmp_path / "alone"))
    install("--dest", str(tmp_path / "shared"))
    notes = tmp_path / "shared" / "release" / "notes.md"
    notes.touch()

    alone, shared = (
        install("--dest", str(tmp_path / name), "--remove") for name in ("alone", "shared")
    )

    assert (alone.code, shared.code) == (0, 0)
    assert alone.out == f"Removed {', '.join(FILES)} from {tmp_path}/alone/release\n"
    assert not (tmp_path / "alone" / "release").exists()
    assert list(notes.parent.iterdir()) == [notes]
    again = install("--dest", str(tmp_path / "alone"), "--remove")
    assert again == (0, f"Nothing of ours in {tmp_path}/alone/release\n", "")


def test_a_project_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    monkeypatch.chdir(here)

    assert (install("--project").code, install("--project", str(there)).code) == (0, 0)

    for project in (here, there):
        assert sorted(contents(project / ".claude" / "skills" / "release")) == sorted(FILES)
    assert install("--project", "--remove").code == 0
    assert contents(here) == {}
    assert contents(there) != {}


def test_a_project_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    ran = install("--project", str(tmp_path / "typo"))

    assert ran.code == 2
    assert f"expected --project to name a folder, found none at {tmp_path}/typo." in ran.err
    assert contents(tmp_path) == {}
    both = install("--project", str(tmp_path), "--dest", str(tmp_path))
    assert (both.code, contents(tmp_path)) == (2, {})


@pytest.mark.parametrize("args", [(), ("--remove",)], ids=["install", "remove"])
def test_references_that_are_a_link_are_not_written_through(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "release"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / "references").symlink_to(elsewhere)

    ran = install("--dest", str(tmp_path), *args)

    assert ran.code == 2
    assert f"found files that it did not write: {folder / 'references'}." in ran.err
    assert contents(elsewhere) == {}


@pytest.mark.parametrize("args", [("--dest",), ("somewhere",), ("--erase",)])
def test_it_takes_nothing_else(args: tuple[str, ...]) -> None:
    ran = install(*args)

    assert ran.code == 2
    assert ran.err.startswith("USAGE_ERROR: install-skill: ")


def test_its_help_names_what_it_takes() -> None:
    ran = install("--help")

    assert ran.code == 0
    assert "--dest DIR" in ran.out
    assert "--project [DIR]" in ran.out
    assert "--remove" in ran.out


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "release").touch()

    ran = install("--dest", str(tmp_path))

    assert ran.code == 2
    assert f"expected a folder to write to at {tmp_path}/release, found: " in ran.err


@pytest.mark.parametrize("args", [(), ("--remove",)])
def test_a_folder_that_is_a_link_is_not_written_through(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "release").symlink_to(tmp_path / "real")

    ran = install("--dest", str(tmp_path), *args)

    assert ran.code == 2
    assert f"found files that it did not write: {tmp_path / 'release'}." in ran.err
    assert contents(tmp_path / "real") == {}
