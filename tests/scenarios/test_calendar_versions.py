"""Versions that say the date, released to the end: the day is that of the run's beginning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.cli import run_cli
from support.endings import APPROVED, RUN, break_phase
from support.gitrepo import git
from support.repos import configure

if TYPE_CHECKING:
    import pytest

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

NOVEMBER = FixedClock(datetime(2026, 11, 30, 23, 58, tzinfo=UTC))
DECEMBER = FixedClock(datetime(2026, 12, 1, 0, 7, tzinfo=UTC))


def _tags(org: Org, repo: str) -> list[str]:
    return git(org.remote(repo), "tag", "--list", "v*").splitlines()


def test_what_was_approved_in_november_is_released_in_december(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(small_org, version_scheme={"calver": "YYYY.M.PATCH"}, pins="override")
    start = ("--run-id", RUN, *APPROVED)
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False, repo="alpha")
        stopped = run_cli(small_org, *start, clock=NOVEMBER)
    assert stopped.code == 1
    assert "alpha: major by the date 2026-11-30 (UTC), YYYY.M.PATCH" in stopped.out

    ran = run_cli(small_org, "--resume", RUN, *APPROVED, clock=DECEMBER)

    assert ran.code == 0, ran.err
    for repo in ("alpha", "beta"):
        assert "v2026.11.0" in _tags(small_org, repo)
        assert not [tag for tag in _tags(small_org, repo) if tag.startswith("v2026.12")]
    assert '"alpha==2026.11.0"' in git(small_org.remote("beta"), "show", "main:pyproject.toml")


def test_what_is_offered_of_nothing_to_release_is_a_version_of_the_day(small_org: Org) -> None:
    configure(small_org, version_scheme={"calver": "YYYY.M.PATCH"}, pins="override")
    assert run_cli(small_org, "--run-id", RUN, *APPROVED, clock=NOVEMBER).code == 0

    ran = run_cli(small_org, "--dry-run", clock=DECEMBER)

    assert "; --version alpha=2026.12.0 releases it all the same\n" in ran.out


def test_a_plan_of_november_is_the_same_in_december_where_its_date_is_but_offered(
    small_org: Org,
) -> None:
    scheme: dict[str, str] = {"calver": "YYYY.M.PATCH"}
    configure(small_org, version_scheme_of={"alpha": scheme}, pins="override")
    assert run_cli(small_org, "alpha", "--run-id", RUN, *APPROVED, clock=NOVEMBER).code == 0
    plan = str(small_org.root / "plan.json")
    of_plan = ("--run-id", "of-plan")
    assert run_cli(small_org, "plan", *of_plan, "--out", plan, clock=NOVEMBER).code == 0

    token = ("--gate-attestation", "1740312612.000100:of-plan")
    ran = run_cli(small_org, "--plan", plan, *token, clock=DECEMBER)

    assert ran.code == 0, ran.err
    assert "v0.4.1" in _tags(small_org, "beta")
