"""What the embedded forge opens under one number, and merges: the head that was judged."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.adapters.local.checks import LocalChecks
from omninode_release.adapters.local.pulls import LocalPulls
from omninode_release.adapters.local.repository import BareRepository
from omninode_release.errors import ErrorCode, ReleaseError
from support.gitrepo import git, push_main
from support.orgs import programs

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

BRANCH = "release/pair/alpha"
SOMEBODY = {
    f"GIT_{who}_{what}": word
    for who in ("AUTHOR", "COMMITTER")
    for what, word in (("NAME", "Ann"), ("EMAIL", "ann@tests.example"))
}


def _open_pulls(path: Path) -> LocalPulls:
    run = programs()
    origin = BareRepository(Git(path, run))
    return LocalPulls(
        origin=origin,
        repo="alpha",
        checks=LocalChecks(origin, (), run, 60),
        identity=SOMEBODY,
        now=lambda: "2026-02-25T14:00:00+00:00",
    )


def test_a_head_that_has_moved_since_it_was_judged_is_not_merged(small_org: Org) -> None:
    remote = small_org.remote("alpha")
    base, tree = git(remote, "rev-parse", "main"), git(remote, "rev-parse", "main^{tree}")
    heads = [git(remote, "commit-tree", tree, "-p", "main", "-m", name) for name in ("one", "two")]
    git(remote, "update-ref", f"refs/heads/{BRANCH}", heads[0])
    pulls = _open_pulls(remote)
    pull = pulls.create(branch=BRANCH, base="main", title="t", body="b")
    git(remote, "update-ref", f"refs/heads/{BRANCH}", heads[1])

    with pytest.raises(ReleaseError) as caught:
        pulls.merge(pull.number, head_sha=heads[0], subject="s", body="b")

    assert caught.value.code is ErrorCode.MERGE_FAILED
    assert git(remote, "rev-parse", "main") == base
    pulls.merge(pull.number, head_sha=heads[1], subject="s", body="b")
    assert git(remote, "rev-parse", "main^") == base


def test_two_that_open_pull_requests_at_once_get_a_number_each(small_org: Org) -> None:
    remote = small_org.remote("alpha")
    for name in ("one", "two"):
        git(remote, "update-ref", f"refs/heads/{name}", "main")
    pulls = _open_pulls(remote)

    with ThreadPoolExecutor() as pool:
        with pulls.origin.hold():
            second = pool.submit(pulls.create, branch="two", base="main", title="", body="")
            time.sleep(0.1)
            facts = {"branch": "one", "base": "main", "title": "", "body": "", "closed": False}
            pulls.origin.write("pulls/1", facts)
        assert second.result().number == 2


def test_a_command_that_is_named_by_a_path_stands_in_the_tree_of_the_commit(small_org: Org) -> None:
    remote, clone, run = small_org.remote("alpha"), small_org.clone("alpha"), programs()
    (clone / "check.sh").write_text("#!/bin/sh\necho of this tree\n", encoding="utf-8")
    git(clone, "add", "--chmod=+x", "check.sh")
    git(clone, "commit", "--quiet", "--message", "ci: check")
    push_main(clone)
    checks = LocalChecks(BareRepository(Git(remote, run)), ("./check.sh",), run, 60)

    (found,) = checks.of(git(remote, "rev-parse", "main"))

    assert (found.state, found.detail) == ("success", "of this tree")
