"""What the package index has beside what the tags say: told before a person is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Terminal, run_cli
from support.endings import APPROVED, RUN, before_phase
from support.gitrepo import git, land
from support.repos import configure, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.cli import Ran

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def test_a_higher_version_on_the_index_is_told(small_org: Org) -> None:
    _upload(small_org, "alpha-1.5.0", "alpha-2.0.0rc1")

    ran = _reject(small_org)

    assert "expected 1.1.0 to be the newest version of alpha, found 1.5.0 on the index" in ran.out
    assert "beta newest" not in ran.out


def test_a_release_of_a_series_below_the_newest_is_nothing_to_tell(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    _upload(small_org, "alpha-2.0.0")
    git(clone, "push", "--quiet", "origin", "origin/main:refs/heads/1.x")
    configure(small_org, base_branches={"alpha": "1.x"})

    ran = _reject(small_org, "alpha")

    assert "1.1.0" in ran.out
    assert "newest" not in ran.out


def test_a_name_that_the_index_has_no_release_of_is_told(small_org: Org) -> None:
    land(small_org.remote("beta"), "pyproject.toml", manifest("betta", "0.4.0"), "fix: a name")
    configure(small_org, lock="none")  # beta's has the earlier name

    ran = _reject(small_org)

    assert "beta name: expected releases of betta on the index, since v0.4.0 is tagged" in ran.out
    assert "alpha name" not in ran.out


def test_an_index_that_begins_tells_nothing_of_names(small_org: Org) -> None:
    for file in small_org.index.iterdir():
        file.unlink()

    assert "it will be new there" not in _reject(small_org).out


def test_a_version_that_the_index_has_already_is_left_out_as_the_hint_says(small_org: Org) -> None:
    clone = small_org.clone("beta")
    _upload(small_org, "beta-0.4.1")

    refused = run_cli(small_org, "beta", "--run-id", "one", stdin=Terminal("approve\n"))
    again = run_cli(
        small_org, "beta", "--version", "beta=0.4.2", "--run-id", "two", stdin=Terminal("approve\n")
    )

    assert refused.err.startswith("VERSION_INVALID: beta: expected beta 0.4.1 to be free on the")
    assert "Next: --version beta=X.Y.Z of a fresh run takes another version" in refused.err
    assert again.code == 0, again.err
    git(clone, "fetch", "--quiet", "--tags")
    assert "beta/v0.4.2" in git(clone, "tag").split()


def test_a_run_whose_version_a_person_publishes_says_that_it_has_to_end(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_phase(monkeypatch, Phase.PUSH, lambda: _upload(small_org, "beta-0.4.1"))
    stale = run_cli(small_org, "beta", "--run-id", RUN, *APPROVED)
    assert stale.err.startswith("PLAN_STALE: beta: "), stale.err

    again = run_cli(small_org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert again.err.startswith("VERSION_INVALID: beta: expected beta 0.4.1 to be free on the")
    hint = f"omni-release abandon {RUN}, then --version beta=X.Y.Z of a fresh run"
    assert f"Next: {hint} takes another version" in again.err


def _reject(org: Org, *args: str) -> Ran:
    ran = run_cli(org, *args, stdin=Terminal("reject\n"))
    assert ran.err.startswith("GATE_REJECTED"), ran.err
    return ran


def _upload(org: Org, *releases: str) -> None:
    for name in releases:
        for end in ("-py3-none-any.whl", ".tar.gz"):
            (org.index / f"{name}{end}").write_bytes(b"another's")
