"""What others have written is read and never carried out, and leads nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Ran, Terminal, run_cli
from support.failures import fails
from support.gitrepo import commit_file, git, land, push_main
from support.patience import wait_until
from support.repos import configure, hook, manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


@pytest.fixture(autouse=True)
def _any_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a user's machine: the tests' own allow-list would hide what is shown here."""
    monkeypatch.delenv("GIT_ALLOW_PROTOCOL")


# Folders that look like repositories.


def _trap(folder: Path, mark: Path) -> None:
    """A repository whose configuration runs a command as soon as an object is missing."""
    git(folder.parent, "init", "--quiet", "--bare", "--template=", "-b", "main", str(folder))
    tree = git(folder, "hash-object", "-t", "tree", "-w", "--stdin")
    commit = git(folder, "commit-tree", tree, "-m", "feat: bait")
    for ref in ("refs/heads/main", "refs/remotes/origin/main"):
        git(folder, "update-ref", ref, commit)
    (folder / "objects" / commit[:2] / commit[2:]).unlink()
    for key, value in {
        "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1",
        "core.fsmonitor": f"touch {mark}",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::sh -c touch% {mark}",
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
    }.items():
        git(folder, "config", key, value)


def test_the_trap_works(small_org: Org, tmp_path: Path) -> None:
    trap, mark = tmp_path / "trap", tmp_path / "mark"
    _trap(trap, mark)
    with pytest.raises(AssertionError):
        git(trap, "log", "main")

    assert mark.exists()
    assert not small_org.clone("trap").exists()


@pytest.mark.parametrize("inside", ["", ".git"], ids=["a plain folder", "a repository"])
@pytest.mark.parametrize("name", ["gamma", "gamma.git", "alpha"])
def test_a_folder_that_looks_like_a_repository_runs_nothing(
    small_org: Org, tmp_path: Path, inside: str, name: str
) -> None:
    mark = tmp_path / "mark"
    if name == "alpha":
        small_org.clone("alpha").rename(tmp_path / "away")
    folder = small_org.omni_home / name
    folder.mkdir()
    _trap(folder / inside, mark)
    if inside:
        git(folder / inside, "config", "core.bare", "false")

    ran = run_cli(small_org, "--dry-run", "--offline")

    assert not mark.exists()
    if name == "alpha":
        assert ran.code != 70
        assert "alpha" in ran.err + ran.out
    else:
        assert (ran.code, ran.err) == (0, "")


def test_a_git_folder_that_is_none_does_not_lead_to_the_folder_around_it(
    small_org: Org, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    for name in ("gamma", "beta"):
        folder = small_org.omni_home / name
        if folder.exists():
            folder.rename(tmp_path / name)
        _trap(folder, mark)
        (folder / ".git").mkdir()

    run_cli(small_org, "--dry-run", "--offline")

    assert not mark.exists()


@pytest.mark.parametrize("until", ["a plan", "the gate"])
def test_reading_runs_no_hook(small_org: Org, tmp_path: Path, until: str) -> None:
    mark, clone = tmp_path / "mark", small_org.clone("alpha")
    land(small_org.remote("alpha"), "x.txt", "x\n", "fix: to be fetched")
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        hook(clone, name, f"touch {mark}")
        git(clone, "config", f"hook.at-{name}.command", f"touch {mark}; true")
        git(clone, "config", f"hook.at-{name}.event", name)  # of git 2.54 and later
    mark.unlink(missing_ok=True)

    if until == "a plan":
        assert run_cli(small_org, "--dry-run", "--offline").code == 0
    else:
        rejected = run_cli(small_org, stdin=Terminal("reject\n"))
        assert rejected.err.startswith("GATE_REJECTED"), rejected.err

    assert not mark.exists()


def test_a_partial_clone_that_lacks_what_is_read_says_how_to_complete_it(
    small_org: Org,
) -> None:
    clone, remote = small_org.clone("alpha"), small_org.remote("alpha")
    git(remote, "config", "uploadpack.allowFilter", "true")
    land(remote, "pyproject.toml", manifest("alpha", "1.0.0"), "fix: newer than the clone")
    command = ("clone", "--quiet", "--filter=blob:none", "--no-checkout", remote.as_uri())
    git(small_org.omni_home, *command, "new")
    clone.rename(small_org.root / "away")
    (small_org.omni_home / "new").rename(clone)

    ran = run_cli(small_org, "alpha", "--dry-run", "--offline", "--strict")

    assert "a partial clone that has left it out" in ran.out
    hint = f"git -C {clone} fetch --refetch --no-filter origin"
    assert hint in ran.out
    git(clone, *hint.split()[3:])
    assert run_cli(small_org, "alpha", "--dry-run", "--offline", "--strict").code == 0


# Names that look like lines.


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\u0085", "\u3000"])
def test_a_tag_whose_name_holds_what_ends_a_line_elsewhere_stops_nobody(
    small_org: Org, odd: str
) -> None:
    for repo in ("alpha", "beta"):
        git(small_org.remote(repo), "tag", f"v9{odd}x", "main")
        git(small_org.remote(repo), "tag", f"{odd}", "main")
        git(small_org.clone(repo), "fetch", "--quiet", "--tags", "origin")

    for args in (("--dry-run",), ("--dry-run", "--offline")):
        ran = run_cli(small_org, *args)
        assert (ran.code, ran.err) == (0, "")
    ran = run_cli(small_org, stdin=Terminal("approve\n"))
    assert (ran.code, ran.err) == (0, "")


# Links that lead elsewhere.


def _link(org: Org, repo: str, path: str, target: str) -> None:
    """A colleague commits a symbolic link."""
    clone = org.clone(repo)
    git(clone, "pull", "--quiet", "--rebase", "origin", "main")
    link = clone / path
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    git(clone, "add", "--", path)
    git(clone, "commit", "--quiet", "--message", "chore: a link", "--", path)
    git(clone, "push", "--quiet", "origin", "main")


_LINKS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "an absolute link": ("data", str),
    "a link that leaves": ("data/deep", lambda _: "../../../elsewhere"),
    "a link to a folder above": ("up", lambda _: ".."),
    "a changelog elsewhere": ("CHANGELOG.md", lambda folder: str(folder / "CHANGELOG.md")),
    "a changelog of the same repository": ("CHANGELOG.md", lambda _: "notes.md"),
    "a manifest elsewhere": ("pyproject.toml", lambda _: "src/pyproject.toml"),
    "a lock elsewhere": ("uv.lock", lambda _: "src/uv.lock"),
}


