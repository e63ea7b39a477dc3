"""How a call of Slack's fails, and what a person does about it."""

from __future__ import annotations

from typing import Literal

from omninode_release.errors import ErrorCode, ReleaseError

TOKEN_VARIABLE = "SLACK_BOT_TOKEN"  # noqa: S105 - the variable's name
CHANNEL_VARIABLE = "SLACK_CHANNEL_ID"

Kind = Literal["refused", "busy", "lost"]


class SlackFailure(ReleaseError):
    """A call that did not succeed.

    ``refused``: Slack says no, and will say it again. ``busy``: Slack did nothing and may be asked
    again, ``after`` seconds later at the earliest. ``lost``: no answer came, so Slack may have done
    it or not.
    """

    def __init__(self, method: str, why: str, kind: Kind, after: float = 0) -> None:
        super().__init__(
            ErrorCode.GATE_FAILED,
            f"Slack's {method} failed: {why}.",
            hint=f"check {TOKEN_VARIABLE}, {CHANNEL_VARIABLE}, and the bot's scopes and membership"
            " of the channel (docs/slack.md)",
        )
        self.why = why
        self.kind = kind
        self.after = after


def no_bots_token_error(found: str) -> ReleaseError:
    """A token that is none, or a person's, which would let the tool approve as that person."""
    return ReleaseError(
        ErrorCode.CREDENTIALS_MISSING,
        f"expected {TOKEN_VARIABLE} to be a bot's token (xoxb-…), found {found}.",
        hint=f"put the bot's own token into {TOKEN_VARIABLE} (docs/slack.md, Setting it up)",
    )
