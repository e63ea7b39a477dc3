"""``omni-release report RUN_ID``: a run to look at, as one HTML page or as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from omninode_release.commands import options
from omninode_release.console.report.gather import report_run
from omninode_release.console.report.html import write_html
from omninode_release.console.report.markdown import write_markdown
from omninode_release.errors import usage_error
from omninode_release.release.find_store import find_store
from omninode_release.system.files import read_file
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.console.report.gather import RunReport
    from omninode_release.release.environment import Environment
    from omninode_release.release.store import Store


def _report(environment: Environment, run_id: str, html: str | None, *, markdown: bool) -> int:
    """Write the report. Raises STATE_NOT_FOUND, STATE_CORRUPT and USAGE_ERROR."""
    if html and markdown:
        raise usage_error("report: --html and --markdown exclude each other: pass one of them.")
    made = report_stored(environment, run_id)
    if html:
        environment.print(f"Written: {write_page(environment, made, html)}")
    else:
        environment.print(write_markdown(made).rstrip("\n"))
    return 0


def report_stored(environment: Environment, run_id: str) -> RunReport:
    """A run as its state has it. Raises STATE_NOT_FOUND and STATE_CORRUPT."""
    store = find_store(environment, run_id)
    state, standing = store.look(run_id)
    journal = [*_read_journal(store, run_id)]
    if store.control is not None and not journal:
        environment.complain(
            f"note: the journal of {run_id} is on the machine that carried it out: where the time"
            " went is not in this report."
        )
    return report_run(state, journal, standing)


def write_page(environment: Environment, report: RunReport, name: str) -> Path:
    """Write a report as HTML, and answer where. Raises USAGE_ERROR where that cannot be."""
    return options.write_file(environment, "--html", name, write_html(report).encode())


def _read_journal(store: Store, run_id: str) -> Iterator[dict[str, Any]]:
    """The lines of a run's journal; none where it has none, and none that a crash tore."""
    for path in reversed(store.places.list_everywhere(store.places.journal(run_id))):
        try:
            lines = read_file(path).split(b"\n")
        except FileNotFoundError:
            continue
        for line in lines:
            try:
                value = parse_json(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value
        return


command = options.command(
    "report",
    _report,
    options.run_id(),
    click.Option(
        ["--html"],
        type=options.NAME,
        metavar="FILE",
        help="Write one self-contained page there.",
    ),
    click.Option(["--markdown"], is_flag=True, help="Print Markdown. (the default)"),
    help="Show a run, finished or not: what was released and why, where the time went, every link.",
)
