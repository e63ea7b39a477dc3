"""A look-alike of Slack's Web API: one workspace, one channel, one bot, and people by script."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from support.blocks import find_blocks_error
from support.cli import MOMENT
from support.loopback import LOST, Loopback, Reply, Request, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "xoxb-0000-planted-token"  # noqa: S105 - of a workspace that is not there
CHANNEL = "C0RELEASES"
BOT = {"user_id": "U0BOT", "bot_id": "B0BOT"}
ANN, BEN, STRANGER = "U0ANN", "U0BEN", "U0STRANGER"
FULL_MEMBER = {
    "team_id": "T0TEAM", "deleted": False, "is_bot": False, "is_app_user": False,
    "is_restricted": False, "is_ultra_restricted": False,
}  # fmt: skip

_POST_ARGUMENTS = {
    "channel", "text", "blocks", "thread_ts", "mrkdwn", "parse", "link_names", "unfurl_links",
    "unfurl_media",
}  # fmt: skip
_READ_ARGUMENTS = {"channel", "ts", "cursor", "limit", "oldest"}


class Say(NamedTuple):
    """A message that somebody is going to write into the gate's thread."""

    text: str
    user: str = ANN
    bot_id: str = ""
    subtype: str = ""
    files: tuple[str, ...] = ()


Do = Callable[["SlackServer", str], object]
"""Something else that a person does, given the gate message's ``ts``."""


class Trouble(NamedTuple):
    """What happens instead of, or after, one call."""

    reply: Reply
    done: bool = False
    """The call takes effect; only its answer is another."""


def rate_limited(after: int = 0) -> Trouble:
    body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
    return Trouble(Reply(429, body, headers=(("Retry-After", str(after)),)))


def refused(error: str, *, done: bool = False) -> Trouble:
    return Trouble(Reply(200, json.dumps({"ok": False, "error": error}).encode()), done)


DOWN = Trouble(Reply(503, b"<html>upstream</html>", "text/html"))
CUT_BEFORE = Trouble(LOST)
CUT_AFTER = Trouble(LOST, done=True)
DOWN_AFTER = Trouble(Reply(502, b"bad gateway", "text/plain"), done=True)


