"""Slack: one channel, written to and read by a bot.

Every call is one request. ``SlackFailure.kind`` says what may be done about a failure; the caller
waits, because the caller knows the deadline.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.adapters.pypi.network import Network
from omninode_release.adapters.slack_errors import SlackFailure, no_bots_token_error
from omninode_release.errors import ReleaseError
from omninode_release.system.deadline import within
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from slack_sdk import WebClient

    from omninode_release.adapters.slack_errors import Kind

_MOST_PAGES = 100
_PAGE = 200  # what Slack recommends; it may answer fewer
_PAGES_SECONDS = 120  # for all pages of one answer
_TOO_MANY_REQUESTS = 429
_SOMEBODY_ELSES = frozenset({200, 408})  # with a page: of a proxy that is on its way up, perhaps
_TIMESTAMP = re.compile(r"\d{1,12}\.\d{6}", re.ASCII)
_OF_PEOPLE = ("xoxp-", "xoxc-", "xoxd-", "xoxs-")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,}", re.ASCII)
# Errors that are gone a moment later (each method's page lists its own). Any other, also one that
# Slack has yet to invent, will be the same the next time.
_PASSING = frozenset(
    {
        "rate_limited", "ratelimited", "request_timeout", "service_unavailable",
        "team_added_to_org",
    }
)  # fmt: skip
# "It's possible some aspect of the operation succeeded" (Slack, errors of chat.postMessage).
_HALF_DONE = frozenset({"fatal_error", "internal_error"})

# What users.info says of a person who may not approve (Slack, "User types" and the user object).
_EXCLUDED = {
    "deleted": "deactivated",
    "is_bot": "a bot",
    "is_workflow_bot": "a bot",
    "is_ultra_restricted": "a guest",
    "is_restricted": "a guest",
    "is_invited_user": "not in the workspace yet",
    "is_stranger": "of another workspace",
}
_NO_SUCH_USER = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


@dataclass(frozen=True)
class SlackCredentials:
    """A bot's token and the channel it works in."""

    token: str = field(repr=False)
    channel: str

    @property
    def is_a_persons(self) -> bool:
        """True for a token that says so itself: a user's, rotated or not, or a browser's."""
        return self.token.removeprefix("xoxe.").startswith(_OF_PEOPLE)

    @property
    def token_fault(self) -> str | None:
        """What the token is instead of a bot's, as far as it says so itself."""
        if self.is_a_persons:
            return "a person's"
        is_sent = self.token.isascii() and self.token.isprintable() and " " not in self.token
        return None if is_sent else "one with a character that no token has"

    @property
    def channel_is_an_id(self) -> bool:
        """Only messages can be sent to a channel's name; threads are read by its id."""
        return _CHANNEL_ID.fullmatch(self.channel) is not None


class Bot(NamedTuple):
    """The user and the bot that this tool is in Slack."""

    user_id: str
    bot_id: str
    team_id: str = ""
    """The workspace it belongs to."""


class Message(NamedTuple):
    """A message as far as a gate is concerned; ``text`` is in Slack's escaped form."""

    ts: str
    text: str
    user: str
    bot_id: str
    subtype: str
    has_more: bool = False
    """A file or an attachment stands beside the text."""

    @property
    def is_deleted(self) -> bool:
        """True of what Slack leaves of a message that had replies."""
        return self.subtype == "tombstone"

    def by(self, bot: Bot) -> bool:
        return self.user == bot.user_id or (bool(self.bot_id) and self.bot_id == bot.bot_id)

    def after(self, ts: str) -> bool:
        return _moment(self.ts) > _moment(ts)


