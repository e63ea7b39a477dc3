"""``omni-release init``: a release.yaml for the clones in a folder, and how well they fit.

The report is the planner's own answer to the configuration that was written; ``--check`` holds an
existing one against the clones. No service and no remote is asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_release.commands import options
from omninode_release.console.fit import render_fit
from omninode_release.contract.exit_codes import EXIT_OK, exit_code
from omninode_release.errors import typed
from omninode_release.release.first_configuration import Clones, compare, write_first
from omninode_release.release.requests.find_organisation import (
    CONFIG_NAME,
    find_config,
    find_folder,
)

if TYPE_CHECKING:
    from omninode_release.models.fit import FitReport
    from omninode_release.release.environment import Environment


def _init(
    environment: Environment,
    config: Path | None,
    omni_home: Path | None,
    *,
    check: bool,
    as_json: bool,
) -> int:
    """Write or compare; 1 where an existing configuration differs. Raises CONFIG_INVALID."""
    folder = find_folder(environment, omni_home)
    clones = Clones(environment, folder)
    if check:
        report = compare(clones, config)
    else:
        report = write_first(
            clones, find_config(environment, folder, config) or folder / CONFIG_NAME
        )
    if as_json:
        environment.print_json(report.model_dump(mode="json"), indent=2)
    else:
        environment.print(*render_fit(report), "", _say_next(report, folder))
    return exit_code("failed") if report.differences else EXIT_OK


def _say_next(report: FitReport, folder: Path) -> str:
    if report.differences:
        return f"Next: correct {report.configuration}, then type the same again"
    if not report.written:
        return "The configuration says what the clones do."
    is_usual = folder / CONFIG_NAME == Path(report.configuration)
    config = () if is_usual else ("--config", report.configuration)
    words = ("omni-release", "--dry-run", "--omni-home", str(folder), *config)
    return f"Next: {typed(words)}"


command = options.command(
    "init",
    _init,
    options.config(),
    options.omni_home(),
    click.Option(
        ["--check"],
        is_flag=True,
        help="Write nothing: compare the configuration that is there, and exit 1 where it differs.",
    ),
    options.as_json("Print the report as JSON."),
    help="Look at the clones directly under a folder, write a release.yaml of what differs from the"
    " defaults, and say of each repository whether it fits. An existing file is never overwritten.",
)
