"""Runs that are killed with SIGKILL, and what the next one makes of what they left."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.release.state_file import read_state
from support.endings import (
    RUN,
    Place,
    Undisturbed,
    assert_released_once,
    ending,
    is_archived,
    outcome,
    resume,
    state_path,
)
from support.killing import Killer, When

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


@pytest.fixture
def killer(tmp_path: Path) -> Killer:
    return Killer.hired(tmp_path / "bin")


def _is_readable(org: Org) -> None:
    """The state file is whole and fits its schema; so is each line of the journal."""
    if state_path(org).exists():
        read_state(state_path(org), RUN)
    for journal in state_path(org).parent.glob("*.jsonl"):
        for line in journal.read_text(encoding="utf-8").splitlines():
            json.loads(line)


# Every command that changes something in the release of beta, and the clean-up of both.
COMMANDS = """\
git worktree add
uv lock
pre-commit run
git add
git commit
git push
git update-ref refs/pull/1/head
git commit-tree
git update-ref refs/pull/1/merge
git update-ref refs/heads/main
git tag
git tag
git push
git update-ref HEAD
uv build
git update-ref -d refs/remotes/origin/release/pair/alpha
git push
git update-ref -d refs/remotes/origin/release/pair/beta
git worktree remove
git branch""".splitlines()
FILES = """\
beta/pyproject.toml
beta/__init__.py
beta/pyproject.toml
beta/CHANGELOG.md
pulls/1.json
checks/
runs/v0.4.1.json
index/beta-0.4.1-py3-none-any.whl
index/beta-0.4.1.tar.gz
runs/v0.4.1.json
pair/release-set.json
pair/release.json
archive/pair.journal.jsonl
archive/pair.events.jsonl
archive/pair.json""".splitlines()


def _killed_everywhere(killer: Killer, expected: list[str]) -> None:
    assert len(killer.places()) == len(expected), "\n".join(killer.places())
    for place, begins in zip(killer.places(), expected, strict=True):
        assert re.sub(r"--git-dir=\S+ ", "", place).startswith(begins)


def test_a_run_killed_after_each_command_in_turn_ends_like_an_undisturbed_one(
    place: Place, undisturbed: Undisturbed, killer: Killer
) -> None:
    org = place.put_back("alpha is released")

    while killer.at_next_command(org):
        _is_readable(org)

    _killed_everywhere(killer, COMMANDS)
    assert ending(org) == undisturbed.world
    assert_released_once(org)
    assert is_archived(org)


def test_a_run_killed_before_each_file_it_writes_ends_like_an_undisturbed_one(
    place: Place, undisturbed: Undisturbed, killer: Killer
) -> None:
    org = place.put_back("alpha is released")

    while killer.at_next_file(org):
        _is_readable(org)

    _killed_everywhere(killer, FILES)
    # The publish run that was killed as it wrote down its end stays killed: the index is what
    # counts, and nothing is built again for a record.
    assert _without_runs(ending(org)) == _without_runs(undisturbed.world)
    assert_released_once(org)
    assert is_archived(org)


def _without_runs(world: dict[str, Any]) -> dict[str, Any]:
    pulls = {
        repo: {path: content for path, content in files.items() if not path.startswith("runs/")}
        for repo, files in world["pull requests"].items()
    }
    return {**world, "pull requests": pulls}


@pytest.mark.parametrize(
    ("number", "when"), [(0, "after"), (7, "before"), (14, "after"), (21, "before"), (28, "after")]
)
def test_a_run_killed_once_is_finished_by_a_resume(
    place: Place, undisturbed: Undisturbed, killer: Killer, number: int, when: When
) -> None:
    org = place.put_back("begin")
    assert killer.at_command(org, number, when)
    _is_readable(org)

    ran = resume(org)

    assert (ran.code, ran.err) == (0, "")
    assert ending(org) == undisturbed.world
    assert outcome(ran) == undisturbed.outcome
    assert_released_once(org)
    assert is_archived(org)
