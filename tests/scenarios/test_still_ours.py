"""Two runs of the same versions: the first that releases them has them, the other is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import RUN, before_phase, branch, is_archived, state_of
from support.people import Slow

if TYPE_CHECKING:
    from support.cli import Ran
    from support.forges import Site


def release_elsewhere(site: Site) -> None:
    """Another machine, with a state root of its own, releases beta under another id."""
    ran = run_cli(
        site.org,
        *("beta", "--run-id", "two", "--gate-attestation", "1740312613.000100:two"),
        env={**site.env, "ONEX_STATE_DIR": str(site.org.root / "elsewhere")},
    )
    assert ran.code == 0, ran.out + ran.err


def refused(ran: Ran, *words: str) -> None:
    assert ran.code == 1, ran.out
    assert "PLAN_STALE" in ran.err.splitlines()[0]
    for word in words:
        assert word in ran.err, f"expected {word!r} in:\n{ran.err}"


def withdrawn(site: Site, before: dict[str, Any]) -> None:
    """What is released is as it was; the other run's branch and open pull request are gone."""
    after = site.outside()
    assert after["index"] == before["index"]
    gone = {ref for ref in before["refs"]["beta"] if branch("beta") in ref}
    kept = {ref: sha for ref, sha in before["refs"]["beta"].items() if ref not in gone}
    assert after["refs"] == {**before["refs"], "beta": kept}


@pytest.mark.parametrize("phase", [Phase.COMMIT, Phase.PUSH, Phase.PR, Phase.MERGE])
def test_a_version_that_another_run_released_is_not_released_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    site.stop_at(monkeypatch, phase)
    release_elsewhere(site)
    before = site.outside()

    refusal = site.resume_by_token()
    after = site.outside()
    again = site.resume()

    refused(
        refusal,
        "expected beta 0.4.1 to be still this run's to release",
        "main is at version 0.4.1",
        "of the run two",
        f"omni-release --resume {RUN}",
    )
    assert after == before
    assert site.releases() == ["release: beta v0.4.1 (#1)"] or phase is Phase.MERGE
    assert (again.code, again.err) == (0, "")
    assert is_archived(site.org)
    withdrawn(site, before)
    assert len(site.releases()) == 1


def test_a_gate_that_was_open_while_another_run_released_lets_nothing_through(site: Site) -> None:
    seen: dict[str, Any] = {}

    def meanwhile() -> None:
        if not seen:  # a terminal is read again after an answer
            release_elsewhere(site)
            seen.update(site.outside())

    ran = run_cli(site.org, "beta", "--run-id", RUN, stdin=Slow(meanwhile), env=site.env)

    refused(ran, "main is at version 0.4.1", "the tag beta/v0.4.1 is on", "on the package index")
    assert site.outside() == seen
    assert not site.org.worktrees.exists() or not list(site.org.worktrees.rglob("*.toml"))


@pytest.mark.parametrize("phase", [Phase.COMMIT, Phase.PUSH, Phase.PR, Phase.MERGE])
def test_two_runs_that_are_at_work_together_release_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    seen: dict[str, Any] = {}

    def meanwhile() -> None:
        release_elsewhere(site)
        seen.update(site.outside())

    before_phase(monkeypatch, phase, meanwhile)

    ran = site.release()

    refused(ran, "beta: expected beta 0.4.1 to be still this run's to release")
    assert state_of(site.org)["repos"]["beta"]["phase"] == phase.leads_to
    assert site.outside() == seen
    assert len(site.releases()) == 1
