"""What the package index says of a version, and Slack of the bot and of a gate token."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.adapters.slack_errors import SlackFailure
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.gate.token import approve_by_token
from omninode_release.models.check import CannotTell, Check, ask
from omninode_release.release.approvals.gate_rules import find_slack_for_token, how_checked
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.next_commands import name_fresh_run
from omninode_release.text.versions.series import read_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from omninode_release.adapters.ports import Index
    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.forge import VersionUse
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.state import Approval
    from omninode_release.release.session import Session

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_version(index: Index, row: RepoPlan, resumed: str | None) -> Iterator[Check]:
    """Whether the new version can be published, and fits what the index has.

    ``resumed`` is the run's id where it began before.
    """
    name, new = row.package, row.versions[1]
    use = index.find_use(name, new)
    yield ask(row.repo, "version", lambda: _require_free(use, row, name, new, resumed))
    if use.taken is False and use.others is not None:
        yield from _doubt(row, name, Version(new), [Version(each) for each in use.others])


def _doubt(row: RepoPlan, name: str, new: Version, others: Sequence[Version]) -> Iterator[Check]:
    """What the tags of the repository and the index do not agree about."""
    if row.last_tag and not others:
        yield Check(
            row.repo, "name", "warning",
            f"expected releases of {name} on the index, since {row.last_tag} is tagged, found none:"
            " it will be new there under this name",
            f"compare project.name in {MANIFEST} of {row.repo} with what users install",
        )  # fmt: skip
    higher = [each for each in others if each > new and not each.is_prerelease]
    if higher and read_series(row.base_branch) is None:
        yield Check(
            row.repo, "newest", "warning",
            f"expected {new} to be the newest version of {name}, found {max(higher)} on the index:"
            " installers will prefer that",
            f"push the tag of {max(higher)}, or name a higher version with --version"
            f" {row.repo}=X.Y.Z",
        )  # fmt: skip


def _require_free(use: VersionUse, row: RepoPlan, name: str, new: str, resumed: str | None) -> str:
    """That the new version can still be published. Raises VERSION_INVALID or PUBLISH_FAILED."""
    if use.closed:
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the package index to take files of {name}, found that {use.closed}.",
            hint="have an owner of the project lift that there",
        )
    if use.hint:  # PUBLISH would get the same, of a version that is merged and tagged by then
        raise ReleaseError(ErrorCode.PUBLISH_FAILED, f"{use.note}.", hint=use.hint)
    if use.taken is None:
        raise CannotTell(f"the index did not tell whether {name} {new} is free: {use.note}")
    if use.taken:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected {name} {new} to be free on the package index, found {use.note}.",
            hint=f"{name_fresh_run(row.repo, resumed)} takes another version",
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
