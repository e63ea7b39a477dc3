"""A repository with nothing to release, whose exact pin on a sibling would stay behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import before_phase, break_phase, main_log, release, resume, state_of
from support.failures import fails
from support.gitrepo import git, land
from support.repos import add_repo, configure, leave_steps, manifest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from omninode_release.commands.demo_org import Org
    from support.cli import Ran

TIERS = [{"alpha": []}, {"beta": ["alpha"], "gamma": ["alpha"]}, {"delta": ["gamma"]}]


@pytest.fixture
def chain(small_org: Org) -> Org:
    """Gamma pins alpha, and delta pins gamma; neither has a commit to release."""
    for name, version, need in (
        ("gamma", "2.0.0", "alpha==1.0.0"),
        ("delta", "3.1.0", "gamma==2.0.0"),
    ):
        text = manifest(name, version, need)
        files = {"pyproject.toml": text, f"src/{name}/__init__.py": f'"""{name}."""\n'}
        add_repo(small_org, name, files, tag=f"v{version}")
    configure(small_org, graph={"tiers": TIERS}, local={"checks": []})
    return small_org


def test_what_would_stay_behind_is_named(chain: Org) -> None:
    ran = run_cli(chain, "--dry-run")

    assert ran.result is not None
    (warning,) = ran.result["warnings"]
    assert warning == (
        "gamma: nothing to release, and its exact pin 'alpha==1.0.0' (project.dependencies) stays"
        " behind alpha 1.1.0; `cascade: patch` in the release configuration releases it along"
    )
    first, second = ran.out.partition("Nothing to release:\n")[2].splitlines()[:2]
    assert first.startswith("  gamma: no commit counts, all of main is in v")
    assert first.endswith(" releases it all the same")
    assert second == "  delta: no commit counts, all of main is in v3.1.0"


def test_a_bound_that_a_release_passes_is_named(small_org: Org) -> None:
    text = manifest("gamma", "2.0.0", "alpha>=1.0.0,<1.1")
    files = {"pyproject.toml": text, "src/gamma/__init__.py": '"""Gamma."""\n'}
    add_repo(small_org, "gamma", files, tag="v2.0.0")
    configure(small_org, graph={"tiers": TIERS[:-1]}, local={"checks": []})

    passed = run_cli(small_org, "--dry-run")
    within = run_cli(small_org, "--dry-run", "--bump", "alpha=patch")

    assert passed.result is not None
    assert within.result is not None
    assert passed.result["warnings"] == [
        (
            "gamma: nothing to release, and its 'alpha>=1.0.0,<1.1' (project.dependencies) does not"
            " admit alpha 1.1.0: the two will not install together"
        )
    ]
    assert "gamma" not in str(within.result["warnings"])


@pytest.mark.parametrize(
    ("need", "told"),
    [
        pytest.param("alpha==1.0.0", 1, id="an-exact-pin-that-is-kept"),
        pytest.param("alpha<1.1; python_version<'3'", 0, id="of-no-python-of-gamma"),
    ],
)
def test_what_a_release_passes_is_named_where_it_is_installed(
    small_org: Org, need: str, told: int
) -> None:
    files = {"pyproject.toml": manifest("gamma", "2.0.0", need), "src/gamma/__init__.py": ""}
    add_repo(small_org, "gamma", files, tag="v2.0.0")
    configure(small_org, graph={"tiers": TIERS[:-1]}, pins="keep", local={"checks": []})

    ran = run_cli(small_org, "--dry-run")

    assert ran.result is not None
    assert str(ran.result["warnings"]).count("does not admit alpha 1.1.0") == told


def test_the_plan_of_a_cascade(chain: Org, snapshot: SnapshotAssertion) -> None:
    configure(chain, cascade="patch")

    ran = run_cli(chain, "--dry-run", "--run-id", "pair")

    assert ran.out.partition("Plan hash")[0] == snapshot


def test_it_is_released_as_a_patch_tier_by_tier(chain: Org) -> None:
    configure(chain, cascade="patch")

    ran = release(chain)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS"
    assert ran.result["verify"]["state"] == "passed"
    told = {each["repo"]: each for each in ran.result["details"]}
    assert (told["gamma"]["new_version"], told["gamma"]["cascaded_from"]) == ("2.0.1", ["alpha"])
    assert (told["delta"]["new_version"], told["delta"]["cascaded_from"]) == ("3.1.1", ["gamma"])
    assert '"alpha==1.1.0"' in git(chain.remote("gamma"), "show", "main:pyproject.toml")
    assert '"gamma==2.0.1"' in git(chain.remote("delta"), "show", "main:pyproject.toml")
    entry = git(chain.remote("delta"), "show", "main:CHANGELOG.md")
    assert "### Changed\n\n- Pin gamma==2.0.1 (cascaded from gamma)" in entry
    pull = json.loads((chain.remotes / "delta.forge/pulls/1.json").read_text(encoding="utf-8"))
    assert "Cascaded from gamma: it has no changes of its own.\n" in pull["body"]


def _stop_at_tag(org: Org) -> None:
    """Release what comes before ``beta``, and that until its merge."""
    leave_steps(org)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.TAG, after_effect=False)
        assert release(org).code == 3


def test_a_resume_keeps_it(chain: Org) -> None:
    configure(chain, cascade="patch")
    _stop_at_tag(chain)

    ran = resume(chain)

    assert ran.code == 0, ran.err
    assert [main_log(chain, repo)[0] for repo in ("gamma", "delta")] == [
        "release: gamma v2.0.1 (#1)",
        "release: delta v3.1.1 (#1)",
    ]


def test_a_resume_takes_along_what_is_in_lockstep_with_a_released_one(small_org: Org) -> None:
    files = {"pyproject.toml": manifest("omega", "1.0.0", "alpha==1.0.0")}
    add_repo(small_org, "omega", files | {"src/omega/__init__.py": ""}, tag="v1.0.0")
    graph = {"tiers": [{"alpha": []}, {"beta": ["alpha"]}, {"omega": ["alpha"]}]}
    configure(small_org, graph=graph, pins_of={"omega": {"alpha": "lockstep"}})
    configure(small_org, local={"checks": []})
    _stop_at_tag(small_org)

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert main_log(small_org, "omega")[0] == "release: omega v1.1.0 (#1)"


@pytest.mark.parametrize("phase", [Phase.WORKTREE, Phase.MERGE])
def test_without_a_late_commit_nothing_was_taken_back(chain: Org, phase: Phase) -> None:
    configure(chain, cascade="patch")

    ran = release_with_a_late(chain, "fix: late", phase)

    assert ran.code == 0, ran.err
    assert state_of(chain)["repos"]["gamma"]["new_version"] == "2.0.1"


def test_bookkeeping_that_comes_late_is_no_level(chain: Org) -> None:
    configure(chain, cascade="patch")

    ran = release_with_a_late(chain, "chore(release): notes", Phase.WORKTREE)

    assert ran.code == 0, ran.err


def test_a_late_feature_asks_for_another_approval(chain: Org) -> None:
    configure(chain, cascade="patch")

    ran = release_with_a_late(chain, "feat: late", Phase.WORKTREE)

    assert ran.code == 3
    assert "makes it a minor release, patch was approved" in ran.err
    assert main_log(chain, "gamma")[0] == "feat: late"


def release_with_a_late(chain: Org, message: str, phase: Phase) -> Ran:
    """A colleague lands on gamma once the plan is approved, right before a step."""
    leave_steps(chain)

    def land_once() -> None:
        if message not in main_log(chain, "gamma"):
            land(chain.remote("gamma"), "late.md", "Late.\n", message)

    with pytest.MonkeyPatch.context() as patch:
        before_phase(patch, phase, land_once)
        return release(chain)


def test_what_cannot_be_published_is_refused_and_not_passed_over(chain: Org) -> None:
    configure(chain, cascade="patch")
    private = f"{manifest('gamma', '2.0.0', 'alpha==1.0.0')}\n[tool.uv]\npackage = false\n"
    land(chain.remote("gamma"), "pyproject.toml", private, "chore(release): gamma 2.0.0")

    failure = fails(chain, ErrorCode.SCAN_FAILED)

    failure.says("gamma/pyproject.toml", "tool.uv.package is false")


def test_cascade_off_is_a_word(chain: Org) -> None:
    path = chain.omni_home / "release.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}cascade: off\n", encoding="utf-8")

    assert run_cli(chain, "--dry-run").code == 0
