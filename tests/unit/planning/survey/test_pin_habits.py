"""What `init` makes of requirements that stand beside each other on the same sibling."""

from __future__ import annotations

import pytest

from omninode_release.planning.survey.pin_habits import find_habits
from support.facts import an_organisation, some_facts
from support.repos import manifest

_OLD = "a==1.0.0; python_version < '3.12'"
_NEW = "a>=1.0; python_version >= '3.12'"


@pytest.mark.parametrize(
    ("needs", "more", "rule"),
    [
        pytest.param((_OLD, "a==1.0.0; python_version >= '3.12'"), "", "exact", id="all-exact"),
        pytest.param((_OLD, _NEW), "", "raise", id="a-range-beside-it"),
        pytest.param((_NEW, _OLD), "", "raise", id="a-range-before-it"),
        pytest.param(
            ("a==1.0.0",), '[project.optional-dependencies]\nx = ["a>=1"]\n', "raise", id="an-extra"
        ),
        pytest.param(("a==1.0.0",), '[dependency-groups]\ndev = ["a>=1"]\n', "exact", id="a-group"),
    ],
)
def test_no_range_that_users_get_becomes_exact(
    needs: tuple[str, ...], more: str, rule: str
) -> None:
    text = manifest("b", "1.0.0", *needs) + more
    org = an_organisation([some_facts("a")], [some_facts("b", manifest=text)])

    [habit] = find_habits(org)

    assert (habit.repo, habit.sibling, habit.rule) == ("b", "a", rule)


def test_bounds_are_raised_where_their_repository_raises_them() -> None:
    raising = ("a>=1.0.0", "b>=1.0.0")
    org = an_organisation(
        [some_facts("a", last_tag="v1.0.0"), some_facts("b", last_tag="v1.0.0")],
        [some_facts("c", manifest=manifest("c", "1.0.0", *raising))],
        [some_facts("d", manifest=manifest("d", "1.0.0", "a>=0.2", "b>=0.9"))],
        [some_facts("e", manifest=manifest("e", "1.0.0", *raising))],
    )

    rules = {(each.repo, each.rule) for each in find_habits(org)}

    assert rules == {("c", "raise"), ("d", "keep"), ("e", "raise")}
