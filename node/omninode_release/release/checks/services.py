"""What the package index says of a version, and Slack of the bot and of a gate token."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from omninode_release.adapters.slack_errors import SlackFailure
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.gate.token import approve_by_token
from omninode_release.models.check import CannotTell, Check, ask
from omninode_release.release.gate_rules import find_slack_for_token, how_checked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from omninode_release.adapters.ports import Index
    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.state import Approval
    from omninode_release.release.session import Session

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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


def look_up_token(session: Session, plan: Plan, approvals: Sequence[Approval]) -> list[Check]:
    """The checks of the request's token; none where there is no token, or nothing to look it up."""
    token = session.request.gate_attestation
    if token is None or not plan.remaining:
        return []
    try:
        slack = find_slack_for_token(session)
    except ReleaseError as error:
        return [Check.failure("gate", "token", error)]
    if slack is None or how_checked(session, slack) == "form":
        return []
    bot = ask("Slack", "bot", lambda: slack_answers(slack))
    if bot.state != "ok":
        return [bot]
    return [bot, ask("gate", "token", lambda: _who_approved(slack, token, plan, approvals))]


def _who_approved(slack: SlackGate, token: str, plan: Plan, approvals: Sequence[Approval]) -> str:
    """Who approved the token's message. Raises INVALID_GATE_TOKEN."""
    approval = approve_by_token(token, plan, approvals)
    stamp, _, run_id = token.partition(":")
    return f"{slack.verify(stamp, run_id, approval.plan_hash)} approved {stamp} in Slack"


def check_credentials_file(file: Path | None) -> Iterator[Check]:
    """A warning where others can read or write Slack's credentials; nothing without such a file.

    One that cannot be read is an error of the gate, where the gate needs it.
    """
    if file is None:
        return
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return
    if mode & _OF_OTHERS:
        yield Check(
            "Slack", "credentials", "warning",
            f"expected {file} to be readable by its owner alone, found mode {mode:03o}",
            typed(("chmod", "600", str(file))),
        )  # fmt: skip
    else:
        yield Check("Slack", "credentials", "ok", f"{file} is its owner's alone")
