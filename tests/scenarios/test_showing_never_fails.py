"""What only shows or logs never decides how a run ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.console.render import Console
from omninode_release.events import Note, Subscribers
from omninode_release.phases.bump import BumpOutput
from omninode_release.system.files import JsonLines
from support.endings import APPROVED, RUN, assert_released_once, release, state_of, state_path
from support.gitrepo import git
from support.killing import environment

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.events import Event


def _released(
    org: Org, *args: str, stdout: Any = subprocess.PIPE, **environ: str
) -> subprocess.CompletedProcess[str]:
    """A whole run in a process of its own; the organisation is released when it ends."""
    done = subprocess.run(
        (sys.executable, "-m", "omninode_release", "--run-id", RUN, *APPROVED, *args),
        env=environment(org) | environ,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert_released_once(org)
    return done


def test_a_terminal_in_latin_1_shows_an_arrow_as_an_escape(small_org: Org) -> None:
    done = _released(small_org, PYTHONIOENCODING="latin-1")

    assert r"[1/2] alpha 1.0.0 \u2192 1.1.0" in done.stdout
    assert "SUCCESS pair: 2 released" in done.stdout
    assert state_of(small_org)["repos"]["beta"]["error"] is None


def test_a_full_stdout_is_said_on_stderr(small_org: Org) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        done = _released(small_org, stdout=full)

    assert "not everything could be printed: [Errno 28] No space left on device" in done.stderr


def test_a_reader_that_has_gone_is_said_on_stderr(small_org: Org) -> None:
    read, write = os.pipe()
    os.close(read)

    done = _released(small_org, "--json", stdout=write)

    os.close(write)
    assert "not everything could be printed: [Errno 32] Broken pipe" in done.stderr


def test_closed_streams_end_nothing(small_org: Org) -> None:
    command = " ".join((sys.executable, "-m", "omninode_release", "--run-id", RUN, *APPROVED))

    done = subprocess.run(
        ("/bin/sh", "-c", f"exec {command} <&- >&- 2>&-"), env=environment(small_org), check=False
    )

    assert done.returncode == 0
    assert_released_once(small_org)


def test_a_renderer_that_lacks_a_case_is_told_to_the_other_subscribers(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks_a_case(self: Console, event: Event) -> None:
        del self
        raise TypeError(f"no case for {type(event).__name__}")

    monkeypatch.setattr(Console, "__call__", lacks_a_case)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert_released_once(small_org)
    events = (state_path(small_org).parent / "archive" / f"{RUN}.events.jsonl").read_text("utf-8")
    assert events.count("not everything is shown or logged: TypeError: no case for Working") == 1


def test_an_output_that_cannot_be_summed_up_fails_no_step(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: BumpOutput) -> str:
        raise TypeError(f"no words for {self.version}")

    monkeypatch.setattr(BumpOutput, "summary", broken)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert "BUMP       (its output cannot be shown)" in ran.out
    assert_released_once(small_org)


def test_a_log_that_cannot_be_written_is_told_on_the_console_once(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: JsonLines, value: object) -> None:
        del self, value
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JsonLines, "write", full)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("note: not everything is shown or logged: OSError: [Errno 28]") == 2


def test_a_folder_that_is_not_utf_8_is_refused_before_anything_is_read(
    small_org: Org, tmp_path: Path
) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9"
    os.rename(small_org.omni_home, odd)  # noqa: PTH104 - a name that is no text

    done = subprocess.run(
        (sys.executable, "-m", "omninode_release", "--dry-run", "--omni-home", odd),
        env=environment(small_org),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 2
    assert b"CONFIG_INVALID: expected a folder whose name is UTF-8, found b'" in done.stderr


def test_another_folder_that_is_not_utf_8_is_no_hindrance(small_org: Org) -> None:
    odd = os.fsencode(small_org.omni_home) + b"/caf\xe9"
    os.mkdir(odd)  # noqa: PTH102 - a name that is no text
    git(small_org.omni_home, "init", "--quiet", os.fsdecode(odd))

    _released(small_org)


def test_each_subscriber_gets_what_another_could_not_take() -> None:
    told: list[Event] = []

    def broken(event: Event) -> None:
        raise ValueError(str(event))

    report = Subscribers(broken, told.append)
    report(Note("one"))
    report(Note("two"))

    words = [event.text for event in told if isinstance(event, Note)]
    assert words[0].startswith("not everything is shown or logged: ValueError")
    assert words[1:] == ["one", "two"]
