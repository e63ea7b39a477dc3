"""A release whose gate is in Slack, and a process that dies there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Ran, run_cli
from support.endings import RUN
from support.repos import configure
from support.slack_server import Say, SlackServer

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


APPROVE = Say("approve")


class Died(BaseException):
    """The process is gone, between two lines."""


class Mortal(FixedClock):
    """A clock that does not survive its n-th sleep."""

    def __init__(self, sleeps: int) -> None:
        super().__init__(MOMENT)
        self.left = sleeps

    def sleep(self, seconds: float) -> None:
        self.left -= 1
        if self.left == 0:
            raise Died
        super().sleep(min(seconds, 0.02))


def with_slack(org: Org, **changes: Any) -> None:
    configure(org, gate="slack", attestation="auto", **changes)


def asked(org: Org, slack: SlackServer, *args: str, **around: Any) -> Ran:
    """A run whose gate is answered in Slack."""
    return run_cli(org, "--run-id", RUN, *args, env=slack.environ, **around)
