"""``omni-release verify FILE``: whether what a run released is still what it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from omninode_release.commands import options
from omninode_release.commands.doctor import describe_checks
from omninode_release.console.render import render_checks
from omninode_release.contract.exit_codes import EXIT_OK, exit_code
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.errors.excerpt import show
from omninode_release.models.check import Check
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.release_sets.check import prove, read_release_set
from omninode_release.release.session import open_session
from omninode_release.release.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.models.release_set import ReleaseSet
    from omninode_release.release.environment import Environment
    from omninode_release.release.session import Session


def _verify(
    environment: Environment, file: str, config: Path | None, omni_home: Path | None, *,
    as_json: bool,
) -> int:  # fmt: skip
    """Print every check; 0 when all holds, 1 when one does not or could not be made.

    Raises USAGE_ERROR for a file that cannot be read, CONFIG_INVALID for another organisation's.
    """
    path = environment.absolute(file, what="file")
    checks = _look(path, environment, ReleaseRequest(config=config, omni_home=omni_home))
    counts = Counter(check.state for check in checks)
    holds = not counts["failed"] and not counts["unknown"]
    verdict = "it is as it was released." if holds else "it is not proven to be as released."
    lines = [*render_checks(checks), "", f"{path}: {verdict}"]
    options.tell(environment, describe_checks(checks, ok=holds), *lines, as_json=as_json)
    return EXIT_OK if holds else exit_code("failed")


def _look(path: Path, environment: Environment, request: ReleaseRequest) -> list[Check]:
    try:
        found = read_release_set(path)
    except ReleaseError as error:
        if error.code is not ErrorCode.VERIFY_FAILED:
            raise
        return [Check.failure("set", "digest", error)]
    session = open_session(request, replace(environment, stdout=environment.stderr))
    _require_fit(found, session)
    about = f"{found.digest.removeprefix('sha256:')[:12]}, run {found.run_id}"
    return [Check("set", "digest", "ok", about), *prove(found, World.of(session))]


def _require_fit(found: ReleaseSet, session: Session) -> None:
    ours, theirs = session.config.organization, found.organization
    if ours != theirs:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a release set of the organisation {ours}, found one of {show(theirs)}.",
            hint="name the folder with its clones with --omni-home DIR",
        )


command = options.command(
    "verify",
    _verify,
    click.Argument(["file"], metavar="FILE", type=options.NAME),
    options.config(),
    options.omni_home(),
    options.as_json("Print the checks as JSON."),
    help="Hold a release-set.json against tags, base branches and index, and say what differs."
    " Base branches are fetched for that.",
)
