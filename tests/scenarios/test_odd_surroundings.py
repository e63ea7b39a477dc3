"""A process without a home, without a stdout, or among names that are no text."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release.commands.main import main
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Terminal, run_cli, state_home
from support.endings import RUN, assert_released_once
from support.gitrepo import world
from support.killing import environment

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

COMMANDS = [
    ["--version"],
    ["--help"],
    ["status"],
    ["completion", "bash"],
    ["--dry-run", "--offline"],
    ["--dry-run", "--offline", "--json"],
]


def _run(org: Org, *args: str | bytes, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        (sys.executable, "-m", "omninode_release", *args),
        env=environment(org) | more,
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_full_stdout_changes_no_exit_code(
    small_org: Org, args: list[str], unbuffered: str
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            (sys.executable, "-m", "omninode_release", *args),
            env=environment(small_org) | {"PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


class _Full(io.StringIO):
    """A stdout that takes nothing."""

    def write(self, text: str, /) -> int:
        del text
        raise OSError(28, "No space left on device")


def test_a_plan_that_cannot_be_shown_is_not_approved(small_org: Org) -> None:
    before, said = world(small_org)["remotes"], io.StringIO()

    code = main(
        ("--omni-home", str(small_org.omni_home)),
        environ={**os.environ, "ONEX_STATE_DIR": str(state_home(small_org))},
        clock=FixedClock(MOMENT),
        stdin=Terminal("approve\n"),
        stdout=_Full(),
        stderr=said,
    )

    assert code == 1
    assert "GATE_FAILED: expected to show the plan on the terminal, found: [Errno 28]" in (
        said.getvalue()
    )
    assert world(small_org)["remotes"] == before


def test_a_user_without_a_home_is_told_what_to_set(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    for name in ("HOME", "CLAUDE_CONFIG_DIR", "ONEX_STATE_DIR"):
        monkeypatch.delenv(name, raising=False)

    ran = run_cli(small_org, "--dry-run", "--offline", env={"ONEX_STATE_DIR": "", "HOME": ""})

    assert ran.code == 2
    assert ran.err.startswith("CONFIG_INVALID: expected the user's home folder, found neither HOME")
    assert "set HOME, or ONEX_STATE_DIR" in ran.err
    assert run_cli(small_org, "--dry-run", "--offline").code == 0


def test_an_approval_of_a_user_that_the_system_does_not_know_is_not_lost(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_entry(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr("pwd.getpwuid", no_entry)
    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    ran = run_cli(small_org, "--run-id", RUN, stdin=Terminal("approve\n"))

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["gate"]["approver"] == f"uid {os.getuid()}"
    assert_released_once(small_org)


def test_names_that_are_no_text_are_refused_as_what_they_are(small_org: Org) -> None:
    odd = os.fsencode(small_org.root) + b"/caf\xe9"
    Path(os.fsdecode(odd)).mkdir()

    for args in (
        ("--dry-run", "--config", odd + b"/release.yaml"),
        ("--dry-run", b"caf\xe9"),
        ("--dry-run", "--run-id", b"caf\xe9"),
        ("--ticket", b"caf\xe9"),
        ("run-node", "--input", odd),
        ("status", b"caf\xe9"),
        ("--resume", b"caf\xe9"),
    ):
        done = _run(small_org, *args)
        assert done.returncode in {1, 2}, (args, done.stderr)
        assert b"Traceback" not in done.stderr, (args, done.stderr)
        assert b"Next: " in done.stderr

    for name in ("ONEX_STATE_DIR", "OMNI_HOME", "OMNI_WORKTREES", "OMNI_RELEASE_CONFIG"):
        done = _run(small_org, "--dry-run", "--offline", **{name: os.fsdecode(odd)})
        assert done.returncode == 2, (name, done.stderr)
        assert b"CONFIG_INVALID: expected a " in done.stderr, (name, done.stderr)


def test_a_file_whose_name_is_no_text_stops_no_release(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    (Path(os.fsdecode(os.fsencode(clone) + b"/caf\xe9.txt"))).write_text("x\n", encoding="utf-8")
    for args in (
        ("add", "--all"),
        ("commit", "--quiet", "--message", "feat: a name"),
        ("push", "--quiet", "origin", "main"),
    ):
        subprocess.run(("git", *args), cwd=clone, check=True)  # noqa: S607 - the git of PATH

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("args", [["--help"], ["--dry-run"], ["status", "one"], []], ids=" ".join)
def test_a_system_without_file_locks_is_told_where_to_go(args: list[str]) -> None:
    done = _on_windows(*args)

    told, hint = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (2, b"")
    assert told.startswith("USAGE_ERROR: expected a system with the file locks of Unix, ")
    assert told.endswith(", found win32.")
    assert hint.startswith("Next: on Windows, type the same in WSL")


def test_the_version_is_told_on_any_system() -> None:
    assert _on_windows("--version").stdout.startswith(b"omni-release ")


def _on_windows(*args: str) -> subprocess.CompletedProcess[bytes]:
    """The command on a Python that lacks what Windows lacks."""
    absent = "sys.modules.update(dict.fromkeys(('fcntl', 'pwd', 'termios', 'resource', 'grp')))"
    start = "from omninode_release.__main__ import command; sys.exit(command())"
    return subprocess.run(
        (sys.executable, "-c", f"import sys; {absent}; sys.platform = 'win32'; {start}", *args),
        capture_output=True,
        check=False,
    )
