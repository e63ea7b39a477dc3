"""A run in the background, and what it is held up by."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from omninode_release.system.paths import Places
from support.cli import Ran, run_cli, state_home
from support.endings import RUN
from support.killing import environment
from support.patience import wait_until
from support.repos import hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.commands.demo_org import Org


def places(org: Org) -> Places:
    return Places(state_home(org), org.omni_home, org.worktrees)


def detach(org: Org, *args: str) -> Ran:
    return run_cli(org, *args, "--detach", env=environment(org))


def wait(org: Org, *args: str) -> Ran:
    return run_cli(org, "wait", RUN, *args)


@contextmanager
def hold_up(org: Org) -> Iterator[None]:
    """While the block runs, alpha cannot be pushed until ``let_go``."""
    flag, held = org.root / "go", org.root / "held"
    waits = f"touch {held}; while [ ! -e {flag} ]; do sleep 0.02; done"
    hook(org.clone("alpha"), "pre-push", waits)
    yield
    flag.touch()
    run_cli(org, "cancel", RUN)  # none outlives its test


def let_go(org: Org) -> None:
    (org.root / "go").touch()


def until_held_up(org: Org) -> None:
    """Wait until alpha's push is held up: all that comes before is written down then."""
    wait_until(
        (org.root / "held").exists, lambda: places(org).output(RUN).read_text(encoding="utf-8")
    )
