"""Messages as Slack's Block Kit shows them, with tables and links.

The text of a message stays what it is, for notifications and for those who read the thread by
program; a person sees the blocks, so they say all that the text says. Foreign words stand only
where Slack acts upon none (Block Kit, rich text and raw text). Limits are those of Slack's
reference: 50 blocks, a table of 100 rows, 10,000 characters in it, 150 characters a header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.errors.excerpt import start_of
from omninode_release.text.control_characters import plain
from omninode_release.text.gate_message import describe_release
from omninode_release.text.slack.markup import split_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from omninode_release.models.plan import Plan
    from omninode_release.models.result import ModelSkillResult

    Block = dict[str, Any]
    Cell = tuple[str, str | None]

MOST_BLOCKS = 50
_MOST_ROWS = 100
_MOST_IN_TABLE = 9_000
"""Characters; Slack takes 10,000 over all cells."""
_PART = 2_800
"""Characters of one block; Slack takes 3,000."""
_LONGEST_HEADER = 150
_LONGEST_URL = 3_000
_PLAN = "RELEASE PLAN:\n"


def make_gate_blocks(message: str, plan: Plan, compare: Mapping[str, str | None]) -> list[Block]:
    """The gate's question; ``compare`` is where a person sees what a repository has new."""
    before, _, after = message.partition(_PLAN)
    title, _, about = before.strip().partition("\n")
    rows: list[Sequence[Cell]] = [
        (
            (str(row.tier), None),
            (row.repo, compare.get(row.repo)),
            (" → ".join(row.versions), None),
            (describe_release(row), None),
        )
        for row in plan.remaining
    ]
    table = _make_table(("Tier", "Repository", "Version", "Released as"), rows)
    if table is None:  # too long for a table
        return _fit([_make_header(title), *_make_text(f"{about}\n\n{_PLAN}{after}")])
    rest = after.partition("\n\n")[2]
    return _fit([_make_header(title), *_make_text(about), table, *_make_text(rest)])


def make_summary_blocks(message: str, result: ModelSkillResult) -> list[Block]:
    """The end of a run, with a link to every pull request and workflow run."""
    title, _, rest = message.strip().partition("\n")
    rows: list[Sequence[Cell]] = [
        (
            (each.repo, None),
            (f"{each.old_version} → {each.new_version}", None),
            (str(each.error_code or each.phase), None),
            (f"#{each.pr_number}" if each.pr_number else "-", each.pr_url),
            (each.tag or "-", None),
            (each.pypi_status or "-", each.publish_url),
        )
        for each in result.details
    ]
    header = ("Repository", "Version", "State", "Pull request", "Tag", "Index")
    table = _make_table(header, rows) if rows else None
    return _fit([_make_header(title), *([table] if table else []), *_make_text(rest)])


def make_line_blocks(message: str, links: Iterable[Cell]) -> list[Block]:
    """One line, and links below it."""
    shown = [_make_element(cell) for cell in links if _is_web(cell[1])]
    between = [element for each in shown for element in (each, {"type": "text", "text": "  "})]
    return _fit([*_make_text(message), *([_make_rich_text(between)] if between else [])])


def _fit(blocks: Sequence[Block]) -> list[Block]:
    """At most as many blocks as Slack takes; that there is more is said."""
    if len(blocks) <= MOST_BLOCKS:
        return list(blocks)
    return [*blocks[: MOST_BLOCKS - 1], *_make_text("… more than Slack shows of a message.")]


def _make_header(title: str) -> Block:
    shown = start_of(plain(title), _LONGEST_HEADER)
    return {"type": "header", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def _make_text(text: str) -> Iterator[Block]:
    """Text as it is, in as many blocks as it needs; nothing for none."""
    lines = "\n".join(plain(line) for line in text.strip("\n").split("\n"))
    for part in split_text(lines, _PART):
        element = {"type": "text", "text": part}
        yield {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [element]}],
        }


def _make_table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Block | None:
    """A table, or None for one that is longer than Slack takes."""
    head = [_make_cell((name, None), bold=True) for name in header]
    size = sum(len(text) for row in rows for text, _ in row) + sum(map(len, header))
    if len(rows) >= _MOST_ROWS or size > _MOST_IN_TABLE:
        return None
    return {"type": "table", "rows": [head, *([_make_cell(cell) for cell in row] for row in rows)]}


def _make_cell(cell: Cell, *, bold: bool = False) -> Block:
    element = _make_element(cell)
    return _make_rich_text([element | {"style": {"bold": True}} if bold else element])


def _make_rich_text(elements: Sequence[Block]) -> Block:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


def _make_element(cell: Cell) -> Block:
    """Text, or a link where there is an address that a browser may follow."""
    text, address = plain(cell[0]) or "-", cell[1]
    if _is_web(address):
        return {"type": "link", "url": address, "text": text}
    return {"type": "text", "text": text}


def _is_web(address: str | None) -> bool:
    """True for an address that Slack makes a link of."""
    if address is None or len(address) > _LONGEST_URL:
        return False
    return address.startswith(("https://", "http://"))
