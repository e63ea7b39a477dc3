"""``python -m omninode_release.gate.slack_gate_poll``: wait for a decision in a Slack thread.

The command line of the slack-gate skill's helper of the same name, for those who call it from a
script: one line on stdout (``ACCEPTED:…``, ``REJECTED:…``, ``TIMEOUT``, ``ERROR:…``) and 0, 1, 2
or 3. What decides is stricter: an accepting reply is one keyword and nothing else.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from math import isfinite
from typing import TYPE_CHECKING, NoReturn, TextIO

from pydantic import ValidationError

from omninode_release.adapters.pypi.network import Network
from omninode_release.adapters.slack import Slack, SlackCredentials
from omninode_release.adapters.slack_errors import TOKEN_VARIABLE, SlackFailure, no_bots_token_error
from omninode_release.errors import ReleaseError
from omninode_release.gate.thread import Rules, read_thread
from omninode_release.models.config_parts import GateCommands
from omninode_release.system.clock import SystemClock
from omninode_release.system.json_text import parse_json
from omninode_release.system.secrets import Secrets
from omninode_release.system.wait import NotYet, Pauses, poll

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.gate.thread import Reading
    from omninode_release.system.clock import Clock

_ACCEPT = '["merge", "approve", "yes", "proceed"]'
_REJECT = '["no", "reject", "cancel", "hold", "deny"]'
_SHORTEST_PAUSE = 0.01
_EXITS = {"ACCEPTED": 0, "REJECTED": 1, "TIMEOUT": 2, "ERROR": 3}


class _Wrong(Exception):
    """A command line that cannot be followed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Wrong(message)


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    stdout: TextIO | None = None,
) -> int:
    """Wait, write the one line, answer the exit code."""
    environ = os.environ if environ is None else environ
    try:
        line = _poll(_parse_arguments(argv), environ, SystemClock())
    except (_Wrong, ReleaseError) as error:
        line = f"ERROR:{error}"
    (stdout or sys.stdout).write(f"{Secrets.of(environ).hide(line)}\n")
    return _EXITS[line.partition(":")[0]]


def _parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="slack_gate_poll", description="Wait for a decision in a Slack thread.")
    parser.add_argument("--channel", required=True, help="the channel's id")
    parser.add_argument("--thread-ts", required=True, help="the ts of the message that asks")
    parser.add_argument(
        "--bot-token", help=f"better in {TOKEN_VARIABLE}: others can read arguments"
    )
    parser.add_argument("--timeout-minutes", type=_parse_number, required=True)
    parser.add_argument("--poll-interval", type=_parse_number, default=60, help="seconds")
    parser.add_argument(
        "--accept-keywords", type=_parse_keywords, default=_ACCEPT, help="a JSON array"
    )
    parser.add_argument(
        "--reject-keywords", type=_parse_keywords, default=_REJECT, help="a JSON array"
    )
    return parser.parse_args(argv)


def _parse_keywords(text: str) -> tuple[str, ...]:
    try:
        words = parse_json(text)
    except ValueError:
        words = None
    if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
        raise argparse.ArgumentTypeError(f"expected a JSON array of words, found {text!r}")
    return tuple(words)


def _parse_number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not (isfinite(number) and number >= 0):
        raise argparse.ArgumentTypeError(f"expected a number from 0 on, found {text!r}")
    return number


def _read_commands(arguments: argparse.Namespace) -> GateCommands:
    try:
        return GateCommands(approve=arguments.accept_keywords, reject=arguments.reject_keywords)
    except ValidationError as error:
        found = (each["msg"].removeprefix("Value error, ") for each in error.errors())
        raise _Wrong(f"--accept-keywords and --reject-keywords: {'; '.join(found)}") from None


def _poll(arguments: argparse.Namespace, environ: Mapping[str, str], clock: Clock) -> str:
    slack, ts = _open_slack(arguments, environ), arguments.thread_ts
    commands = _read_commands(arguments)
    rules: Rules | None = None

    def look() -> str | NotYet:
        nonlocal rules
        try:
            rules = rules or Rules(slack.bot(), commands, approvers=(), plan_hash="")
            reading = _read(slack, ts, rules)
        except SlackFailure as failure:
            if failure.kind == "refused":
                raise
            return NotYet(failure.message, failure.after)
        if reading.is_withdrawn:
            raise _Wrong("the message was deleted: no person is asked any more")
        if reading.decision is None:
            return NotYet()
        word = "ACCEPTED" if reading.decision == "approved" else "REJECTED"
        return f"{word}:{' '.join(reading.text.split())}"

    pause = max(arguments.poll_interval, _SHORTEST_PAUSE)
    seconds = arguments.timeout_minutes * 60
    line = poll(look, clock, seconds=seconds, pauses=Pauses.every(pause))
    return "TIMEOUT" if isinstance(line, NotYet) else line


def _read(slack: Slack, ts: str, rules: Rules) -> Reading:
    bot = rules.bot
    return read_thread(
        slack.thread(ts), ts, rules, lambda user: slack.find_reason_to_exclude(user, bot)
    )


def _open_slack(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Slack:
    token = arguments.bot_token or environ.get(TOKEN_VARIABLE)
    if not token:
        raise _Wrong(f"expected a token in {TOKEN_VARIABLE} or --bot-token")
    if not re.fullmatch(r"\d{1,12}\.\d{6}", arguments.thread_ts, re.ASCII):
        found = arguments.thread_ts
        raise _Wrong(f"expected a --thread-ts such as 1740312612.000100, found {found!r}")
    url = environ.get("OMNI_RELEASE_SLACK_URL") or None
    credentials = SlackCredentials(token, arguments.channel)
    if credentials.token_fault is not None:
        raise no_bots_token_error(credentials.token_fault)
    return Slack(credentials, url, network=Network(environ))


if __name__ == "__main__":
    sys.exit(main())
