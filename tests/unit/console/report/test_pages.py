"""A report as HTML and as Markdown: what it shows, and that no foreign word acts in it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from omninode_release.console.report.gather import RunReport, Standing, report_plan, report_run
from omninode_release.console.report.html import write_html
from omninode_release.console.report.markdown import write_markdown
from omninode_release.models.plan import PlannedPin
from omninode_release.models.verification import Verification
from support.reports import some_plan, some_state

HOSTILE = "</title></pre><script>alert(1)</script> | `x` @someone\x1b[2J\u202e"


def standing(**repo: Any) -> Standing:
    return report_run(some_state(**repo), []).releases[0].standing


@pytest.mark.parametrize(
    ("repo", "expected"),
    [
        ({}, Standing.PLANNED),
        ({"in_progress": "BUMP"}, Standing.RUNNING),
        ({"phase": "DONE"}, Standing.RELEASED),
        ({"error_code": "TIER_BLOCKED", "error": "x"}, Standing.BLOCKED),
        ({"phase": "LINT", "error_code": "LINT_FAILED", "error": "x"}, Standing.FAILED),
    ],
)
def test_each_repository_stands_somewhere(repo: dict[str, Any], expected: Standing) -> None:
    assert standing(**repo) is expected


def test_what_was_begun_has_stopped_where_nothing_is_at_work() -> None:
    state = some_state(phase="PUSHED", completed_phase="PUSHED", in_progress="PR")

    report = report_run(state, [], "interrupted")

    assert report.releases[0].standing is Standing.STOPPED
    resume = f"omni-release --resume {state.run_id}"
    for page, where in (
        (write_html(report), "after PUSHED"),
        (write_markdown(report), "(after PUSHED)"),
    ):
        assert where in page
        assert resume in page
        assert "in progress" not in page


def test_a_plan_shows_what_would_be_released() -> None:
    page, text = write_html(report_plan(some_plan())), write_markdown(report_plan(some_plan()))

    assert "<h1>Release plan r1</h1>" in page
    assert "a 1.1.0 → b" in page  # the pin's arrow
    assert "| b | 2 | 1.0.0 → 1.0.1 | patch |" in text
    assert "  r0 --> r1" in text
    assert "| b | a-dist | ==1.1.0 |" in text


def test_a_pin_shows_what_it_replaces_and_a_run_whether_all_installs() -> None:
    change = {"name": "a-dist", "table": "t", "before": "a-dist>=1,<2", "after": "a-dist==1.1.0"}
    pin = {"repo": "a", "distribution": "a-dist", "version": "1.1.0", "changes": [change]}
    plan = some_plan()
    other = plan.entries[1].model_copy(update={"pins": (PlannedPin.model_validate(pin),)})
    found = Verification(state="failed", text="2 packages do not install together: <why>")
    state = some_state(plan.model_copy(update={"entries": (plan.entries[0], other)}))
    report = report_run(state.model_copy(update={"verify": found}), [])

    page, text = write_html(report), write_markdown(report)

    assert "&gt;=1,&lt;2 → ==1.1.0" in page
    assert "| b | a-dist | " in text
    assert "1,<2 → ==1.1.0 |" in text.replace("\\", "").replace("&lt;", "<")
    assert "failed: 2 packages do not install together: &lt;why&gt;" in page
    assert "- Installs together: failed: 2 packages" in text


def test_a_run_shows_why_it_stopped_and_its_links() -> None:
    state = some_state(
        phase="LINT", error_code="LINT_FAILED", error="ruff fails. Next: mend it",
        pr_number=7, pr_url="https://forge.example/a/pull/7",
    )  # fmt: skip
    report = report_run(state, [])

    assert '<a class="line" href="https://forge.example/a/pull/7">pull request #7</a>' in (
        write_html(report)
    )
    assert "[pull request #7](https://forge.example/a/pull/7)" in write_markdown(report)
    assert "ruff fails.\nNext: mend it" in write_html(report)
    assert "ruff fails. Next: mend it" in write_markdown(report)
    for made in (write_html(report), write_markdown(report)):
        assert "LINT_FAILED" in made


def test_only_what_a_browser_may_follow_is_a_link() -> None:
    state = some_state(pr_number=7, pr_url="javascript:alert(1)")

    assert "javascript:" not in write_html(report_run(state, []))
    assert "javascript:" not in write_markdown(report_run(state, []))


@pytest.mark.parametrize(
    "said",
    [
        {"forced": True, "word": "--version a=1.1.0"},
        {"declared_by": "CHANGES.rst line 3 (Version 1.1.0)"},
    ],
)
def test_what_went_before_the_commits_is_named_as_what_decided(said: dict[str, Any]) -> None:
    report = report_plan(some_plan(**said))
    word = said.get("word") or said["declared_by"]

    assert f'<td class="why">{word}</td>' in write_html(report)
    row = next(line for line in write_markdown(report).splitlines() if line.startswith("| a | 1 "))
    assert word in row.replace("\\", "")
    assert "feat: x" not in row


def hostile_report() -> RunReport:
    plan = some_plan(decided_by={"sha": "a" * 40, "subject": HOSTILE})
    seen = {"repo": "a", "kind": "tag", "what": HOSTILE, "why": HOSTILE}
    plan = plan.model_validate(plan.model_dump() | {"warnings": [HOSTILE], "seen": [seen]})
    return report_run(some_state(plan, error_code="LINT_FAILED", error=HOSTILE), [])


def test_no_foreign_word_acts_in_a_page() -> None:
    page = write_html(hostile_report())

    assert "<script" not in page
    assert page.count("</title>") == page.count("<title>")
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_no_foreign_word_acts_in_markdown() -> None:
    text = write_markdown(hostile_report())

    assert "<script" not in text.replace("\\<script", "")
    assert "\x1b" not in text
    assert "`@someone" in text
    rows = [line for line in text.splitlines() if line.startswith("| a | 1 ")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [9]
