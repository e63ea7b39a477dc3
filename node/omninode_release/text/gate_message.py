"""The HIGH_RISK gate's message, in the spec's exact layout, from the plan that will be applied."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from omninode_release.models.plan import PlanStatus
from omninode_release.models.version_scheme import BY_DATE
from omninode_release.text.pins.lines import describe_pins, list_causes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.plan import Plan, RepoPlan


def gate_message(plan: Plan, *, approve: str = "approve", reject: str = "reject") -> str:
    """What is asked of a person (spec, Slack Gate Message Format)."""
    rows = plan.remaining
    width = max((len(row.repo) for row in rows), default=0)
    lines = [
        *_list_head(plan),
        "RELEASE PLAN:",
        *_list_tiers(rows, width),
        "",
        "SKIPPED (no unreleased commits):",
        *(
            [f"  {row.repo}" for row in plan.entries if row.status is PlanStatus.SKIP]
            or ["  (none)"]
        ),
        *_list_done(plan, width),
        *_list_pins(rows),
        *(
            ["", "WARNINGS:", *(f"  {warning}" for warning in plan.warnings)]
            if plan.warnings
            else []
        ),
        *_count_seen(plan),
        "",
        *_list_commands(approve, reject),
    ]
    return "\n".join(lines) + "\n"


def gate_question(plan: Plan, *, approve: str = "approve", reject: str = "reject") -> str:
    """The same without the plan, for a place where the plan has just been shown."""
    return "\n".join([*_list_head(plan), *_list_commands(approve, reject)]) + "\n"


def _list_head(plan: Plan) -> list[str]:
    number = _count(len(plan.remaining), "repo")
    return [
        f"[HIGH_RISK] release — coordinated release of {number}",
        "",
        f"Run: {plan.run_id}",
        f"Plan Hash: {plan.plan_hash}",
        "",
    ]


def _list_commands(approve: str, reject: str) -> list[str]:
    return [
        "Commands:",
        f"  {approve:<18} — execute full release plan",
        f"  {reject:<18} — cancel entire release",
        "",
        "This is HIGH_RISK — silence will NOT auto-advance.",
    ]


def _list_pins(rows: Sequence[RepoPlan]) -> list[str]:
    """What becomes of requirements between the packages; nothing where none does."""
    lines = [f"  {row.repo}: {describe_pins(row)}" for row in rows if row.pins]
    return ["", "PINS:", *lines] if lines else []


def _list_tiers(rows: Sequence[RepoPlan], width: int) -> Iterator[str]:
    tier = 0
    for row in rows:
        if row.tier != tier:
            tier = row.tier
            yield f"  Tier {tier}:"
        old, new = row.versions
        yield f"    {row.repo:<{width}}   {old} → {new}  ({describe_release(row)})"


def describe_release(row: RepoPlan) -> str:
    """As what a repository is released, and of how much."""
    by = row.declared_by or ""
    dated = [by] if by.startswith(BY_DATE) else []
    return ", ".join((str(row.bump), _count(row.commits, "commit"), *dated, *list_causes(row)))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _count_seen(plan: Plan) -> list[str]:
    """One line a repository: the dry run and the result list what it counts."""
    found: dict[str, Counter[str]] = {}
    for each in plan.seen:
        found.setdefault(each.repo, Counter())[each.kind] += 1
    lines = (
        f"  {repo}: {', '.join(_count(number, kind) for kind, number in kinds.items())}"
        for repo, kinds in found.items()
    )
    return ["", "SEEN, NOT USED:", *lines] if found else []


def _list_done(plan: Plan, width: int) -> list[str]:
    done = [row for row in plan.entries if row.status is PlanStatus.DONE]
    if not done:
        return []
    return ["", "ALREADY RELEASED BY THIS RUN:", *(f"  {r.repo:<{width}}   {r.new}" for r in done)]
