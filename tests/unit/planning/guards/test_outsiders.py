"""The siblings that stay outside a run, for good or because they are refused themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan
    from omninode_release.planning.organisation import Organisation


def planned(org: Organisation, *targets: str) -> Plan:
    return Planner(org.config, org.facts).plan("release-1", targets or org.order)


@pytest.mark.parametrize(
    ("needs", "code"),
    [
        pytest.param("a<1.0.1", "PIN_CONFLICT", id="forbidden"),
        pytest.param("a>=1", None, id="admitted"),
        pytest.param("a==1.*", None, id="admitted-by-a-wildcard"),
        pytest.param("a>=1-x", None, id="unreadable"),
        pytest.param("a<1; python_version < '3.9'", None, id="for-a-python-that-is-not-supported"),
    ],
)
def test_a_sibling_outside_the_run_is_asked_by_its_last_release(
    needs: str, code: str | None
) -> None:
    outside = some_facts("b", "1.0.0", "a<1", published=manifest("b", "1.0.0", needs))
    org = an_organisation([some_facts("a")], [outside], [some_facts("c", "1.0.0", "a", "b")])

    assert planned(org, "a", "c").entry("c").error_code == code


def test_what_a_pinned_sibling_pins_in_turn_is_asked_for_too() -> None:
    org = an_organisation(
        [some_facts("a")],
        [some_facts("b", "1.0.0", "a"), some_facts("x", "1.0.0", "a<1.0.1")],
        [some_facts("c", "1.0.0", "b", "x")],
    )

    row = planned(org, "a", "b", "c").entry("c")

    assert [pin.repo for pin in row.pins] == ["b"]
    assert row.error_code is ErrorCode.PIN_CONFLICT
    assert "c will require a==1.0.1 and x" in (row.error or "")


def error_of(plan: Plan, repo: str) -> str:
    row = plan.entry(repo)
    assert row.error_code is ErrorCode.PIN_CONFLICT, row
    return row.error or ""


def test_an_extra_that_is_asked_for_is_part_of_what_an_outsider_requires() -> None:
    extra = '[project.optional-dependencies]\nMore_x = ["a<1.0.1"]\n'
    outside = some_facts("b", manifest=manifest("b") + extra)
    for asked, refused in (("b", False), ("b[more-x]", True)):
        org = an_organisation([some_facts("a")], [outside], [some_facts("c", "1.0.0", "a", asked)])

        plan = planned(org, "a", "c")

        assert (plan.entry("c").error_code is ErrorCode.PIN_CONFLICT) is refused


def test_an_outsider_is_reached_through_what_is_published_of_another() -> None:
    through = some_facts("b", published=manifest("b", "1.0.0", "x"))
    org = an_organisation(
        [some_facts("a")],
        [some_facts("x", "1.0.0", "a<1.0.1"), through],
        [some_facts("c", "1.0.0", "a", "b")],
    )

    assert "and x, whose release" in error_of(planned(org, "a", "c"), "c")


def test_a_poetry_constraint_of_an_outsider_counts() -> None:
    poetry = (
        '[tool.poetry]\nname = "b"\nversion = "1.0.0"\n[tool.poetry.dependencies]\na = "~1.0.0"\n'
    )
    org = an_organisation(
        [some_facts("a", commits=["feat: x"])],
        [some_facts("b", manifest=poetry)],
        [some_facts("c", "1.0.0", "a", "b")],
    )

    assert "requires '~1.0.0'" in error_of(planned(org, "a", "c"), "c")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        pytest.param({"commits": []}, "b is in this run and has nothing to release", id="skipped"),
        pytest.param(
            {"manifest": manifest("b", "dynamic", "a<1.0.1")},
            "b is in this run and refused itself: mend it first",
            id="refused",
        ),
        pytest.param(
            {"blocking_branch": "release"},
            "b is in this run and refused itself: mend it first",
            id="refused-later",
        ),
    ],
)
def test_who_is_in_the_run_is_not_to_be_added_to_it(facts: dict[str, object], says: str) -> None:
    outside = some_facts("b", "1.0.0", "a<1.0.1", **facts)  # type: ignore[arg-type]
    org = an_organisation(
        [some_facts("a")], [outside], [some_facts("c", "1.0.0", "a", "b")], pins="override"
    )

    told = error_of(planned(org), "c")

    assert says in told
    assert "add b to the run" not in told


@pytest.mark.parametrize(
    ("tags", "needs", "refused"),
    [
        pytest.param(("v1.0.0", "v1.1.0"), "b>=1.2", True, id="none"),
        pytest.param(("v1.0.0", "v1.1.0"), "b<1.1", False, id="an-older-one"),
        pytest.param(("v1.0.0",), "b>=1.2rc1", False, id="a-prerelease-may-be-there"),
        pytest.param((), "b>=1.2", False, id="no-tag-no-knowledge"),
        pytest.param(("v1.0.0",), "b", False, id="any"),
    ],
)
def test_a_release_of_an_outsider_has_to_be_there(
    tags: tuple[str, ...], needs: str, *, refused: bool
) -> None:
    outside = some_facts("b", tags=dict.fromkeys(tags, "c" * 40))
    org = an_organisation([outside], [some_facts("c", "1.0.0", needs)])

    plan = planned(org, "c")

    assert (plan.entry("c").error_code is ErrorCode.PIN_CONFLICT) is refused
    if refused:
        told = error_of(plan, "c")
        assert "c/pyproject.toml, project.dependencies: 'b>=1.2' admits no release of b" in told
        assert "(the newest is 1.1.0), which is not in this run. Next: add b to the run" in told


@pytest.mark.parametrize(
    ("theirs", "refused"),
    [("x<1.1", True), ("x>=1", False), ("x<1.1; os_name == 'nt'", False)],
)
def test_a_release_of_an_outsider_has_to_suit_all_that_is_locked_together(
    theirs: str, *, refused: bool
) -> None:
    outside = some_facts("x", tags={"v1.0.0": "c" * 40, "v1.1.0": "d" * 40})
    org = an_organisation(
        [outside], [some_facts("b", "1.0.0", theirs)], [some_facts("c", "1.0.0", "b", "x>=1.1")]
    )

    plan = planned(org, "b", "c")

    assert plan.entry("b").error_code is None
    assert (plan.entry("c").error_code is ErrorCode.PIN_CONFLICT) is refused
    if refused:
        told = error_of(plan, "c")
        assert "c/pyproject.toml, project.dependencies: 'x>=1.1' and b/pyproject.toml" in told
        assert "'x<1.1' together admit no release of x (the newest is 1.1.0)" in told
