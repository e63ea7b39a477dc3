"""A branch that leaves git no room for those of a release."""

from __future__ import annotations

from typing import cast

import pytest

from omninode_release.adapters.git import Git
from omninode_release.adapters.git.refs import Ref
from omninode_release.planning.clones.base_branch import find_blocking_branch

_SHA = "1" * 40


class _Clone:
    """A clone with some branches, on a file system that takes letters in either case or not."""

    def __init__(self, branches: list[str], *, any_case: bool) -> None:
        self.refs = [Ref(f"refs/heads/{each}", _SHA) for each in branches]
        self._any_case = any_case

    def commit_of(self, name: str) -> str | None:
        names = [ref.name for ref in self.refs]
        found = name in (map(str.lower, names) if self._any_case else names)
        return _SHA if found else None


@pytest.mark.parametrize(
    ("branches", "any_case", "found"),
    [
        (["main", "release"], False, "release"),
        (["main", "Release"], False, None),
        (["main", "Release"], True, "Release"),
        (["main", "Release", "release"], False, "release"),
        (["main", "Release/1.0"], True, None),
    ],
)
def test_a_branch_is_in_the_way_by_the_letters_of_the_file_system(
    *, branches: list[str], any_case: bool, found: str | None
) -> None:
    clone = _Clone(branches, any_case=any_case)

    assert find_blocking_branch(cast("Git", clone), clone.refs) == found
