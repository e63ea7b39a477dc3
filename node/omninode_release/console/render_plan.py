"""The plan as a person reads it: a table, and below it why each row is so; and why a version."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from omninode_release.console.table import render_section, render_table
from omninode_release.errors import split_lines
from omninode_release.models.plan import PlanStatus, short_hash
from omninode_release.text.control_characters import plain
from omninode_release.text.pins.lines import describe_pins, find_word, list_causes
from omninode_release.text.versions.version import tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.explanation import Explanation
    from omninode_release.models.plan import PinChange, Plan, RepoPlan

_SHOW_ALIKE = 5


def render_plan(plan: Plan, *, width: int | None = None, rules: str = "") -> Iterator[str]:
    """The plan table and what a reader needs below it.

    With the ``rules`` of a gate that asks right below, the table stands last: what a person says
    yes or no to is on the screen then, however much there is to say of it.
    """
    yield f"Release plan {plan.run_id}"
    if not rules:
        yield from _render_rows(plan, width)
    yield from _render_reasons(plan)
    warnings = render_section("Warnings", (plain(warning) for warning in plan.warnings))
    seen = render_section("Seen, not used", _describe_seen(plan))
    origin = [] if plan.configuration is None else [f"Configuration {plain(plan.configuration)}"]
    if rules:
        yield from (*seen, "", *origin, *map(plain, split_lines(rules)), *warnings)
        yield from _render_rows(plan, width)
        return
    yield from (*warnings, *seen, "")
    yield f"Plan hash {short_hash(plan.plan_hash)} ({plan.plan_hash})"
    yield from origin


def _render_rows(plan: Plan, width: int | None) -> Iterator[str]:
    header = ("repo", "tier", "current", "new", "bump", "commits", "status")
    rows = [_list_cells(row) for row in plan.entries]
    yield ""
    yield from render_table(header, rows, right={"commits"}, width=width)


def _render_reasons(plan: Plan) -> Iterator[str]:
    """Why each row is as it is, and what is not in a row."""
    yield from render_section(
        "Decided by", (describe_decision(row) for row in plan.entries if row.bump)
    )
    yield from render_section(
        "Pins",
        (f"{row.repo}: {plain(describe_pins(row))}" for row in plan.entries if row.pins),
    )
    yield from render_section(
        "Tags",
        (
            f"{row.repo}: {tag_name(row.tag_format, row.repo, row.new)}, in the format"
            f" {row.tag_format}"
            for row in plan.entries
            if row.new and row.tag_format
        ),
    )
    yield from render_section(
        "Cannot be released",
        (f"{row.error_code} {row.repo}: {plain(row.error or '')}" for row in plan.errors),
    )
    yield from render_section("Nothing to release", _list_skipped(plan))


def _list_skipped(plan: Plan) -> Iterator[str]:
    """Why each repository is skipped, and of the first how it is released all the same."""
    skipped = [row for row in plan.entries if row.status is PlanStatus.SKIP]
    for number, row in enumerate(skipped):
        why = describe_skip(row) if number == 0 else _describe_lack(row)
        yield f"{row.repo}: {plain(why)}"


def _list_cells(row: RepoPlan) -> tuple[str, ...]:
    return (
        row.repo,
        str(row.tier),
        row.current or "?",
        row.new or "-",
        str(row.bump or "-"),
        str(row.commits),
        _describe_status(row),
    )


def _describe_seen(plan: Plan) -> Iterator[str]:
    """Each thing with the reason, once for all that have it; of many alike the first few."""
    shown: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in plan.seen:
        alike = (each.repo, each.kind)
        shown[alike] += 1
        if shown[alike] <= _SHOW_ALIKE:
            found.setdefault((each.kind, each.what, each.why), []).append(each.repo)
    for (kind, what, why), repos in found.items():
        yield f"{_name_repos(repos)}: {kind} {plain(what)}: {plain(why)}"
    for (repo, kind), number in shown.items():
        if number > _SHOW_ALIKE:
            yield f"{repo}: {number - _SHOW_ALIKE} more of kind {kind}; --json lists all"


def _name_repos(repos: list[str]) -> str:
    more = len(repos) - _SHOW_ALIKE
    return ", ".join(repos) if more <= 0 else f"{', '.join(repos[:_SHOW_ALIKE])} and {more} more"


def _describe_status(row: RepoPlan) -> str:
    match row.status:
        case PlanStatus.ERROR:
            return str(row.error_code)
        case PlanStatus.SKIP:
            return "skip: nothing to release"
        case PlanStatus.RELEASE | PlanStatus.DONE:
            return str(row.status)


def describe_skip(row: RepoPlan) -> str:
    """Why a row is skipped, and what releases it all the same."""
    why = _describe_lack(row)
    offer = f"; --version {row.repo}={row.offered} releases it all the same"
    return f"{why}{offer}" if row.offered else why


def _describe_lack(row: RepoPlan) -> str:
    if row.pre_release_of:
        last = f"its last pre-release of {row.pre_release_of}"
        return f"nothing came since {last}, which a run without --pre releases"
    covered = f", all of {row.base_branch} is in {row.last_tag}"
    return f"no commit counts{'' if row.commits or row.last_tag is None else covered}"


def describe_decision(row: RepoPlan) -> str:
    """What decided a row's level, and by what."""
    return f"{row.repo}: {', '.join((_describe_level(row), *list_causes(row)))}"


def _describe_level(row: RepoPlan) -> str:
    by = find_word(row)
    if by is None and row.decided_by is not None and not row.cascaded_from:
        by = f"{row.decided_by.sha[:12]} {row.decided_by.subject}"
    return f"{row.bump} by {plain(by)}" if by else str(row.bump)


def render_explanation(found: Explanation) -> Iterator[str]:
    """The version, what decided, and everything that was looked at for it."""
    new = f" → {found.new}" if found.new else ""
    yield f"{found.repo} {found.old or '(none)'}{new}"
    yield f"  {plain(found.why)}"
    if found.problem is not None:
        yield f"  {plain(found.problem)}"
    yield ""
    since = f"since {plain(found.since)}" if found.since else "of all its history"
    tip = f", up to {found.commit[:12]}" if found.commit else ""
    yield f"Commits {since}{tip}: {len(found.history)}"
    if found.history:
        rows = [
            (each.sha[:12], each.level or "-", plain(each.subject), each.rule)
            for each in found.history
        ]
        yield from render_table(("commit", "level", "subject", "rule"), rows)
    yield from render_section("Pins", map(_describe_pin, found.pins))
    yield from render_section("Needed by", found.needed_by)
    yield from render_section(
        "Seen, not used", (f"{e.kind} {plain(e.what)}: {plain(e.why)}" for e in found.seen)
    )


def _describe_pin(change: PinChange) -> str:
    before = plain(change.before) or "(none)"
    return f"{change.table}: {before} → {plain(change.after)}"
