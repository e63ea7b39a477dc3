"""What the package index says of a version, and Slack of the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.adapters.slack_errors import SlackFailure
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.check import CannotTell, Check, ask
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.series import read_series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.ports import Index
    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.forge import VersionUse
    from omninode_release.models.plan import RepoPlan


def check_version(index: Index, row: RepoPlan) -> Iterator[Check]:
    """Whether the new version can be published, and fits what the index has."""
    name, new = row.distribution or row.repo, row.versions[1]
    use = index.find_use(name, new)
    yield ask(row.repo, "version", lambda: _require_free(use, row, name, new))
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


def _require_free(use: VersionUse, row: RepoPlan, name: str, new: str) -> str:
    """That the new version can still be published. Raises VERSION_INVALID."""
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
