"""What a package's history is once the commits of others are left out."""

from __future__ import annotations

from omninode_release.adapters.git.inside import leave_out
from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits.commit_range import decide


def _commit(sha: str, *parents: str, subject: str = "") -> Commit:
    return Commit(sha, parents, subject or f"feat: {sha}", "")


def test_parents_are_the_nearest_that_are_left() -> None:
    commits = [_commit("e", "d", "b"), _commit("d", "c"), _commit("c", "a"), _commit("b", "a")]

    found = leave_out([*commits, _commit("a", "tag")], {"c", "d"})

    assert [(each.sha, each.parents) for each in found.commits] == [
        ("e", ("a", "b")),
        ("b", ("a",)),
        ("a", ("tag",)),
    ]
    assert found.stand_in == {"c": "a", "d": "a"}
    assert found.find_stand_ins(["d", "e", "tag"]) == {"d": "a"}


def test_a_commit_before_all_stands_for_those_that_follow_none() -> None:
    found = leave_out([_commit("c", "b"), _commit("b", "tag"), _commit("z")], {"b", "z"})

    assert found.commits == (_commit("c", "tag"),)
    assert found.stand_in == {"b": "tag", "z": ""}


def test_a_merge_brought_in_nothing_that_was_there_before_a_commit_of_others() -> None:
    """The branch began at a commit of the base, which is told on its own."""
    commits = [
        _commit("merge", "other", "branch", subject="feat: sing (#2)"),
        _commit("branch", "plain", subject="sing well"),
        _commit("other", "plain"),
        _commit("plain", "tag", subject="Hum"),
    ]

    found = decide(leave_out(commits, {"other"}).commits, default_bump=Level.PATCH)

    assert [each.commit.sha for each in found.counted] == ["merge", "plain"]
