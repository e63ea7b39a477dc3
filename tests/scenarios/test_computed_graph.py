"""``graph: auto``: the manifests say who is released and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import is_archived, main_log, release, resume, worktree
from support.failures import fails
from support.gitrepo import commit_file, git, land
from support.repos import add_repo, configure, manifest, spoil

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def tiers_of(org: Org, *args: str) -> dict[str, int]:
    ran = run_cli(org, "--dry-run", *args)
    assert ran.result is not None, ran.err
    return {each["repo"]: each["tier"] for each in ran.result["details"]}


def test_a_release_without_declared_tiers_is_the_same_release(small_org: Org) -> None:
    declared = run_cli(small_org, "--dry-run").result
    configure(small_org, graph="auto")

    computed = run_cli(small_org, "--dry-run").result
    assert declared is not None
    assert computed is not None
    assert computed["details"] == declared["details"]
    assert computed["plan_hash"] == declared["plan_hash"]
    assert computed["run_id"] == declared["run_id"]

    assert release(small_org).code == 0
    assert is_archived(small_org)
    assert main_log(small_org, "beta")[0].startswith("release: beta v0.4.1")


def test_every_package_is_in_and_what_is_none_is_left_out(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "1.0.0", "beta")})
    add_repo(small_org, "older", {"setup.py": "", "README": ""})
    add_repo(small_org, "website", {"package.json": "{}"})
    add_repo(small_org, "settings", {"pyproject.toml": "[tool.ruff]\n"})
    add_repo(small_org, "tests", {"pyproject.toml": manifest("tests", "1.0.0", "alpha")})
    configure(small_org, graph="auto")
    assert tiers_of(small_org) == {"alpha": 1, "older": 1, "beta": 2, "tests": 2, "gamma": 3}

    path = small_org.omni_home / "release.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("graph: auto", "graph: {tiers: auto, ignore: [tests, older]}"))

    assert tiers_of(small_org) == {"alpha": 1, "beta": 2, "gamma": 3}


def test_a_folder_that_is_a_repository_may_hold_them_as_submodules(small_org: Org) -> None:
    home = small_org.omni_home
    git(home, "init", "--quiet", "--template=")
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "1.0.0", "beta")})
    (home / "gamma").rename(small_org.root / "gamma")
    allowed = ("-c", "protocol.file.allow=always")
    git(home, *allowed, "submodule", "--quiet", "add", str(small_org.remote("gamma")), "gamma")
    configure(small_org, graph="auto")

    assert tiers_of(small_org) == {"alpha": 1, "beta": 2, "gamma": 3}


def test_tiers_are_those_of_the_remote_in_a_real_run(small_org: Org) -> None:
    """The clone does not know yet that alpha has come to need beta, and beta nothing."""
    configure(small_org, graph="auto", local={"checks": []})
    land(small_org.remote("beta"), "pyproject.toml", manifest("beta", "0.4.0"), "fix: alone")
    land(
        small_org.remote("alpha"),
        "pyproject.toml",
        manifest("alpha", "1.0.0", "beta"),
        "fix: needs beta",
    )
    assert tiers_of(small_org) == {"alpha": 1, "beta": 2}

    ran = release(small_org)

    assert ran.result is not None
    assert [(each["repo"], each["tier"]) for each in ran.result["details"]] == [
        ("beta", 1),
        ("alpha", 2),
    ]


def test_a_circle_is_refused_with_files_and_lines(small_org: Org) -> None:
    configure(small_org, graph="auto")
    needs_beta = manifest("alpha", "1.0.0", "beta>=0.1")
    land(small_org.remote("alpha"), "pyproject.toml", needs_beta, "feat: needs beta")

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(
        "alpha -> beta -> alpha",
        "'beta>=0.1' (alpha/pyproject.toml:10, project.dependencies)",
        "(beta/pyproject.toml:",
    )


def test_a_stopped_run_goes_on_with_computed_tiers(small_org: Org) -> None:
    configure(small_org, graph="auto")
    spoil(small_org, "beta")
    assert release(small_org).code == 3

    commit_file(worktree(small_org, "beta"), "notes.md", "spaces\n", "fix: spaces")

    assert resume(small_org).code == 0
    assert is_archived(small_org)


def test_a_clone_that_is_gone_is_missed_by_its_run(small_org: Org) -> None:
    configure(small_org, graph="auto")
    spoil(small_org, "beta")
    assert release(small_org).code == 3
    (small_org.clone("beta") / ".git").rename(small_org.root / "elsewhere")

    failure = resume(small_org)

    assert failure.code in {1, 3}
    assert "REPO_NOT_FOUND: expected clones of alpha, beta" in failure.err
    assert "found no package in beta" in failure.err


def test_declared_tiers_are_the_guard_of_the_order(small_org: Org) -> None:
    configure(small_org, graph={"tiers": [{"beta": []}, {"alpha": []}]})

    failure = fails(small_org, ErrorCode.GRAPH_DRIFT)

    failure.says(
        "beta requires 'alpha",
        "(beta/pyproject.toml:",
        "project.dependencies) of alpha: tier 1 before tier 2",
        "write graph: auto into the release configuration, or these tiers: 1: alpha; 2: beta",
    )


def test_a_folder_without_clones_has_no_graph(small_org: Org) -> None:
    configure(small_org, graph={"tiers": "auto", "ignore": ["alpha", "beta"]})

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("expected clones of Python packages directly under", str(small_org.omni_home))


def test_a_folder_that_cannot_name_a_repository_is_refused(small_org: Org) -> None:
    add_repo(small_org, "status", {"pyproject.toml": manifest("status")})
    configure(small_org, graph="auto")

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("found status: a command word", "graph.ignore")


@pytest.mark.parametrize("name", ["gamma..old", "gamma.lock"])
def test_a_folder_that_no_branch_could_be_named_after_is_refused(small_org: Org, name: str) -> None:
    add_repo(small_org, name, {"pyproject.toml": manifest("gamma")})
    configure(small_org, graph="auto")

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says(
        f"found {name}: a command word of omni-release, or", f"gamma-{name[6:].strip('.')}"
    )


def test_a_package_that_is_on_its_base_branch_alone_is_one(small_org: Org) -> None:
    clone = add_repo(small_org, "gamma", {"README": ""})
    git(clone, "checkout", "--quiet", "-b", "develop")
    commit_file(clone, "pyproject.toml", manifest("gamma"), "feat: gamma")
    git(clone, "push", "--quiet", "origin", "develop")
    configure(small_org, graph="auto")
    without = tiers_of(small_org)
    configure(small_org, base_branches={"gamma": "develop"})

    assert "gamma" not in without
    assert tiers_of(small_org) == {**without, "gamma": 1}


def test_a_package_in_two_clones_is_refused(small_org: Org) -> None:
    add_repo(small_org, "alpha-old", {"pyproject.toml": manifest("Alpha")})
    configure(small_org, graph="auto")

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("found alpha in alpha/pyproject.toml and in alpha-old/pyproject.toml")


def test_a_run_that_began_in_another_order_goes_on(small_org: Org) -> None:
    """Declared tiers were no guard of the order in an earlier version, nor is it asked again."""
    spoil(small_org, "beta")
    assert release(small_org).code == 3
    land(
        small_org.remote("alpha"),
        "pyproject.toml",
        manifest("alpha", "1.1.0", "beta>=0.4"),
        "chore: needs beta",
    )
    commit_file(worktree(small_org, "beta"), "notes.md", "spaces\n", "fix: spaces")

    assert resume(small_org).code == 0
