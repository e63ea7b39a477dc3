"""Messages as blocks: all that the text says, links, no markup of strangers, Slack's limits."""

from __future__ import annotations

import re
from typing import Any

import pytest

from omninode_release.models.plan import Plan, PlanStatus, RepoPlan
from omninode_release.models.result import ModelSkillResult, ResultDetail
from omninode_release.text.gate_message import gate_message
from omninode_release.text.run_summary import summary_message
from omninode_release.text.slack.blocks import (
    make_gate_blocks,
    make_line_blocks,
    make_summary_blocks,
)
from support.blocks import find_blocks_error, links_of, texts_of
from support.cli import MOMENT

HOSTILE = "<!channel> *bold* <https://evil.example|log in> & `x`\x1b[2J"


def a_plan(repos: int = 2, *, warnings: tuple[str, ...] = (), name: str = "repo") -> Plan:
    rows = [
        RepoPlan(
            repo=f"{name}{number}", tier=1, status=PlanStatus.RELEASE, current="1.0.0",
            new="1.1.0", bump="minor", commits=3,
        )
        for number in range(repos)
    ]  # fmt: skip
    rows.append(RepoPlan(repo="idle", tier=2, status=PlanStatus.SKIP))
    return Plan(run_id="pair", entries=tuple(rows), warnings=warnings)


def blocks_of(plan: Plan, **compare: str | None) -> list[dict[str, Any]]:
    made = make_gate_blocks(gate_message(plan), plan, compare)
    assert find_blocks_error(made) is None
    return made


def test_the_plan_is_a_table_with_links_to_the_comparison() -> None:
    made = blocks_of(a_plan(), repo0="https://forge.example/compare/v1...abc", repo1="local://x")

    [table] = [block for block in made if block["type"] == "table"]
    assert [texts_of(row) for row in table["rows"]] == [
        ["Tier", "Repository", "Version", "Released as"],
        ["1", "repo0", "1.0.0 → 1.1.0", "minor, 3 commits"],
        ["1", "repo1", "1.0.0 → 1.1.0", "minor, 3 commits"],
    ]
    assert links_of(made) == {"repo0": "https://forge.example/compare/v1...abc"}


def test_a_person_reads_in_the_blocks_all_that_the_text_says() -> None:
    plan = a_plan(warnings=("the clone is behind its remote",))

    shown = texts_of(blocks_of(plan))

    plan_lines = {"RELEASE PLAN:", "Tier 1:"}
    for line in filter(None, map(str.strip, gate_message(plan).splitlines())):
        if " → " in line:
            assert set(re.split(r"  +", line.replace("(", " ").rstrip(")"))) <= set(shown), line
        elif line not in plan_lines:
            assert any(line in text for text in shown), line


def test_a_cascade_is_said_in_the_table() -> None:
    row = a_plan().entries[0].model_copy(update={"cascaded_from": ("core",), "commits": 0})

    made = blocks_of(Plan(run_id="pair", entries=(row,)))

    assert "minor, 0 commits, cascaded from core" in texts_of(made)


def test_words_of_others_are_shown_and_not_acted_upon() -> None:
    made = blocks_of(a_plan(warnings=(HOSTILE,)))

    holding = [t for t in texts_of(made) if "evil.example" in t]
    assert len(holding) == 1
    assert "<!channel> *bold* <https://evil.example|log in> & `x`" in holding[0]
    assert "\x1b" not in holding[0]
    assert links_of(made) == {}
    assert {block["type"] for block in made} == {"header", "rich_text", "table"}


@pytest.mark.parametrize("repos", [1, 99, 100, 400])
@pytest.mark.parametrize("warnings", [0, 1, 5000])
def test_slacks_limits_are_kept(repos: int, warnings: int) -> None:
    plan = a_plan(repos, warnings=("w" * 900,) * warnings, name="r" * 80)

    made = blocks_of(plan)

    assert len(made) <= 50
    assert texts_of(made)[0].startswith(f"[HIGH_RISK] release — coordinated release of {repos}")
    if warnings == 5000:
        assert texts_of(made)[-1] == "… more than Slack shows of a message."
    else:
        assert "silence will NOT auto-advance" in texts_of(made)[-1]


def test_the_summary_links_every_pull_request_and_workflow_run() -> None:
    detail = ResultDetail(
        repo="alpha", tier=1, old_version="1.0.0", new_version="1.1.0", bump="minor",
        commits_since_tag=2, phase="DONE", pr_url="https://forge.example/pull/7", pr_number=7,
        tag="v1.1.0", pypi_status="available", publish_url="https://forge.example/runs/1",
    )  # fmt: skip
    result = ModelSkillResult(
        status="SUCCESS", run_id="pair", details=(detail,), started_at=MOMENT, finished_at=MOMENT
    )

    made = make_summary_blocks(summary_message(result), result)

    assert find_blocks_error(made) is None
    assert links_of(made) == {
        "#7": "https://forge.example/pull/7",
        "available": "https://forge.example/runs/1",
    }


def test_a_result_without_repositories_has_no_table() -> None:
    result = ModelSkillResult(
        status="FAILED", run_id="pair", error="x" * 9000, error_code="GRAPH_DRIFT",
        started_at=MOMENT, finished_at=MOMENT,
    )  # fmt: skip

    made = make_summary_blocks(summary_message(result), result)

    assert find_blocks_error(made) is None
    assert "table" not in {block["type"] for block in made}


def test_a_line_has_its_links_below_it() -> None:
    made = make_line_blocks("alpha is out", [("pull request #7", "https://x.example/7"), ("n", "")])

    assert find_blocks_error(made) is None
    assert texts_of(made)[0] == "alpha is out"
    assert links_of(made) == {"pull request #7": "https://x.example/7"}


def test_the_look_alike_refuses_what_slack_refuses() -> None:
    [header, *rest] = blocks_of(a_plan())
    table = next(block for block in rest if block["type"] == "table")
    row = table["rows"][0]

    for wrong in (
        [header] * 51,
        [{**header, "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "plain_text", "text": ""}}],
        [{"type": "table", "rows": [row] * 101}],
        [{"type": "table", "rows": [row * 6]}],
        [{"type": "video"}],
        [{**header, "colour": "red"}],
    ):
        assert find_blocks_error(wrong) == "invalid_blocks", wrong
    assert find_blocks_error([table, table]) == "invalid_attachments"
    assert find_blocks_error("x") == "invalid_blocks_format"
