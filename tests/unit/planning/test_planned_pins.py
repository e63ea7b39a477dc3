"""Pins on what is released before, and the siblings that stay outside a run."""

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


def test_a_row_pins_what_this_run_releases_before_it() -> None:
    org = an_organisation(
        [some_facts("a"), some_facts("b", commits=[])],
        [some_facts("c", "1.0.0", "a", "b", "d"), some_facts("d")],
        [some_facts("e", "1.0.0", "c", "a")],
    )

    plan = planned(org)

    assert {row.repo: [(pin.repo, pin.version) for pin in row.pins] for row in plan.entries} == {
        "a": [],
        "b": [],
        "d": [],
        "c": [("a", "1.0.1"), ("d", "1.0.1")],
        "e": [("a", "1.0.1"), ("c", "1.0.1")],
    }


@pytest.mark.parametrize(
    ("needs", "code"),
    [
        pytest.param("a<1.0.1", "PIN_CONFLICT", id="forbidden"),
        pytest.param("a>=1", None, id="admitted"),
        pytest.param("a==1.*", None, id="admitted-by-a-wildcard"),
        pytest.param("a>=1-x", None, id="unreadable"),
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
