"""A train whose requirements do not fit is refused before the gate, and nothing is pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import RUN, break_phase, main_log, release, resume, state_of
from support.failures import fails, provoked, provokes
from support.gitrepo import git, land, world
from support.repos import add_repo, configure, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def invert(org: Org, requirement: str) -> None:
    """Let spi, of the first tier, require core, which is released after it."""
    text = (org.clone("omnibase_spi") / "pyproject.toml").read_text(encoding="utf-8")
    changed = text.replace("dependencies = []", f'dependencies = ["{requirement}"]')
    assert changed != text
    land(org.remote("omnibase_spi"), "pyproject.toml", changed, "fix: core is needed")


@provokes(ErrorCode.PIN_CONFLICT)
def test_an_inverted_organisation_is_refused_before_anything_is_published(org: Org) -> None:
    invert(org, "omnibase-core>=1.4,<1.5")

    failure = fails(org, ErrorCode.PIN_CONFLICT)

    failure.says(
        "omnibase_spi/pyproject.toml, project.dependencies: 'omnibase-core>=1.4,<1.5' does not",
        "admit omnibase-core 1.5.0",
        "omnibase_spi/pyproject.toml on main",
    )
    assert failure.touched == set()
    assert failure.detail("omnibase_spi")["error_code"] == "PIN_CONFLICT"


def test_a_strict_dry_run_of_it_says_the_same(org: Org) -> None:
    invert(org, "omnibase-core<1.5")
    git(org.clone("omnibase_spi"), "fetch", "--quiet", "origin")
    before = world(org)

    ran = run_cli(org, "--dry-run", "--strict", "--preflight")

    assert ran.code == 1
    assert (
        "PIN_CONFLICT omnibase_spi: omnibase_spi/pyproject.toml, project.dependencies:" in ran.out
    )
    assert "it keeps its specifier" not in ran.out
    assert world(org) == before


def test_an_inverted_edge_that_fits_is_a_warning(org: Org) -> None:
    invert(org, "omnibase-core>=1.4")

    ran = release(org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    assert [each for each in ran.result["warnings"] if "it keeps its specifier" in each]


def test_a_pin_past_a_bound_is_released_where_the_configuration_says_so(small_org: Org) -> None:
    land(small_org.remote("alpha"), "api.md", "New.\n", "feat!: another way to greet")

    refused = fails(small_org, ErrorCode.PIN_CONFLICT)
    configure(small_org, pins="override")
    ran = release(small_org)

    refused.says("'alpha>=1.0.0,<2.0.0' does not admit alpha 2.0.0", "`pins: override`")
    assert ran.code == 0, ran.err
    assert "beta: alpha >=1.0.0,<2.0.0 → ==2.0.0 (pins: override)" in ran.out
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"


@provokes(ErrorCode.PIN_FAILED)
def test_a_late_commit_that_sets_a_bound_is_seen_by_pin(small_org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=False)
        assert release(small_org).code == 3
    text = (small_org.clone("beta") / "pyproject.toml").read_text(encoding="utf-8")
    bounded = text.replace("alpha>=1.0.0,<2.0.0", "alpha>=1.0.0,<1.1.0")
    land(small_org.remote("beta"), "pyproject.toml", bounded, "fix: not with the new alpha")

    ran = resume(small_org)

    provoked(ErrorCode.PIN_FAILED)
    assert ran.code == 3
    assert ran.err.startswith("PIN_FAILED: beta: ")
    assert "'alpha>=1.0.0,<1.1.0' does not admit alpha 1.1.0" in ran.err
    assert f"omni-release --resume {RUN}" in ran.err
    assert state_of(small_org)["repos"]["beta"]["completed_phase"] == "BUMPED"
    assert main_log(small_org, "beta")[0] == "fix: not with the new alpha"


def test_a_release_of_an_outsider_that_is_not_there_yet_is_asked_for(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "0.2.0")}, tag="v0.2.0")
    needing = manifest("beta", "0.4.0", "alpha>=1", "gamma>=0.3")
    land(small_org.remote("beta"), "pyproject.toml", needing, "feat: gamma")
    configure(small_org, graph={"tiers": [{"alpha": [], "gamma": []}, {"beta": ["alpha"]}]})

    failure = fails(small_org, ErrorCode.PIN_CONFLICT, "alpha", "beta")

    failure.says("'gamma>=0.3' admits no release of gamma (the newest is 0.2.0)", "add gamma to")
