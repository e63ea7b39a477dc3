"""What workers read of many clones is what the process itself reads, which reads the rest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.gitrepo import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

# In a process of its own: one with other threads has no workers.
_READ_TWICE = """
import os, sys
from pathlib import Path
from omninode_release.contract.load import load_config
from omninode_release.planning import scan
from omninode_release.system import workers
from omninode_release.system.process import Programs

home = Path(sys.argv[1])
config = load_config(home / "release.yaml")

def read():
    looking = scan.Scan(home, config, Programs(os.environ).at("scan"))
    return looking.read_clones([*config.graph.repos], ask_remotes=False)

def note(work, things, *, workers):
    found = share(work, things, workers=workers)
    ahead.extend(things[at] for at, facts in found.items() if facts)
    return found

alone, ahead, share = read(), [], workers.share
scan.MANY = scan.WORTH_WORKERS = 1
workers.count_workers, workers.share = lambda: 2, note
print(repr(read()) == repr(alone), *ahead)
"""


def _read_twice(org: Org) -> str:
    argv = (sys.executable, "-c", _READ_TWICE, str(org.omni_home))
    done = subprocess.run(argv, capture_output=True, check=True, text=True, timeout=120)
    assert done.stderr == ""
    return done.stdout


def test_workers_read_what_the_process_reads(small_org: Org) -> None:
    assert _read_twice(small_org) == "True alpha beta\n"


def _lose(path: Path) -> None:
    shutil.rmtree(path)


def _break(path: Path) -> None:
    shutil.rmtree(path / ".git" / "objects")


def _promise(path: Path) -> None:
    git(path, "config", "remote.origin.promisor", "true")


def _cut(path: Path) -> None:
    head = git(path, "rev-parse", "HEAD")
    (path / ".git" / "shallow").write_text(f"{head}\n", encoding="utf-8")


def _mix(path: Path) -> None:
    """Give its newest releases a format each, which is refused."""
    rules = path.parent / "release.yaml"
    lines = rules.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("tag_formats:")]
    rules.write_text("".join(kept), encoding="utf-8")
    for tag in ("beta/v0.5.0", "beta@v0.6.0", "beta-v0.7.0"):
        git(path, "tag", tag, "HEAD")


@pytest.mark.parametrize("change", [_lose, _break, _promise, _cut, _mix])
def test_what_workers_leave_is_read_as_ever(small_org: Org, change: Callable[[Path], None]) -> None:
    change(small_org.clone("beta"))

    assert _read_twice(small_org) == "True alpha\n"
