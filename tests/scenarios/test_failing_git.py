"""A git that fails where it is only asked: no bug of ours, no answer, and nothing is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.endings import RUN, release, resume, state_of, state_path
from support.failing_git import WORDS, fail_git
from support.failures import fails

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.cli import Ran

pytestmark = pytest.mark.usefixtures("no_hooks")

BEFORE_THE_GATE = (
    "--get remote.origin.mirror",
    "config --get-regexp ^(extensions",
)


def stops_and_goes_on(org: Org, words: str) -> Ran:
    """A release that stops with ``words``, not as stale, and that a resume brings to its end."""
    ran = release(org)
    assert ran.code == 1
    assert words in ran.err
    assert "PLAN_STALE" not in ran.err
    assert resume(org).code == 0
    return ran


@pytest.mark.parametrize("question", BEFORE_THE_GATE)
def test_it_is_told_of_each_repository_before_the_gate(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    fail_git(monkeypatch, tmp_path, question, since=small_org.root, always=True)

    failure = fails(small_org, ErrorCode.SCAN_FAILED, state="none")

    failure.says(WORDS, "alpha: ", "beta: ", "start again")


def test_it_is_told_of_a_rehearsal_that_it_ends(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_git(monkeypatch, tmp_path, "read-tree", since=small_org.root)

    failure = fails(small_org, ErrorCode.SCAN_FAILED, state="none")

    failure.says("alpha: git ", WORDS, "mend what it says, then start again")
    assert "beta rehearsal: not rehearsed" in failure.ran.out


def test_it_is_told_once_the_run_has_begun_with_how_to_go_on(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_git(monkeypatch, tmp_path, "merge-base --is-ancestor", since=state_path(small_org))

    ran = stops_and_goes_on(small_org, "SCAN_FAILED: git merge-base --is-ancestor")

    assert ran.err.startswith("SCAN_FAILED: git merge-base --is-ancestor")
    assert f"Next: mend what it says, then omni-release --resume {RUN}" in ran.err


def test_an_origin_that_cannot_be_asked_for_is_not_said_to_be_gone(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_git(monkeypatch, tmp_path, "remote get-url origin", since=state_path(small_org))

    stops_and_goes_on(small_org, "git remote get-url origin exited 128")

    assert {each["phase"] for each in state_of(small_org)["repos"].values()} == {"DONE"}


def test_files_that_cannot_be_read_are_not_said_to_be_others(
    small_org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = small_org.remote("alpha") / "refs" / "pull" / "1" / "head"
    fail_git(monkeypatch, tmp_path, "cat-file --batch", since=opened)

    stops_and_goes_on(small_org, "git cat-file --batch exited 128")

    assert not (opened.parent.parent / "2").exists()