@pytest.mark.parametrize(("path", "target"), _LINKS.values(), ids=_LINKS)
def test_a_link_a_release_could_follow_is_refused_before_the_gate(
    small_org: Org, tmp_path: Path, path: str, target: Callable[[Path], str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    clone = small_org.clone("alpha")
    if (clone / path).is_file():
        git(clone, "rm", "--quiet", path)
        git(clone, "commit", "--quiet", "--message", "chore: make room")
        push_main(clone)
    _link(small_org, "alpha", path, target(elsewhere))

    failure = fails(small_org, ErrorCode.SCAN_FAILED)

    failure.says("alpha", path, "symbolic link")
    assert (elsewhere / "CHANGELOG.md").read_text(encoding="utf-8") == "# Changelog\n"
    assert run_cli(small_org, "beta", "--dry-run").code == 0


def test_a_link_that_stays_inside_is_nobodys_business(small_org: Org) -> None:
    _link(small_org, "alpha", "src/alpha/latest.py", "__init__.py")
    _link(small_org, "alpha", "examples/code", "../src")

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")


def test_a_file_named_like_the_package_is_no_folder_of_it(small_org: Org) -> None:
    commit_file(small_org.clone("alpha"), "alpha", "#!/bin/sh\n", "feat: a script")
    push_main(small_org.clone("alpha"))

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")


def test_what_git_leaves_out_of_an_archive_is_built_all_the_same(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    commit_file(clone, ".gitattributes", "src export-ignore\n*.toml export-subst\n", "chore: odd")
    push_main(clone)

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert sorted(path.name for path in small_org.index.glob("alpha-1.1.0*"))


# Files that are no files.


@pytest.mark.parametrize("plant", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_a_configuration_that_is_no_file_ends_at_once(
    small_org: Org, plant: Callable[[Path], None]
) -> None:
    path = small_org.omni_home / "release.yaml"
    path.rename(small_org.root / "release.yaml")
    plant(path)

    ran = run_cli(small_org, "--dry-run")

    assert ran.code == 2
    assert ran.err.startswith(f"CONFIG_INVALID: expected a configuration file at {path}, found: it")


@pytest.mark.parametrize(
    ("plant", "what"),
    [
        (os.mkfifo, "a named pipe"),
        (os.mkdir, "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
    ],
    ids=["a pipe", "a folder", "a device"],
)
@pytest.mark.parametrize(
    "words", [("--plan",), ("run-node", "--input"), ("verify",), ("--config",)], ids=" ".join
)
def test_what_a_person_names_and_is_no_file_ends_at_once(
    small_org: Org, words: tuple[str, ...], plant: Callable[[Path], None], what: str
) -> None:
    path = small_org.root / "given"
    plant(path)

    with _nothing_waits(path):
        ran = run_cli(small_org, *words, str(path))

    assert ran.code == 2
    assert str(path) in ran.err
    assert f"it is {what}, not a file" in ran.err


def test_events_wait_for_no_reader_and_come_to_one(small_org: Org) -> None:
    pipe = small_org.root / "events"
    os.mkfifo(pipe)

    with _nothing_waits(pipe):
        ran = run_cli(small_org, "--dry-run", "--events", str(pipe))

    assert ran.code == 2
    assert f"can be added to at {pipe}, found: nothing that reads this pipe." in ran.err
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:  # noqa: S607
        ended = _run_once_it_is_read(small_org, pipe)
        told, _ = reader.communicate(timeout=30)
    assert ended.code == 0, ended.err
    assert json.loads(told.splitlines()[-1])["event"] == "Ended"


def _run_once_it_is_read(org: Org, pipe: Path) -> Ran:
    """A dry run, begun anew until what is to read the pipe has opened it."""
    found: list[Ran] = []

    def begin() -> bool:
        found[:] = [run_cli(org, "--dry-run", "--events", str(pipe))]
        return found[0].code == 0

    wait_until(begin, lambda: found[0].err)
    return found[0]


@contextmanager
def _nothing_waits(path: Path) -> Iterator[None]:
    """Let one that waits for the other end of a pipe go on, so that its test fails and ends."""
    late = threading.Timer(20, lambda: os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK)))
    late.start()
    try:
        yield
        assert late.is_alive(), "it waited"
    finally:
        late.cancel()


def test_a_version_file_inside_of_git_is_refused(small_org: Org) -> None:
    configure(small_org, version_files={"alpha": [".git/hooks/pre-push"]})

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("leaves the repository")
