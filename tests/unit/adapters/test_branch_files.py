"""Files in a branch that several machines write, with real git."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git import Git
from omninode_release.adapters.git.branch_files import BranchFiles, Overtaken
from omninode_release.errors import CommandFailed
from omninode_release.system.process import Programs
from support.cli import MOMENT
from support.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.system.process import Completed

_INIT = ("init", "--quiet", "--bare", "--template=", ".")


@pytest.fixture
def remote(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An empty one, or one of a hash that a test names, with a commit unless it says empty."""
    *empty, form = getattr(request, "param", "empty sha1").split()
    made, hashed = tmp_path / "remote.git", f"--object-format={form}"
    git(tmp_path, "init", "--quiet", "--bare", "--template=", hashed, "-b", "main", made.name)
    if not empty:
        tree = git(made, "write-tree")
        git(made, "update-ref", "refs/heads/main", git(made, "commit-tree", "-m", "a", tree))
    return made


def machine(remote: Path, name: str, kind: type[Git] = Git) -> BranchFiles:
    mirror = remote.parent / name
    mirror.mkdir()
    files = BranchFiles(kind(mirror, Programs(os.environ)), "state", "A Test <a@tests.example>")
    files.open(str(remote))
    files.fetch()
    return files


def write(
    files: BranchFiles, changes: Mapping[str, bytes | None], about: str = "one"
) -> str | None:
    return files.change(changes, "a change", about=about, expected=files.folder(about), at=MOMENT)


def test_files_are_written_deleted_and_read_by_another(remote: Path) -> None:
    here, there = machine(remote, "here"), machine(remote, "there")

    write(here, {"one/a": "ä\n".encode(), "one/b": b"1"})
    write(here, {"one/a": None, "two/c": b""})

    assert there.read("one/b") is None
    there.fetch()
    assert (there.read("one/a"), there.read("one/b"), there.read("two/c")) == (None, b"1", b"")
    assert there.list_files() == ("one/b", "two/c")
    assert git(remote, "rev-list", "--count", "state") == "2"


class Prefers256(Git):
    """What init.defaultObjectFormat does to git 2.46 and later."""

    def __call__(self, *args: str, **options: Any) -> Completed:
        preferred = ("--object-format=sha256",) if args == _INIT else ()
        return super().__call__(*args[:1], *preferred, *args[1:], **options)


@pytest.mark.parametrize("kind", [Git, Prefers256])
@pytest.mark.parametrize("remote", ["empty sha1", "sha1", "sha256"], indirect=True)
def test_the_hash_is_that_of_the_remote_whichever_the_user_prefers(
    remote: Path, kind: type[Git]
) -> None:
    files = machine(remote, "mirror", kind)
    write(files, {"one/a": b"1"})
    other = machine(remote, "other", kind)

    assert (other.read("one/a"), other.list_files()) == (b"1", ("one/a",))


def test_a_change_of_another_folder_in_between_stays(remote: Path) -> None:
    here, there = machine(remote, "here"), machine(remote, "there")

    write(here, {"one/a": b"1"})
    write(there, {"two/a": b"2"}, about="two")
    write(here, {"one/a": b"3"})

    there.fetch()
    assert (there.read("one/a"), there.read("two/a")) == (b"3", b"2")
    assert git(remote, "rev-list", "--count", "--first-parent", "state") == "3"


def test_a_change_of_the_same_folder_in_between_is_never_overwritten(remote: Path) -> None:
    here, there = machine(remote, "here"), machine(remote, "there")
    write(here, {"one/a": b"1"})

    with pytest.raises(Overtaken):
        write(there, {"one/a": b"2"})

    assert there.read("one/a") == b"1"


def test_a_push_that_landed_and_whose_answer_was_lost_counts(remote: Path) -> None:
    class Deaf(Git):
        def push(self, *specs: str) -> None:
            super().push(*specs)
            write(there, {"two/a": b"2"}, about="two")
            raise CommandFailed(
                ("git", "push"), cwd="", returncode=128, stdout="", stderr="hung up", seconds=0
            )

    there = machine(remote, "there")
    here = machine(remote, "here", Deaf)

    made = write(here, {"one/a": b"1"})

    assert made == here.folder("one")
    assert git(remote, "rev-list", "--count", "state") == "2"


def test_a_remote_that_takes_nothing_is_not_asked_for_ever(remote: Path) -> None:
    here = machine(remote, "here")
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)

    with pytest.raises(CommandFailed, match="not today"):
        write(here, {"one/a": b"1"})


def test_a_branch_that_is_deleted_is_not_there(remote: Path) -> None:
    here = machine(remote, "here")
    write(here, {"one/a": b"1"})
    git(remote, "update-ref", "-d", "refs/heads/state")

    here.fetch()

    assert here.read("one/a") is None
    write(here, {"one/a": b"2"})
    assert git(remote, "show", "state:one/a") == "2"


def test_a_torn_mirror_of_a_remote_that_is_away_is_not_what_is_told(remote: Path) -> None:
    here = machine(remote, "here")
    write(here, {"one/a": b"1"})
    git(here.git.path, "commit-graph", "write", "--reachable")
    graph = here.git.path / "objects" / "info" / "commit-graph"
    graph.chmod(0o644)
    graph.write_bytes(graph.read_bytes()[:300])
    remote.rename(remote.with_name("away.git"))

    with pytest.raises(CommandFailed, match="does not appear to be a git repository"):
        here.fetch()
