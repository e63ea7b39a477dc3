"""The gates a configuration can name. Adding one: a module beside these, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from omninode_release.adapters.slack import (
    CHANNEL_VARIABLE,
    TOKEN_VARIABLE,
    Slack,
    credentials,
    env_file,
)
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.gate.console import ConsoleGate
from omninode_release.gate.ports import Gate, Surroundings
from omninode_release.gate.slack import SlackGate

SLACK_URL_VARIABLE = "OMNI_RELEASE_SLACK_URL"


def open_console(around: Surroundings) -> ConsoleGate:
    config = around.config
    seconds = config.timeouts.gate_minutes * 60
    return ConsoleGate(around.stdin, around.stdout, around.clock, config.commands, seconds)


def open_slack(around: Surroundings) -> SlackGate:
    """The gate in Slack. Raises CREDENTIALS_MISSING or CONFIG_INVALID for what cannot work."""
    gate = find_slack(around)
    if gate is None:
        file = env_file(_home(around))
        raise ReleaseError(
            ErrorCode.CREDENTIALS_MISSING,
            f"expected {TOKEN_VARIABLE} and {CHANNEL_VARIABLE} in the environment or in {file},"
            " found at most one of them.",
            hint=f"write both into {file} (docs/slack.md), or pass --gate-attestation"
            " <slack_ts>:<run_id>",
        )
    return gate


def find_slack(around: Surroundings) -> SlackGate | None:
    """The same, or None without credentials."""
    found = credentials(around.variables, _home(around))
    if found is None:
        return None
    config = around.config
    gate = SlackGate(
        Slack(found, around.variables.get(SLACK_URL_VARIABLE) or None),
        around.clock,
        config.commands,
        config.approvers,
        config.timeouts.gate_minutes * 60,
        config.polling,
        around.report,
    )
    gate.require()
    return gate


GATES: Mapping[str, Callable[[Surroundings], Gate]] = {
    "console": open_console,
    "slack": open_slack,
}


def _home(around: Surroundings) -> Path:
    return Path(around.variables.get("HOME") or Path.home())
