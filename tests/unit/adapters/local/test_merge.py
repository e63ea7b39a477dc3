"""What the embedded forge merges: the head that was judged, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.adapters.local.checks import LocalChecks
from omninode_release.adapters.local.pulls import LocalPulls
from omninode_release.adapters.local.repository import BareRepository
from omninode_release.errors import ErrorCode, ReleaseError
from support.gitrepo import git
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
