"""Releases through GitHub whose CI takes minutes, on a clock where only sleeping takes time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.models.config_parts import Polling
from support.cli import Ran, run_cli
from support.passing import Passing
from support.repos import configure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub


@dataclass(frozen=True)
class Slowly:
    """How a release went on whose CI took its time."""

    ran: Ran
    checks: Mapping[str, float]
    """By repository: seconds between the end of its checks and its merge."""
    publishes: Mapping[str, float]
    """By repository: seconds between its files on the index and the next pull request."""
    calls: int
    """Requests to GitHub."""
    unchanged: int
    """Those of them that GitHub answered 304 and does not count."""


def release_slowly(
    org: Org,
    hub: GitHub,
    order: Sequence[str],
    *args: str,
    checks: float,
    run: float,
    env: Mapping[str, str] = {},
) -> Slowly:
    """Release with checks and a workflow that take so many seconds; ``order`` is the tiers'."""
    configure(org, forge="github", polling=Polling().model_dump())
    clock = Passing()
    hub.follow(clock)
    for repo in order:
        policy = hub.policy(repo)
        policy.checks_seconds, policy.run_seconds, policy.checks_page = checks, run, 100
    ran = run_cli(org, *args, clock=clock, env={**env, **hub.env})
    pulls = [hub.repository(repo).pulls.get(1) for repo in order]
    runs = [hub.actions(repo).runs for repo in order]
    return Slowly(
        ran,
        checks={
            repo: pull.merged_at - pull.opened_at - checks
            for repo, pull in zip(order, pulls, strict=True)
            if pull is not None
        },
        publishes={
            repo: after.opened_at - made[0].began_at - run
            for repo, made, after in zip(order, runs, pulls[1:], strict=False)
            if made and after is not None
        },
        calls=sum(hub.calls(repo) for repo in order),
        unchanged=sum(hub.unchanged(repo) for repo in order),
    )
