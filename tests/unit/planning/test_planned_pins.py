"""Pins on what is released before, and what they replace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omninode_release.models.plan import PlannedPin, PlanStatus, RepoPlan
from omninode_release.models.result import ResultStatus
from omninode_release.planning.planner import Planner
from omninode_release.release.result import compose_result
from omninode_release.text.gate_message import gate_message
from omninode_release.text.pins.lines import describe_pins
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


def test_a_pin_says_what_every_requirement_was() -> None:
    text = manifest("c", "1.0.0", "a>=1,<2") + (
        '[project.optional-dependencies]\nall = ["A[x]"]\n'
        "[dependency-groups]\ndev = [\"a==1.0.0 ; os_name > '3'\"]\n"
        '[tool.uv]\noverride-dependencies = ["a>=0.9"]\n'
        '[tool.poetry.group.dev.dependencies]\na = "^1.0"\n'
    )
    org = an_organisation([some_facts("a")], [some_facts("c", manifest=text)])

    row = planned(org).entry("c")

    assert [(each.table, each.before, each.after) for each in row.pins[0].changes] == [
        ("project.dependencies", "a>=1,<2", "a==1.0.1"),
        ("project.optional-dependencies.all", "A[x]", "A[x]==1.0.1"),
        (
            "dependency-groups.dev",
            "a==1.0.0 ; os_name > '3'",
            "a==1.0.1 ; os_name > '3'",
        ),
        ("tool.uv.override-dependencies", "a>=0.9", "a==1.0.1"),
        ("tool.poetry.group.dev.dependencies", "^1.0", "==1.0.1"),
    ]
    assert describe_pins(row) == "a >=1,<2 and any and ==1.0.0 and >=0.9 and ^1.0 → ==1.0.1"
    assert not row.pins[0].overrides


def test_a_pin_of_an_earlier_version_is_shown_without_what_it_was() -> None:
    pin = PlannedPin(repo="a", distribution="a", version="1.0.1")

    assert describe_pins(RepoPlan(repo="c", tier=2, status=PlanStatus.RELEASE, pins=(pin,))) == (
        "a==1.0.1"
    )


def test_gate_and_result_show_what_a_pin_replaces() -> None:
    org = an_organisation(
        [some_facts("a", commits=["feat!: x"])],
        [some_facts("c", "1.0.0", "a>=1.0,<2")],
        pins="override",
    )
    plan = planned(org)

    assert "PINS:\n  c: a >=1.0,<2 → ==2.0.0 (pins: override)\n" in gate_message(plan)
    moment = datetime(2026, 2, 25, tzinfo=UTC)
    result = compose_result(
        run_id="release-1",
        status=ResultStatus.DRY_RUN,
        started_at=moment,
        finished_at=moment,
        plan=plan,
    )
    assert [pin.overrides for pin in result.details[1].pins] == [True]
    assert plan.entry("c").digest() == without_changes(plan.entry("c")).digest()


def without_changes(row: RepoPlan) -> RepoPlan:
    """The row as a version before this one planned it: an approval of either covers both."""
    bare = tuple(
        PlannedPin(repo=pin.repo, distribution=pin.distribution, version=pin.version)
        for pin in row.pins
    )
    return row.model_copy(update={"pins": bare})
