"""Who follows a sibling as a patch, and what an approval of that covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.commit import Level
from omninode_release.models.plan import PlannedPin, PlanStatus, RepoPlan
from omninode_release.models.version_words import NO_WORDS, VersionWords
from omninode_release.planning.planner import Planner
from omninode_release.text.gate_message import gate_message
from support.facts import an_organisation, some_facts
from support.repos import manifest

if TYPE_CHECKING:
    from omninode_release.models.plan import Plan


def planned(*needs: str, extra: str = "", words: VersionWords = NO_WORDS, **config: Any) -> Plan:
    """A has a feature to release, b requires it in some way, c pins b; neither has commits."""
    b = some_facts("b", "2.0.0", commits=[], manifest=manifest("b", "2.0.0", *needs) + extra)
    c = some_facts("c", "3.0.0", "b==2.0.0", commits=[])
    a = some_facts("a", commits=["feat: x"])
    org = an_organisation([a], [b], [c], **config)
    return Planner(org.config, org.facts, words).plan("release-1", org.order)


def statuses(plan: Plan) -> dict[str, tuple[str, str | None]]:
    return {row.repo: (str(row.status), row.new) for row in plan.entries}


def test_an_exact_pin_is_followed_in_turn() -> None:
    plan = planned("a==1.0.0", cascade="patch")

    assert statuses(plan) == {
        "a": ("release", "1.1.0"),
        "b": ("release", "2.0.1"),
        "c": ("release", "3.0.1"),
    }
    assert [row.cascaded_from for row in plan.entries] == [(), ("a",), ("b",)]
    assert [row.bump for row in plan.entries] == [Level.MINOR, Level.PATCH, Level.PATCH]
    assert "b   2.0.0 → 2.0.1  (patch, 0 commits, cascaded from a)" in gate_message(plan)
    assert not [each for each in plan.warnings if "stays behind" in each]


@pytest.mark.parametrize(
    ("needs", "extra", "config"),
    [
        (["a>=1.0,<2"], "", {}),
        (["a==1.*"], "", {}),
        (["a==1.1"], "", {}),  # the version that is released
        (["a==2.0.0"], "", {}),  # above it: nothing stays behind
        ([], '[dependency-groups]\ndev = ["a==1.0.0"]\n', {}),
        (["a==1.0.0"], "", {"pins_of": {"b": {"a": "keep"}}}),
        (["a==1.0.0"], "", {"cascade": "off"}),
    ],
)
def test_who_does_not_follow(needs: list[str], extra: str, config: dict[str, Any]) -> None:
    plan = planned(*needs, extra=extra, **{"cascade": "patch", **config})

    assert plan.entry("b").status is PlanStatus.SKIP
    assert plan.entry("c").status is PlanStatus.SKIP


def test_an_extra_that_is_exact_is_followed() -> None:
    extra = '[project.optional-dependencies]\nall = ["a==1.0.0"]\n'

    assert planned(extra=extra, cascade="patch").entry("b").cascaded_from == ("a",)


def test_a_level_that_was_said_is_taken() -> None:
    words = VersionWords(bumps={"b": Level.MINOR})

    row = planned("a==1.0.0", words=words, cascade="patch").entry("b")

    assert (row.new, row.forced, row.cascaded_from) == ("2.1.0", True, ("a",))


def test_what_stays_behind_is_a_warning_with_its_table() -> None:
    (warning,) = [each for each in planned("a==1.0.0").warnings if "stays behind" in each]

    assert warning.startswith("b: nothing to release, and its exact pin 'a==1.0.0'")
    assert "`cascade: patch`" in warning


def test_an_approval_covers_why_it_is_released_and_how_it_pins() -> None:
    pin = PlannedPin(repo="a", distribution="a", version="1.1.0")
    row = RepoPlan(repo="b", tier=2, status=PlanStatus.RELEASE, pins=(pin,))

    others = [
        row.model_copy(update={"cascaded_from": ("a",)}),
        row.model_copy(update={"pins": (pin.model_copy(update={"rule": "raise"}),)}),
        row.model_copy(update={"pins": (pin.model_copy(update={"source": "git"}),)}),
    ]
    assert len({each.digest() for each in (row, *others)}) == 4
    # As versions before these facts had it.
    assert pin.approved_facts() == ["a", "1.1.0"]
