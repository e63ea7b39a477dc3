"""A person points a clone's origin at another repository while a run is under way."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import Terminal, run_cli
from support.endings import RUN, before_phase, branch, release, resume, state_of
from support.failures import fails
from support.gitrepo import all_refs, git
from support.people import Slow
from support.repos import configure, hook

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.cli import Ran

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def other(small_org: Org) -> Path:
    """A copy of beta's repository elsewhere."""
    return shutil.copytree(small_org.remote("beta"), small_org.root / "other" / "beta.git")


def point_at(org: Org, address: Path | str) -> None:
    git(org.clone("beta"), "remote", "set-url", "origin", str(address))


def begin(org: Org, *args: str) -> None:
    """A run that beta's repository stops at its PUSH."""
    refuses = hook(org.remote("beta"), "pre-receive", "exit 1")
    begun = run_cli(org, "--run-id", RUN, *args, stdin=Terminal("approve\n"))
    refuses.unlink()
    assert (begun.code, state_of(org)["repos"]["beta"]["error_code"]) == (3, "PUSH_FAILED")


def ask(org: Org, answer: str) -> Ran:
    return run_cli(org, "--resume", RUN, stdin=Terminal(f"{answer}\n"))


def test_a_person_is_asked_before_anything_goes_to_another_repository(
    small_org: Org, other: Path
) -> None:
    configure(small_org, resume_gate="reuse")
    begin(small_org)
    point_at(small_org, other)
    before = all_refs(other)

    refused = ask(small_org, "reject")
    assert (refused.code, all_refs(other)) == (3, before)
    assert f"beta: origin leads to {other}, and the run was planned for" in refused.out
    assert f"{small_org.remote('beta')}; what it has made there stays there" in refused.out

    approved = ask(small_org, "approve")
    assert (approved.code, approved.err) == (0, "")
    assert "beta/v0.4.1" in git(other, "tag").split()
    assert "beta/v0.4.1" not in git(small_org.remote("beta"), "tag").split()


def test_a_token_covers_no_other_repository(small_org: Org, other: Path) -> None:
    refuses = hook(small_org.remote("alpha"), "pre-receive", "exit 1")
    assert release(small_org).code == 1
    refuses.unlink()
    point_at(small_org, other)  # nothing of beta has begun

    refused = resume(small_org)

    assert (refused.code, refused.err.partition(":")[0]) == (1, "INVALID_GATE_TOKEN")
    assert "what is planned for beta has changed since" in refused.err


def test_an_approval_stands_where_the_same_repository_is_written_otherwise(
    small_org: Org, other: Path
) -> None:
    configure(small_org, resume_gate="reuse")
    begin(small_org)
    point_at(small_org, other)
    point_at(small_org, f"file://{small_org.remote('beta')}")

    resumed = ask(small_org, "reject")

    assert (resumed.code, resumed.err) == (0, "")
    assert "origin leads" not in resumed.out


def test_an_origin_that_changes_while_the_gate_is_open_lets_nothing_through(
    small_org: Org, other: Path
) -> None:
    before = all_refs(other)

    failure = fails(
        small_org,
        ErrorCode.PLAN_STALE,
        stdin=Slow(lambda: point_at(small_org, other)),
        also={"clones/beta/config"},
    )

    failure.says(f"to lead to {small_org.remote('beta')} as long as this run is at work")
    assert all_refs(other) == before


def test_an_origin_that_changes_while_a_run_is_at_work_is_not_pushed_to(
    small_org: Org, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = all_refs(other)
    before_phase(monkeypatch, Phase.PUSH, lambda: point_at(small_org, other))

    refused = release(small_org)

    assert (refused.code, state_of(small_org)["repos"]["beta"]["error_code"]) == (3, "PLAN_STALE")
    assert f"remote set-url origin {small_org.remote('beta')} puts it back" in refused.err
    assert all_refs(other) == before
    point_at(small_org, small_org.remote("beta"))
    assert resume(small_org).code == 0
    assert branch("beta") not in "".join(all_refs(other))
