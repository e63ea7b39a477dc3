"""Commits, and what a plan of many clones holds of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omninode_release.models.commit import Commit, PackedCommits

_WORDS = st.text(st.characters(exclude_categories=(), exclude_characters="\0"))
_SHAS = st.text("0123456789abcdef", min_size=40, max_size=40)
_COMMITS = st.builds(Commit, _SHAS, st.lists(_SHAS, max_size=3).map(tuple), _WORDS, _WORDS, _WORDS)


@given(st.lists(_COMMITS, max_size=4), st.lists(_COMMITS, max_size=4))
def test_packed_commits_are_the_commits(some: list[Commit], others: list[Commit]) -> None:
    packed, beside = PackedCommits(some), PackedCommits(others)

    assert [*packed] == some
    assert [*beside] == others
    assert [packed[at] for at in range(len(packed))] == some
    assert [*packed[1:]] == some[1:]
    assert bool(packed) is bool(some)


def test_packed_commits_take_a_fraction_of_the_memory() -> None:
    commits = [Commit(f"{at:040x}", (f"{at + 1:040x}",), f"fix: {at}", "") for at in range(50)]

    assert len(PackedCommits(commits)._packed) < len(repr(commits)) / 4
