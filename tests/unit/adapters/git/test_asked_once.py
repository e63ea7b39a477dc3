"""What git is asked once, and what it is asked each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.git import Git, program
from omninode_release.errors import CommandFailed
from support.gitrepo import commit_file, git, land
from support.orgs import programs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.system.process import Completed


class Counted:
    """A clone, and how many programs were started for it."""

    def __init__(self, clone: Path) -> None:
        self.started = 0
        self.git = Git(clone, self._run)

    def _run(self, argv: Any, **how: Any) -> Completed:
        self.started += 1
        return programs()(argv, **how)

    def costs(self, act: Callable[[], object]) -> int:
        """How many programs ``act`` starts."""
        before = self.started
        act()
        return self.started - before


@pytest.fixture
def alpha(small_org: Org) -> Counted:
    return Counted(small_org.clone("alpha"))


QUESTIONS: dict[str, Callable[[Git, str, str], object]] = {
    "is_ancestor": lambda git, old, new: git.is_ancestor(old, new),
    "commits": lambda git, old, new: git.commits(new, old),
    "commits without": lambda git, old, new: git.commits(new, None, old),
    "one commit": lambda git, _, new: git.commits(f"{new}^!", None),
    "changed_paths": lambda git, old, new: git.changed_paths(new, old),
    "list_files": lambda git, _, new: git.list_files(new),
    "file": lambda git, _, new: git.file(new, "pyproject.toml"),
    "no file": lambda git, _, new: git.file(new, "no such file"),
    "tree_of": lambda git, _, new: git.tree_of(new),
    "commit_of": lambda git, _, new: git.commit_of(new),
    "roots": lambda git, _, new: git.roots(new),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_ids_name_is_asked_once(alpha: Counted, question: str) -> None:
    old, new = (git(alpha.git.path, "rev-parse", name) for name in ("HEAD~1", "HEAD"))
    ask = QUESTIONS[question]
    fresh = ask(alpha.git, old, new)

    assert alpha.costs(lambda: ask(alpha.git, old, new)) == 0
    assert ask(alpha.git, old, new) == fresh
    assert alpha.costs(lambda: ask(alpha.git.at(alpha.git.path), old, new)) == 0


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_branch_leads_to_is_asked_each_time(alpha: Counted, question: str) -> None:
    ask, clone = QUESTIONS[question], alpha.git.path
    old = git(clone, "rev-parse", "HEAD~1")
    first = alpha.costs(lambda: ask(alpha.git, old, "refs/heads/main"))

    assert first > 0
    assert alpha.costs(lambda: ask(alpha.git, old, "refs/heads/main")) == first
    before = git(clone, "rev-parse", "HEAD")
    moved = commit_file(clone, "pyproject.toml", "", "fix: no manifest")
    assert alpha.git.commit_of("refs/heads/main") == moved != before
    assert alpha.git.file("refs/heads/main", "pyproject.toml") == b""
    assert not alpha.git.is_ancestor("refs/heads/main", before)


def test_a_shallow_clone_cannot_tell_what_it_contains(small_org: Org) -> None:
    remote, clone = small_org.remote("alpha"), small_org.root / "shallow"
    git(small_org.root, "clone", "--quiet", "--depth=1", f"file://{remote}", str(clone))
    first = git(remote, "rev-list", "--max-parents=0", "main")

    with pytest.raises(CommandFailed):
        Counted(clone).git.is_ancestor(first, "main")


def test_a_commit_that_is_missing_is_asked_for_again(small_org: Org, alpha: Counted) -> None:
    remote = small_org.remote("alpha")
    sha = land(remote, "pyproject.toml", "[project]\n", "fix: a manifest")
    assert alpha.git.commit_of(sha) is None
    assert alpha.git.file(sha, "pyproject.toml") is None
    assert not alpha.git.is_ancestor(sha, "main")
    with pytest.raises(CommandFailed):
        alpha.git.is_ancestor(sha, sha)

    alpha.git.fetch("main")

    assert alpha.git.commit_of(sha) == sha
    assert alpha.git.file(sha, "pyproject.toml") == b"[project]\n"
    assert alpha.git.is_ancestor(sha, sha)


def test_a_shortened_id_is_a_name_like_any_other(alpha: Counted) -> None:
    short = git(alpha.git.path, "rev-parse", "--short=12", "HEAD")

    assert alpha.costs(lambda: [alpha.git.commit_of(short) for _ in range(2)]) == 2


def test_what_is_long_is_not_kept(alpha: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MOST_KEPT", 100)
    sha = git(alpha.git.path, "rev-parse", "HEAD")

    assert alpha.costs(lambda: [alpha.git.tree_of(sha) for _ in range(2)]) == 1
    assert alpha.costs(lambda: [alpha.git.file(sha, "pyproject.toml") for _ in range(2)]) == 2


def test_the_command_of_ssh_is_asked_once_and_the_remote_each_time(
    small_org: Org, alpha: Counted
) -> None:
    assert alpha.costs(alpha.git.ls_remote) == 2
    sha = land(small_org.remote("alpha"), "notes.md", "words\n", "docs: notes")

    assert alpha.costs(alpha.git.ls_remote) == 1
    assert alpha.git.remote_refs("refs/heads/main") == {"HEAD": sha, "refs/heads/main": sha}


def test_a_file_that_many_commits_lack_is_not_asked_for_commit_by_commit(alpha: Counted) -> None:
    clone = alpha.git.path
    made = [commit_file(clone, "a.py", f"A = {at}\n", "fix: more") for at in range(9)]
    wanted = [(sha, "no such file") for sha in made]

    assert alpha.costs(lambda: alpha.git.files(wanted)) < 5
    assert alpha.costs(lambda: alpha.git.files(wanted)) == 0