@dataclass
class SlackServer(Loopback):
    """The workspace; ``script`` and ``troubles`` say what happens in it."""

    script: dict[int, list[Say | Do]] = field(default_factory=dict)
    """What people write or do just before the n-th look at a thread (1 is the first)."""
    troubles: dict[str, list[Trouble | None]] = field(default_factory=dict)
    """Method to what goes wrong at its next calls; None is a call that goes well."""
    bot_id: str = BOT["bot_id"]
    """Empty for a token that is a person's."""
    page_size: int = 100
    late: int = 0
    """Looks at the channel that do not show yet what was posted last."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {who: {"is_bot": True} for who in (BOT["user_id"], "U0APP")}
    )
    """Who is no full member of the workspace, and what ``users.info`` says instead."""
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    start: float = MOMENT.timestamp()

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_CHANNEL_ID": CHANNEL,
            "OMNI_RELEASE_SLACK_URL": self.api,
        }

    # What a test reads back.

    @property
    def gates(self) -> list[dict[str, Any]]:
        """Questions of ours, oldest first."""
        return [m for m in self.messages if m["text"].startswith("[HIGH_RISK]")]

    def replies_of(self, ts: str) -> list[str]:
        """What the bot said in a thread."""
        ours = [m for m in self.messages if m.get("bot_id") == BOT["bot_id"]]
        return [m["text"] for m in ours if m.get("thread_ts") == ts and m["ts"] != ts]

    def write(self, say: Say, *, thread: str | None = None) -> str:
        """Put a message into the channel; answer its ``ts``."""
        number = len(self.messages) + 1
        ts = f"{int(self.start) + number}.{number:06d}"
        given: dict[str, Any] = {
            "user": say.user,
            "bot_id": say.bot_id,
            "subtype": say.subtype,
            "thread_ts": thread or "",
        }
        message: dict[str, Any] = {"type": "message", "ts": ts, "text": say.text}
        given["files"] = [{"name": name} for name in say.files]
        self.messages.append(message | {name: value for name, value in given.items() if value})
        return ts

    def edit(self, ts: str, text: str) -> None:
        """A person changes a message of theirs."""
        message = next(m for m in self.messages if m["ts"] == ts)
        message |= {"text": text, "edited": {"user": message["user"], "ts": ts}}

    def delete(self, ts: str) -> None:
        """A message goes; of one with replies Slack leaves a tombstone."""
        replies = [m for m in self.messages if m.get("thread_ts") == ts and m["ts"] != ts]
        [gone] = [m for m in self.messages if m["ts"] == ts]
        if not replies:
            self.messages.remove(gone)
            return
        gone.clear()
        gone |= {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "ts": ts,
                 "text": "This message was deleted.", "hidden": True}  # fmt: skip

    # The Web API.

    def answer(self, request: Request) -> Reply:
        method = request.path.removeprefix("/api/")
        if request.method != "POST" or not hasattr(self, _name(method)):
            raise Unknown("no such method")
        arguments = _arguments(request)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _json({"ok": False, "error": "invalid_auth"})
        self.calls[method] += 1
        waiting = self.troubles.get(method)
        trouble = waiting.pop(0) if waiting else None
        if trouble is not None and not trouble.done:
            return trouble.reply
        reply = _json(getattr(self, _name(method))(arguments))
        return trouble.reply if trouble is not None else reply

    def _auth_test(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        _only(arguments, set())
        return {"ok": True, "team_id": "T0TEAM", **BOT, "bot_id": self.bot_id}

    def _users_info(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        _only(arguments, {"user"})
        user = arguments["user"]
        if user == STRANGER:
            return {"ok": False, "error": "user_not_found"}
        known = {**FULL_MEMBER, "id": user, **self.people.get(user, {})}
        return {"ok": True, "user": known}

    def _chat_post_message(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        _only(arguments, _POST_ARGUMENTS)
        if arguments["channel"] != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        error = find_blocks_error(arguments.get("blocks", []))
        if error is not None:
            return {"ok": False, "error": error}
        say = Say(arguments["text"], BOT["user_id"], BOT["bot_id"])
        ts = self.write(say, thread=arguments.get("thread_ts"))
        if "blocks" in arguments:
            self.messages[-1]["blocks"] = arguments["blocks"]
        return {"ok": True, "channel": CHANNEL, "ts": ts, "message": self.messages[-1]}

    def _conversations_replies(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        _only(arguments, _READ_ARGUMENTS)
        ts = arguments["ts"]
        if arguments["channel"] != CHANNEL or not any(m["ts"] == ts for m in self.messages):
            return {"ok": False, "error": "thread_not_found"}
        if "cursor" not in arguments:
            self.calls["looks"] += 1
            for each in self.script.get(self.calls["looks"], []):
                if isinstance(each, Say):
                    self.write(each, thread=ts)
                else:
                    each(self, ts)
            if not any(m["ts"] == ts for m in self.messages):
                return {"ok": False, "error": "thread_not_found"}
        return self._page(
            [m for m in self.messages if ts in {m["ts"], m.get("thread_ts")}], arguments
        )

    def _conversations_history(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        _only(arguments, _READ_ARGUMENTS - {"ts"})
        if arguments["channel"] != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        oldest = float(arguments.get("oldest", 0))
        found = [m for m in self.messages if "thread_ts" not in m and float(m["ts"]) > oldest]
        if self.late:
            self.late, found = self.late - 1, found[:-1]
        return self._page(found[::-1], arguments)

    def _page(self, found: list[dict[str, Any]], arguments: Mapping[str, Any]) -> dict[str, Any]:
        start = int(arguments.get("cursor", "at-0").removeprefix("at-"))
        end = start + min(self.page_size, int(arguments["limit"]))
        following = f"at-{end}" if end < len(found) else ""
        return {
            "ok": True,
            "messages": found[start:end],
            "has_more": bool(following),
            "response_metadata": {"next_cursor": following},
        }


def _name(method: str) -> str:
    """``chat.postMessage`` is answered by ``_chat_post_message``."""
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in method)
    return "_" + words.replace(".", "_")


def _arguments(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        # The SDK says JSON and sends nothing where there are no arguments.
        arguments: dict[str, Any] = json.loads(request.body or b"{}")
        return arguments
    return dict(parse_qsl(request.body.decode()))


def _only(arguments: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(arguments) - known:
        raise Unknown(f"arguments {sorted(unknown)}")


def _json(value: object) -> Reply:
    return Reply(200, json.dumps(value).encode())
