"""A run that a wrong setting has stopped goes on once a person has corrected it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.endings import assert_released_once, is_archived, release, resume
from support.gitrepo import commit_file, git
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def test_a_corrected_command_is_gone_on_with(small_org: Org) -> None:
    configure(small_org, after_bump={"alpha": [["sh", "-c", "exit 7"]]})
    stopped = release(small_org)
    configure(small_org, after_bump={"alpha": [["true"]]})

    ran = resume(small_org)

    assert (stopped.code, stopped.err.partition(":")[0]) == (1, "PIN_FAILED")
    assert ran.code == 0, ran.err
    assert_released_once(small_org)


def test_a_changelog_that_git_ignores_is_left_out_as_the_hint_says(small_org: Org) -> None:
    clone, remote = small_org.clone("alpha"), str(small_org.remote("alpha"))
    git(clone, "rm", "--quiet", "CHANGELOG.md")
    git(clone, "commit", "--quiet", "--message", "docs: tell it elsewhere")
    commit_file(clone, ".gitignore", "*.md\n", "chore: keep notes out")
    git(clone, "push", "--quiet", remote, "HEAD:main")

    stopped = release(small_org)
    configure(small_org, changelog_of={"alpha": {"kind": "none"}})
    ran = resume(small_org)

    assert (stopped.code, stopped.err.partition(":")[0]) == (1, "CHANGELOG_FAILED")
    hint = "changelog_of: {alpha: {kind: none}} into the release configuration"
    assert hint in " ".join(stopped.err.split())
    assert ran.code == 0, ran.err
    assert is_archived(small_org)