@dataclass(frozen=True)
class Slack:
    """The channel, as the bot sees it."""

    credentials: SlackCredentials
    url: str | None = None
    """The Web API's address; Slack's own when None."""
    seconds: int = 15  # one request
    secrets: Secrets = field(default_factory=Secrets)  # what no message has in it
    network: Network = field(default_factory=Network)
    """Whom to trust: a Python may come without certificates, as python.org's for a Mac does."""

    def bot(self) -> Bot:
        """Ask who the token speaks as: without that, our own messages could count as a person's.

        Raises CREDENTIALS_MISSING for a person's token: Slack names a bot for a bot's only.
        """
        answer = self._call("auth.test")
        user, bot = answer.get("user_id"), answer.get("bot_id")
        if not isinstance(user, str) or not user:
            raise SlackFailure("auth.test", f"expected a user_id, found {user!r}", "lost")
        if not bot:
            raise no_bots_token_error(f"one of the user {user}")
        return Bot(user, str(bot), str(answer.get("team_id") or ""))

    def find_reason_to_exclude(self, user: str, bot: Bot) -> str | None:
        """Why ``user`` is no full member of the bot's workspace; None for one who is."""
        try:
            found = self._call("users.info", params={"user": user}).get("user")
        except SlackFailure as failure:
            if failure.why in _NO_SUCH_USER:
                return "unknown to the workspace"
            raise
        if not isinstance(found, dict) or found.get("id") != user:
            raise SlackFailure("users.info", f"expected the user {user}, found another", "lost")
        for key, what in _EXCLUDED.items():
            if found.get(key):
                return what
        team = found.get("team_id")
        if team and bot.team_id and team != bot.team_id and not _is_in_team(found, bot.team_id):
            return "a member of another workspace"
        return None

    def post(self, text: str, *, thread: str | None = None, **more: Any) -> str:  # noqa: ANN401
        """Post ``text`` as it is, with no markup but ``<@USER>``; answer the message's ``ts``."""
        answer = self._call(
            "chat.postMessage",
            json={
                "channel": self.credentials.channel,
                "text": self.secrets.hide(text),
                "mrkdwn": False,
                "parse": "none",
                "link_names": False,
                "unfurl_links": False,
                "unfurl_media": False,
                **({"thread_ts": thread} if thread else {}),
                **self.secrets.hide_in(more),
            },
        )
        ts = str(answer.get("ts"))
        if not _TIMESTAMP.fullmatch(ts):
            raise SlackFailure("chat.postMessage", f"expected a ts, found {ts!r}", "lost")
        return ts

    def thread(self, ts: str) -> list[Message]:
        """The message ``ts`` and every reply to it, oldest first."""
        return sorted(self._list("conversations.replies", ts=ts), key=lambda m: _moment(m.ts))

    def history(self, *, since: float) -> list[Message]:
        """Messages of the channel since then (seconds of Unix time), newest first."""
        found = self._list("conversations.history", oldest=f"{since:.6f}")
        return sorted(found, key=lambda m: _moment(m.ts), reverse=True)

    def _list(self, method: str, **arguments: str) -> list[Message]:
        try:
            return within(_PAGES_SECONDS, lambda: list(self._pages(method, **arguments)))
        except TimeoutError as error:
            raise SlackFailure(method, f"its pages were {error}", "lost") from None

    def _pages(self, method: str, **arguments: str) -> Iterator[Message]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            params = {"channel": self.credentials.channel, "limit": _PAGE, **arguments}
            answer = self._call(method, params={**params, **({"cursor": cursor} if cursor else {})})
            messages = answer.get("messages")
            if not isinstance(messages, list):
                raise SlackFailure(method, "expected messages, found none", "busy")
            yield from (found for each in messages if (found := _parse_message(each)) is not None)
            metadata = answer.get("response_metadata")
            following = metadata.get("next_cursor") if isinstance(metadata, dict) else None
            if not following:
                return
            if following == cursor:  # what is left may have a rejection in it
                raise SlackFailure(method, "expected the next page, found the same again", "busy")
            cursor = str(following)
        raise SlackFailure(method, f"more than {_MOST_PAGES} pages of messages", "refused")

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the SDK's
        from slack_sdk.errors import SlackApiError  # noqa: PLC0415 - start-up time

        try:
            client = self._client
        except ReleaseError as error:  # certificates that cannot be read: an end is only announced
            failure = SlackFailure(method, error.message.rstrip("."), "refused")
            failure.hint = error.hint
            raise failure from None
        try:
            data = within(self.seconds, lambda: client.api_call(method, **arguments).data)
        except SlackApiError as error:
            raise _explain_refusal(method, error.response) from None
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - of the network, or an answer the SDK stumbles over
            why = f"{type(error).__name__}: {error}".rstrip(": ")
            raise SlackFailure(method, why, "lost") from None
        if not isinstance(data, dict):
            raise SlackFailure(method, "not an answer of Slack's", "lost")
        return data

    @cached_property
    def _client(self) -> WebClient:
        from slack_sdk import WebClient  # noqa: PLC0415 - start-up time

        # The SDK logs every failure; this tool says so once, where it matters.
        quiet = logging.getLogger(f"{__name__}.sdk")
        quiet.setLevel(logging.CRITICAL)
        return WebClient(
            token=self.credentials.token,
            base_url=self.url or WebClient.BASE_URL,
            timeout=self.seconds,
            logger=quiet,
            ssl=self.network.certificates,
            # The SDK's default repeats a request whose answer was lost: a second message.
            retry_handlers=[],
        )


def _explain_refusal(method: str, response: Any) -> SlackFailure:  # noqa: ANN401 - a SlackResponse
    status = response.status_code
    if status == _TOO_MANY_REQUESTS:
        return SlackFailure(
            method, "rate limited (429)", "busy", _parse_retry_after(response.headers)
        )
    if status >= 500:
        return SlackFailure(method, f"it answered {status}", "lost")
    data = response.data if isinstance(response.data, dict) else {}
    error = data.get("error")
    if not isinstance(error, str) or error.startswith("Received a response in a non-JSON format"):
        found = str(error or "not an answer of Slack's")[:200]
        kind: Kind = "lost" if status in _SOMEBODY_ELSES else "refused"
        return SlackFailure(method, f"it answered {status}: {found}", kind)
    why = f"{error} (scope {data['needed']})" if data.get("needed") else error
    if error in _HALF_DONE:
        return SlackFailure(method, why[:200], "lost")
    return SlackFailure(method, why[:200], "busy" if error in _PASSING else "refused")


def _parse_retry_after(headers: Mapping[str, Any]) -> float:
    value = next((v for name, v in headers.items() if name.lower() == "retry-after"), "")
    text = str(value[0] if isinstance(value, list) and value else value)
    return float(text) if text.isascii() and text.isdigit() else 0


def _parse_message(value: Any) -> Message | None:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict) or not _TIMESTAMP.fullmatch(str(value.get("ts"))):
        return None
    texts = {key: str(value.get(key) or "") for key in ("ts", "text", "user", "bot_id", "subtype")}
    return Message(**texts, has_more=bool(value.get("files") or value.get("attachments")))


def _is_in_team(user: Mapping[str, Any], team: str) -> bool:
    """True for a member of an organisation of several workspaces, in one of which the bot is."""
    organisation = user.get("enterprise_user")
    return isinstance(organisation, dict) and team in (organisation.get("teams") or ())


def _moment(ts: str) -> tuple[int, int]:
    seconds, _, fraction = ts.partition(".")
    return int(seconds), int(fraction or 0)
