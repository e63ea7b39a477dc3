"""How a program's end is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import CommandFailed, ErrorCode, FolderMissing, TimedOut
from omninode_release.system import program
from omninode_release.system.process import Programs
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path

only_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel tells no end: Popen looks for it"
)
# It says all it has to say, and lives on for a while.
_SPEECHLESS = "echo said; exec >&- 2>&-; sleep 0.3; exit 3"


@only_linux
def test_an_end_is_told_and_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(_seconds: float) -> None:
        raise AssertionError("it is looked whether the program has ended")

    monkeypatch.setattr(time, "sleep", sleep)

    done = programs()(("sh", "-c", _SPEECHLESS), cwd=tmp_path, timeout=60, ok=(3,))

    assert (done.line, done.returncode) == ("said", 3)


def test_an_end_is_looked_for_where_the_kernel_tells_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int) -> int:
        raise OSError("no file is left")

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)

    done = programs()(("sh", "-c", _SPEECHLESS), cwd=tmp_path, timeout=60, ok=(3,))

    assert (done.line, done.returncode) == ("said", 3)


@pytest.mark.parametrize("name", ["sh", "git"])
def test_a_folder_that_is_gone_is_named(tmp_path: Path, name: str) -> None:
    gone = tmp_path / "gone"

    with pytest.raises(FolderMissing, match=f"there is no folder {gone}") as told:
        programs()((name, "--version"), cwd=gone, timeout=60)

    assert told.value.code is ErrorCode.SCAN_FAILED
    assert told.value.hint is not None
    assert told.value.hint.startswith(f"put {gone} back if it is a clone")


def test_a_program_that_cannot_begin_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CommandFailed, match="Not a directory"):
        programs()(("sh", "-c", "true"), cwd=tmp_path / "file", timeout=60)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("kill -KILL $$", "was killed by SIGKILL in"),
        ("exit 9", "exited 9 in"),
        ("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 3", "exited 3 in .*: x+…"),
    ],
)
def test_how_a_program_ended_is_said_in_few_words(tmp_path: Path, script: str, says: str) -> None:
    with pytest.raises(CommandFailed, match=says) as told:
        programs()(("sh", "-c", script), cwd=tmp_path, timeout=60)

    assert len(told.value.message) < 2000


@only_linux
@pytest.mark.parametrize("script", ["sleep 60", "exec >&- 2>&-; sleep 60"])
def test_a_program_is_stopped_at_its_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    waited: list[float | None] = []
    wait = subprocess.Popen.wait

    def note(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        waited.append(timeout)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", note)

    with pytest.raises(TimedOut, match="was stopped after 1 s"):
        programs()(("sh", "-c", script), cwd=tmp_path, timeout=0.6)

    assert all(each in {0, None} for each in waited), "the deadline is waited for twice"


@pytest.mark.parametrize("stdin", [None, "given\n"])
def test_what_a_program_leaves_behind_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stdin: str | None
) -> None:
    monkeypatch.setattr(program, "_PART_SECONDS", 0.2)
    began = time.monotonic()

    script = "echo said; cat; echo more >&2; sleep 20 & exit 3"
    done = programs()(("sh", "-c", script), cwd=tmp_path, timeout=60, ok=(3,), stdin=stdin)

    assert (done.stdout, done.stderr) == (f"said\n{stdin or ''}", "more\n")
    assert time.monotonic() - began < 10


def test_a_program_that_ended_in_time_is_not_late_for_what_it_leaves_behind(tmp_path: Path) -> None:
    done = programs()(("sh", "-c", "echo said; sleep 20 & exit 0"), cwd=tmp_path, timeout=1)

    assert done.stdout == "said\n"


def test_what_is_written_to_a_program_need_not_be_read(tmp_path: Path) -> None:
    for stdin in ("", "few words", "many words" * 100_000):
        done = programs()(("sh", "-c", "echo done"), cwd=tmp_path, timeout=60, stdin=stdin)

        assert done.line == "done"


def test_a_program_of_a_relative_entry_of_path_is_the_one_that_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, said in ((tmp_path, "ours"), (tmp_path / "tree", "the repository's")):
        script = folder / "bin" / "tool"
        script.parent.mkdir(parents=True)
        script.write_text(f'#!/bin/sh\necho "{said}"\n', encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.chdir(tmp_path)

    run = Programs({"PATH": f"bin{os.pathsep}{os.environ['PATH']}"})

    assert run(("tool",), cwd=tmp_path / "tree", timeout=60).line == "ours"


@pytest.mark.parametrize("seconds", [6e7, 6e10, 1e300])
def test_a_program_may_be_given_more_time_than_the_kernel_can_count(
    tmp_path: Path, seconds: float
) -> None:
    done = programs()(("sh", "-c", "echo done"), cwd=tmp_path, timeout=seconds)

    assert done.line == "done"
