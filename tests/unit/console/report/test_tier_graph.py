"""Where the arrows of the tier graph run."""

from __future__ import annotations

import re

from omninode_release.console.report.gather import report_plan
from omninode_release.console.report.tier_graph import draw_graph
from omninode_release.models.plan import Plan
from support.reports import some_plan


def chain() -> Plan:
    """c pins b and a, b pins a; each in a tier of its own."""
    first, second = some_plan().entries
    pin = second.pins[0].model_copy(update={"repo": "b", "distribution": "b-dist"})
    third = second.model_copy(update={"repo": "c", "tier": 3, "pins": (*second.pins, pin)})
    return some_plan().model_copy(update={"entries": (first, second, third)})


def test_an_arrow_past_a_tier_runs_above_its_boxes_and_not_behind_them() -> None:
    graph = draw_graph(report_plan(chain()).releases)

    (passing,) = (each for each in graph.arrows if each.title == "a 1.1.0 → c")
    lane = re.search(r" (\d+) H\d", passing.path)
    assert lane is not None
    assert int(lane[1]) < min(box.y for box in graph.boxes)
    assert all(" H" not in each.path for each in graph.arrows if each is not passing)


def test_without_such_an_arrow_no_room_is_taken() -> None:
    pair, three = (draw_graph(report_plan(plan).releases) for plan in (some_plan(), chain()))

    assert pair.boxes[0].y < three.boxes[0].y
