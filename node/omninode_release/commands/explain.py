"""``omni-release explain REPO [--version X]``: why this version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from omninode_release.commands import options
from omninode_release.console.render_plan import render_explanation
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.explain import explain_next, explain_released
from omninode_release.release.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.release.environment import Environment


def _explain(
    environment: Environment,
    repo: str,
    version: str | None,
    config: Path | None,
    omni_home: Path | None,
    *,
    offline: bool,
    as_json: bool,
) -> int:
    """Explain the next version, or one that is released. Raises UNKNOWN_REPO and USAGE_ERROR."""
    asked = ReleaseRequest(
        repos=(repo,), dry_run=True, offline=offline, config=config, omni_home=omni_home
    )
    session = open_session(asked, replace(environment, stdout=environment.stderr))
    if version is None:
        # All of them: what is released before it in the same run is what it will pin.
        everything = replace(session, request=replace(session.request, repos=()))
        found = explain_next(everything, repo)
    else:
        found = explain_released(session, repo, version)
    value = found.model_dump(mode="json")
    options.tell(environment, value, *render_explanation(found), as_json=as_json)
    return 0


command = options.command(
    "explain",
    _explain,
    click.Argument(["repo"], metavar="REPO"),
    click.Option(["--version"], metavar="X.Y.Z", help="A version that is released, by its tag."),
    options.config(),
    options.omni_home(),
    click.Option(["--offline"], is_flag=True, help="Do not ask the remotes."),
    options.as_json("Print all of it as JSON (explanation.schema.json)."),
    help="Say why a repository gets its next version, or got one that is released: every commit"
    " with its level and the rule for it, pins, who depends on it, and what was not used.",
)
