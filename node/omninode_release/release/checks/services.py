"""What the package index says of a version, and Slack of the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.slack_errors import SlackFailure
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import CannotTell

if TYPE_CHECKING:
    from omninode_release.adapters.ports import Index
    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.plan import RepoPlan


def version_is_free(index: Index, row: RepoPlan) -> str:
    """That the new version can still be published. Raises VERSION_INVALID."""
    name, new = row.distribution or row.repo, row.versions[1]
    use = index.find_use(name, new)
    if use.closed:
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the package index to take files of {name}, found that {use.closed}.",
            hint="have an owner of the project lift that there",
        )
    if use.taken is None:
        raise CannotTell(f"the index did not tell whether {name} {new} is free: {use.note}")
    if use.taken:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected {name} {new} to be free on the package index, found {use.note}.",
            hint=f"raise the version in pyproject.toml of {row.repo} above {new} on the base"
            " branch",
        )
    return f"{name} {new} is free"


def slack_answers(gate: SlackGate) -> str:
    """That the bot's token and channel work. Raises GATE_FAILED, or what ``require`` does."""
    gate.require()
    channel = gate.slack.credentials.channel
    try:
        bot = gate.slack.bot()
        gate.slack.history(since=gate.clock.now().timestamp())
        gate.slack.find_reason_to_exclude(bot.user_id, bot)  # an approval is worth that question
    except SlackFailure as failure:
        if failure.kind == "refused":
            raise
        raise CannotTell(failure.message.rstrip(".")) from failure
    return f"{bot.user_id} reads {channel}"
