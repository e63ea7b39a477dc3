"""Packages that write 24.1 for 24.1.0: every release of theirs is written so, in every place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import RUN, main_log, resume
from support.gitrepo import git, tree_of
from support.repos import add_repo, manifest
from support.trains import (
    assert_changed,
    change,
    lock,
    make_bare,
    publish,
    set_out,
    stop_before,
    tag,
)

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

OLD = "# Changelog\n\n## {version} (2026-01-01)\n\n- All.\n"


@pytest.fixture
def bare(tmp_path: Path) -> Org:
    """``low`` 24.1, and ``high`` 1.0 that pins it, both released; a feature and a fix since."""
    org = make_bare(tmp_path / "org")
    for name, version, *needs in (("low", "24.1"), ("high", "1.0", "low==24.1")):
        files = {
            "pyproject.toml": manifest(name, version, *needs),
            f"src/{name}/__init__.py": f'__version__ = "{version}"\n',
            "CHANGELOG.md": OLD.format(version=version),
            "CITATION.cff": f"title: {name}\nversion: {version}\n",
        }
        add_repo(org, name, files)
        lock(org, name)
        tag(org, name, version)
        publish(org, name)
    change(org, "low", "feat: be low", **{"src/low/more.py": "MORE = True\n"})
    change(org, "high", "fix: be high", **{"src/high/more.py": "MORE = True\n"})
    return org


def test_a_release_is_written_as_the_one_before_it(bare: Org) -> None:
    ran, before = set_out(bare)

    assert ran.result is not None
    assert [(each["old_version"], each["new_version"]) for each in ran.result["details"]] == [
        ("24.1", "24.2"),
        ("1.0", "1.0.1"),
    ]
    for repo, new, places in (
        ("low", "24.2", (("24.1", "24.2"),)),
        ("high", "1.0.1", (('version = "1.0"', 'version = "1.0.1"'), ("low==24.1", "low==24.2"))),
    ):
        after = tree_of(bare.remote(repo), new)
        news = after.pop("CHANGELOG.md")
        assert news.startswith(f"# Changelog\n\n## {new} (2026-02-25)\n\n")
        assert news.endswith(before[repo].pop("CHANGELOG.md").removeprefix("# Changelog\n\n"))
        locked = after.pop("uv.lock")
        assert f'name = "{repo}"\nversion = "{new}"\n' in locked
        assert before[repo].pop("uv.lock") != locked
        old = "24.1" if repo == "low" else "1.0"
        edits = dict.fromkeys(("CITATION.cff", f"src/{repo}/__init__.py"), ((old, new),))
        assert_changed(before[repo], after, {"pyproject.toml": places, **edits})
        assert main_log(bare, repo)[0] == f"release: {repo} v{new} (#1)"
        assert (bare.index / f"{repo}-{new}.tar.gz").is_file()


def test_the_next_ones_follow_it(bare: Org) -> None:
    set_out(bare)
    for number, (low, high, args) in enumerate(
        [("24.3rc1", "1.1rc1", ("--pre", "rc")), ("24.3", "1.1", ())]
    ):
        for repo in bare.repos:
            change(bare, repo, f"feat: {number}", **{f"src/{repo}/more.py": f"MORE = {number}\n"})

        run_id, token = f"next-{number}", f"1740312612.000100:next-{number}"
        ran = run_cli(bare, "--run-id", run_id, "--gate-attestation", token, *args)

        assert ran.code == 0, ran.err
        assert ran.result is not None
        found = {each["repo"]: each["new_version"] for each in ran.result["details"]}
        assert found == {"low": low, "high": high}
        assert f"low=={low}" in tree_of(bare.remote("high"), high)["pyproject.toml"]

    told = run_cli(bare, "explain", "low", "--version", "24.3").out
    assert "24.2 → 24.3" in told
    assert run_cli(bare, "explain", "low", "--version", "24.3.0").out == told
    done = run_cli(bare, "--dry-run")
    assert done.result is not None
    assert {each["error_code"] for each in done.result["details"]} == {"NOTHING_TO_RELEASE"}


def test_a_run_that_died_after_its_merge_is_finished(bare: Org) -> None:
    stop_before(bare, "low", Phase.TAG)

    assert "24.2" not in git(bare.remote("low"), "tag", "--list").splitlines()
    # Another run sees that the version is taken, and by which run.
    other = run_cli(bare, "--dry-run", "--json")
    assert other.result is not None
    assert other.result["details"][0]["new_version"] == "24.3"
    assert f"--resume {RUN}" in other.err

    assert resume(bare).code == 0
    assert "24.2" in git(bare.remote("low"), "tag", "--list").splitlines()


def test_another_run_that_takes_the_version_is_noticed(bare: Org) -> None:
    stop_before(bare, "low", Phase.PUSH)
    git(bare.remote("low"), "tag", "24.2", "main")

    ran = resume(bare)

    assert ran.result is not None
    assert ran.result["details"][0]["error_code"] == ErrorCode.PLAN_STALE
