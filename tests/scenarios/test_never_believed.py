"""What a run must never believe, and never do: ``make mutants`` shows that each test here bites."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from omninode_release.phases.registry import PHASES
from omninode_release.text.commits.release_commit import read_run_trailer
from support.endings import (
    RUN,
    Died,
    Place,
    before_phase,
    branch,
    break_phase,
    die_in,
    release,
    resume,
    state_of,
    worktree,
)
from support.gitrepo import all_refs, git, land, tree_of
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org
    from support.cli import Ran

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def _beta(org: Org) -> dict[str, object]:
    found: dict[str, object] = state_of(org)["repos"]["beta"]
    return found


def _was_refused_in(ran: Ran, org: Org, phase: Phase) -> None:
    """Beta's plan is stale, which was found in that step and before its effect."""
    assert ran.code == 3, ran.out
    assert _beta(org)["error_code"] == "PLAN_STALE"
    assert state_of(org)["repos"]["beta"]["phase_history"][-1]["phase"] == phase.leads_to
    assert phase not in state_of(org)["repos"]["beta"]["outputs"]


def test_a_tag_is_on_the_merge_commit_though_main_has_moved_on(
    half: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = half.remote("beta")
    before_phase(monkeypatch, Phase.TAG, lambda: land(remote, "n.md", "n\n", "docs: later"))

    assert resume(half).code == 0

    tagged = git(remote, "rev-parse", "beta/v0.4.1^{commit}")
    assert tagged == state_of(half)["repos"]["beta"]["outputs"]["MERGE"]["merge_sha"]
    assert tagged == git(remote, "rev-parse", "main^")


def test_a_merge_commit_with_another_version_is_not_believed(
    half: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = half.remote("beta")

    def merge_another_version() -> None:
        manifest = tree_of(remote, branch("beta"))["pyproject.toml"].replace("0.4.1", "0.4.9")
        merge = land(remote, "pyproject.toml", manifest, "release: beta v0.4.9")
        git(remote, "update-ref", "refs/pull/1/merge", merge)

    before_phase(monkeypatch, Phase.MERGE, merge_another_version)

    _was_refused_in(resume(half), half, Phase.MERGE)


@pytest.mark.parametrize("phase", [Phase.PUSH, Phase.TAG])
def test_a_main_that_was_rewound_is_not_accepted(
    half: Org, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    remote = half.remote("beta")
    before_phase(monkeypatch, phase, lambda: git(remote, "update-ref", "refs/heads/main", "main~1"))

    _was_refused_in(resume(half), half, phase)
    assert not [name for name in all_refs(remote) if "0.4.1" in name]


def test_a_commit_without_the_runs_trailer_is_not_adopted(half: Org) -> None:
    die_in(half, Phase.COMMIT, after_effect=False)
    tree = worktree(half, "beta")
    git(tree, "commit", "--quiet", "--all", "--message", "release: beta v0.4.1")
    theirs = git(tree, "rev-parse", "HEAD")

    assert resume(half).code == 0

    own = state_of(half)["repos"]["beta"]["outputs"]["COMMIT"]["sha"]
    assert own != theirs
    assert read_run_trailer(git(half.remote("beta"), "log", "-1", "--format=%b", own)) == RUN


def test_what_the_world_vouches_for_is_not_begun_again(
    half: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    die_in(half, Phase.PUBLISH, after_effect=False)
    whole = PHASES[Phase.WORKTREE]

    def asked(*_: object) -> None:
        pytest.fail("WORKTREE was asked again of a release that is tagged")

    asks = SimpleNamespace(OUTPUT=whole.OUTPUT, done=asked, apply=asked)
    monkeypatch.setitem(PHASES, Phase.WORKTREE, asks)

    assert resume(half).code == 0


def test_a_tag_is_no_publication(small_org: Org) -> None:
    # Alone: another repository would wait for what is not published.
    configure(small_org, rehearse=False)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUBLISH, after_effect=False, repo="alpha")
        release(small_org, "alpha")
    assert "refs/tags/alpha/v1.1.0" in all_refs(small_org.remote("alpha"))

    assert resume(small_org).code == 0

    assert (small_org.index / "alpha-1.1.0-py3-none-any.whl").is_file()


def test_nothing_of_a_later_tier_is_begun_after_a_failure(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = place.put_back("begin")
    break_phase(monkeypatch, Phase.BUMP, after_effect=False, repo="alpha")
    break_phase(monkeypatch, Phase.WORKTREE, after_effect=False, error=Died())

    assert release(org).code == 1

    assert (_beta(org)["error_code"], _beta(org)["phase"]) == ("TIER_BLOCKED", "PLANNED")


def test_a_version_that_is_tagged_and_not_published_is_told_as_that(
    half: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_phase(monkeypatch, Phase.PUBLISH, after_effect=False)

    ran = resume(half)

    assert ran.result is not None
    said = "merged and tagged, not published"
    assert ran.result["details"][1]["stays"] == said
    assert f"beta 0.4.1 is {said}." in ran.result["error"]
    assert f"beta 0.4.1 is {said}." in state_of(half)["error"]
    assert f"PUBLISH_FAILED, {said}" in ran.out
    assert ran.result["details"][0]["stays"] is None
