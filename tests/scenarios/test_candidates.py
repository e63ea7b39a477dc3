"""``--pre``: candidates for release one after the other, and then the final release of them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.cli import Ran, run_cli
from support.gitrepo import git, land
from support.repos import add_repo, configure, leave_steps, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def _release(org: Org, run_id: str, *args: str) -> Ran:
    token = f"1740312612.000100:{run_id}"
    ran = run_cli(org, "--run-id", run_id, "--gate-attestation", token, *args)
    assert ran.code == 0, ran.err
    return ran


def _tags(org: Org, repo: str) -> set[str]:
    return {each.rpartition("v")[2] for each in git(org.remote(repo), "tag").splitlines()}


def _show(org: Org, repo: str, path: str) -> str:
    return git(org.remote(repo), "show", f"main:{path}")


def test_candidates_follow_each_other_and_lead_to_the_final_release(small_org: Org) -> None:
    changelog = _show(small_org, "alpha", "CHANGELOG.md")
    first = _release(small_org, "one", "--pre", "rc")

    assert "1.1.0rc1" in _tags(small_org, "alpha")
    assert 'version = "1.1.0rc1"' in _show(small_org, "alpha", "pyproject.toml")
    assert '"alpha==1.1.0rc1"' in _show(small_org, "beta", "pyproject.toml")
    assert _show(small_org, "alpha", "CHANGELOG.md") == changelog
    assert [each.name for each in small_org.index.glob("alpha-1.1.0rc1-*.whl")]
    assert first.result is not None
    assert first.result["verify"]["state"] == "passed"

    nothing = run_cli(small_org, "--dry-run", "--pre", "rc")
    assert nothing.result is not None
    assert {each["error_code"] for each in nothing.result["details"]} == {"NOTHING_TO_RELEASE"}
    of_one = "nothing came since its last pre-release of 1.1.0, which a run without --pre releases"
    assert f"  alpha: {of_one}\n" in nothing.out
    assert "--version" not in nothing.out

    land(small_org.remote("alpha"), "src/alpha/more.py", "MORE = 1\n", "fix: more")
    git(small_org.clone("alpha"), "fetch", "--quiet", "origin")
    shown = run_cli(small_org, "--dry-run", "--pre", "rc", "alpha")
    assert "pre-release of 1.1.0" in shown.out
    _release(small_org, "two", "--pre", "rc", "alpha")
    assert "1.1.0rc2" in _tags(small_org, "alpha")

    _release(small_org, "three")
    assert "1.1.0" in _tags(small_org, "alpha")
    entry = _show(small_org, "alpha", "CHANGELOG.md").partition("## [1.1.0]")[2]
    assert "several people" in entry.partition("\n## ")[0]
    assert "more" in entry.partition("\n## ")[0]
    assert '"alpha==1.1.0"' in _show(small_org, "beta", "pyproject.toml")


def test_a_version_that_is_declared_and_not_released_gets_its_candidates(small_org: Org) -> None:
    leave_steps(small_org)
    files = {"pyproject.toml": manifest("gamma", "0.1.0"), "src/gamma/__init__.py": ""}
    add_repo(small_org, "gamma", files)
    raised = _show(small_org, "alpha", "pyproject.toml").replace("1.0.0", "1.2.0") + "\n"
    land(small_org.remote("alpha"), "pyproject.toml", raised, "chore: bump version to 1.2.0")
    graph: dict[str, object] = {"tiers": [{"alpha": [], "gamma": []}, {"beta": ["alpha"]}]}
    configure(small_org, graph=graph, hooks="none", pins="override", local={"checks": []})

    _release(small_org, "one", "--pre", "rc")

    assert "1.2.0rc1" in _tags(small_org, "alpha")
    assert _tags(small_org, "gamma") == {"0.1.0rc1"}
    assert 'version = "0.1.0rc1"' in _show(small_org, "gamma", "pyproject.toml")
    _release(small_org, "two")
    assert "1.2.0" in _tags(small_org, "alpha")
    assert _tags(small_org, "gamma") == {"0.1.0rc1", "0.1.0"}


def test_a_candidate_of_packages_in_folders_is_made_once(mono: Org) -> None:
    leave_steps(mono)
    configure(mono, hooks="none", commit_subject="chore(release): {repo} v{version}")
    _release(mono, "one", "--pre", "rc")

    again = run_cli(mono, "--dry-run", "--pre", "rc")

    assert {"core-v1.1.0rc1", "tools-v1.0.1rc1"} <= {*git(mono.remote("mono"), "tag").split()}
    assert again.result is not None
    assert {each["error_code"] for each in again.result["details"]} == {"NOTHING_TO_RELEASE"}
    assert "UNFINISHED_RELEASE" not in again.out
