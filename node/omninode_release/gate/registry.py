"""The gates a configuration can name. Adding one: a module beside these, and a line here.

Each is imported when it is opened: a dry run asks no person.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.gate.console import ConsoleGate
    from omninode_release.gate.environment import EnvironmentGate
    from omninode_release.gate.ports import Gate, Surroundings
    from omninode_release.gate.slack import SlackGate

SLACK_URL_VARIABLE = "OMNI_RELEASE_SLACK_URL"


def open_console(around: Surroundings) -> ConsoleGate:
    from omninode_release.gate.console import ConsoleGate

    config = around.config
    seconds = config.timeouts.gate_minutes * 60
    return ConsoleGate(
        around.stdin,
        around.stdout,
        around.clock,
        config.commands,
        seconds,
        around.account,
        around.width,
    )


def open_slack(around: Surroundings) -> SlackGate:
    """The gate in Slack. Raises CREDENTIALS_MISSING or CONFIG_INVALID for what cannot work."""
    from omninode_release.adapters.slack_credentials import missing_error

    gate = find_slack(around)
    if gate is None:
        raise missing_error(around.credentials)
    return gate


def find_slack(around: Surroundings) -> SlackGate | None:
    """The same, or None where there is nothing of the credentials."""
    from omninode_release.adapters.pypi.network import Network
    from omninode_release.adapters.slack import Slack
    from omninode_release.adapters.slack_credentials import find_credentials
    from omninode_release.gate.slack import SlackGate

    found = find_credentials(around.variables, around.credentials)
    if found is None:
        return None
    config = around.config
    gate = SlackGate(
        Slack(
            found,
            around.variables.get(SLACK_URL_VARIABLE) or None,
            secrets=around.secrets.also(found.token),
            network=Network(around.variables),
        ),
        around.clock,
        config.commands,
        config.approvers,
        config.timeouts.gate_minutes * 60,
        config.polling,
        around.report,
        config.timeouts.own_grace_seconds,
    )
    gate.require()
    return gate


def open_environment(around: Surroundings) -> EnvironmentGate:
    """The gate of a workflow. Raises GATE_FAILED outside of GitHub Actions."""
    from omninode_release.adapters.github.api import open_api
    from omninode_release.adapters.github.calls import GitHubCalls
    from omninode_release.adapters.github.workflow_run import GitHubWorkflowRun
    from omninode_release.gate.actions_job import read_job
    from omninode_release.gate.environment import EnvironmentGate

    config, job = around.config, read_job(around.variables)
    calls = GitHubCalls(
        slug=job.slug,
        cwd=Path("/"),  # gh is told host and repository
        run=around.run,
        clock=around.clock,
        seconds=config.timeouts.api_seconds,
        secrets=around.secrets,
    )
    run = GitHubWorkflowRun(open_api(calls, config), job.run)
    return EnvironmentGate(run, job, config.gate_environment, config.approvers)


GATES: Mapping[str, Callable[[Surroundings], Gate]] = {
    "console": open_console,
    "slack": open_slack,
    "environment": open_environment,
}
