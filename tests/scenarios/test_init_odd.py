"""``init`` in folders of odd clones: each fits, or is refused in words that name what mends it.

Whatever it writes, a plan can be made of it, and ``init --check`` agrees right afterwards.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from omninode_release.contract.schemas import validator
from support.cli import Ran, run_cli
from support.gitrepo import commit_file, git, push_main
from support.repos import add_repo, manifest

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

POETRY = """\
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "{name}"
version = "1.0.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.11"
{needs}
"""
REPOS = ("alpha", "beta")


@pytest.fixture
def fresh(small_org: Org) -> Org:
    """The clones of ``small_org`` without any configuration."""
    (small_org.omni_home / "release.yaml").unlink()
    return small_org


class Found(dict[str, dict[str, Any]]):
    """Repository to what ``init --json`` says of it."""

    config: dict[str, Any]
    plan: Ran


def look(org: Org) -> Found:
    """``init``, ``--check`` and a plan, in this order."""
    ran = run_cli(org, "init", "--json")
    assert ran.code == 0, ran.err
    found = Found({each["repo"]: each for each in json.loads(ran.out)["repos"]})
    found.config = yaml.safe_load((org.omni_home / "release.yaml").read_text(encoding="utf-8"))
    assert list(validator("release-config").iter_errors(found.config)) == []
    check = run_cli(org, "init", "--check")
    assert check.code == 0, check.out
    found.plan = run_cli(org, "--dry-run", "--offline")
    assert found.plan.code == 0, found.plan.err
    again = json.loads(run_cli(org, "init", "--check", "--json").out)["repos"]
    fits = {name: each["fit"] for name, each in found.items()}
    assert {each["repo"]: each["fit"] for each in again} == fits
    return found


def new_version(found: Found, repo: str) -> str | None:
    assert found.plan.result is not None
    rows = {each["repo"]: each for each in found.plan.result["details"]}
    assert rows[repo]["error_code"] is None, rows[repo]
    version: str = rows[repo]["new_version"]
    return version


def change(org: Org, repo: str) -> None:
    """Something to release."""
    commit_file(org.clone(repo), "more.txt", "more\n", "fix: more")
    branch = git(org.clone(repo), "branch", "--show-current")
    git(org.clone(repo), "push", "--quiet", "origin", branch, "--tags")


def test_a_poetry_sibling_by_its_path_gives_way_to_a_requirement(fresh: Org) -> None:
    add_repo(fresh, "lib", {"pyproject.toml": POETRY.format(name="lib", needs="")}, tag="v1.0.0")
    needs = 'lib = { path = "../lib", develop = true }'
    add_repo(fresh, "tool", {"pyproject.toml": POETRY.format(name="tool", needs=needs)})
    change(fresh, "lib")

    found = look(fresh)

    assert (found["lib"]["fit"], found["tool"]["fit"]) == ("fits", "fits")
    assert (found.config["sources"], found.config["pins"]) == ("replace", "raise")
    assert "tool: lib {path" in found.plan.out
    assert "→ >=1.0.1" in found.plan.out


def test_tags_of_several_formats_are_written_down_the_newest_first(fresh: Org) -> None:
    add_repo(fresh, "gamma", {"pyproject.toml": manifest("gamma", "1.3.0")})
    for tag in ("1.1.0", "v1.2.0", "release-1.3.0"):
        change_one = commit_file(fresh.clone("gamma"), "log.txt", tag, f"fix: for {tag}")
        git(fresh.clone("gamma"), "tag", tag, change_one)
    push_main(fresh.clone("gamma"), tags=("1.1.0", "v1.2.0", "release-1.3.0"))
    change(fresh, "gamma")

    found = look(fresh)

    formats = ["release-{version}", "v{version}", "{version}"]
    assert found.config["tag_formats_of"] == {"gamma": formats}
    assert new_version(found, "gamma") == "1.3.1"
    assert "gamma: release-1.3.1, in the format release-{version}" in found.plan.out


def test_a_package_with_nothing_to_release_is_judged_by_its_next_release(fresh: Org) -> None:
    unread = "# Changes\n\n* 1.0.0, the first\n"
    files = {"pyproject.toml": manifest("gamma", "1.0.0"), "CHANGELOG.md": unread}
    add_repo(fresh, "gamma", files, tag="v1.0.0")
    add_repo(fresh, "delta", {"pyproject.toml": manifest("delta", "1.0.0")}, tag="v1.0.0")

    found = json.loads(run_cli(fresh, "init", "--json").out)["repos"]
    told = {each["repo"]: each for each in found}

    assert told["gamma"]["fit"] == "needs"
    assert "found line 3 (* 1.0.0, the first)" in told["gamma"]["why"][0]
    assert [told[name]["new"] for name in ("gamma", "delta")] == [None, None]
    assert told["delta"]["fit"] == "fits"


def test_an_empty_repository_is_left_out(fresh: Org) -> None:
    git(fresh.remotes, "init", "--quiet", "--bare", "-b", "main", "empty.git")
    git(fresh.omni_home, "clone", "--quiet", str(fresh.remote("empty")), "empty")

    found = look(fresh)

    assert found["empty"]["fit"] == "left out"
    assert found.plan.result is not None
    assert {each["repo"] for each in found.plan.result["details"]} == set(REPOS)


def test_a_clone_without_a_remote_needs_one(fresh: Org) -> None:
    clone = fresh.omni_home / "gamma"
    git(fresh.omni_home, "init", "--quiet", "-b", "main", "gamma")
    commit_file(clone, "pyproject.toml", manifest("gamma"), "feat: gamma")

    found = look(fresh)

    assert found["gamma"]["fit"] == "needs"
    (why,) = found["gamma"]["why"]
    assert f"git -C {clone} remote add origin PATH" in why


def test_a_remote_of_another_name_is_renamed_by_the_command_that_is_shown(fresh: Org) -> None:
    clone = add_repo(fresh, "gamma", {"pyproject.toml": manifest("gamma")}, tag="v1.0.0")
    git(clone, "remote", "rename", "origin", "upstream")

    (why,) = look(fresh)["gamma"]["why"]
    real = run_cli(fresh, "--run-id", "r", "--gate-attestation", "1740312612.000100:r")
    rename = f"git -C {clone} remote rename upstream origin"

    assert rename in why
    assert rename in real.out
    subprocess.run(shlex.split(rename), check=True)
    (fresh.omni_home / "release.yaml").unlink()
    assert look(fresh)["gamma"]["fit"] == "fits"


def test_a_default_branch_of_another_name(fresh: Org) -> None:
    git(fresh.remotes, "init", "--quiet", "--bare", "-b", "develop", "gamma.git")
    git(fresh.omni_home, "clone", "--quiet", str(fresh.remote("gamma")), "gamma")
    clone = fresh.clone("gamma")
    git(clone, "symbolic-ref", "HEAD", "refs/heads/develop")
    commit_file(clone, "pyproject.toml", manifest("gamma"), "feat: gamma")
    git(clone, "tag", "v1.0.0")
    change(fresh, "gamma")
    git(clone, "remote", "set-head", "origin", "develop")

    found = look(fresh)

    assert found["gamma"]["fit"] == "fits"
    assert new_version(found, "gamma") == "1.0.1"


def test_setup_cfg_alone(fresh: Org) -> None:
    text = "[metadata]\nname = gamma\nversion = 2.0.1\n\n[options]\npackages = gamma\n"
    add_repo(fresh, "gamma", {"setup.cfg": text, "gamma/__init__.py": ""}, tag="v2.0.1")
    change(fresh, "gamma")

    assert new_version(look(fresh), "gamma") == "2.0.2"


def test_a_workspace_whose_root_is_a_package(fresh: Org) -> None:
    source = "\n[tool.uv.sources]\none = { workspace = true }\n"
    root = manifest("mono", "1.0.0", "one") + '\n[tool.uv.workspace]\nmembers = ["libs/*"]\n'
    files = {
        "pyproject.toml": root + source,
        "libs/one/pyproject.toml": manifest("one", "0.1.0"),
        "libs/two/pyproject.toml": manifest("two", "0.2.0", "one>=0.1") + source,
    }
    clone = add_repo(fresh, "mono", files, tag="v1.0.0")
    git(clone, "tag", "one-v0.1.0")
    git(clone, "tag", "two-v0.2.0")
    commit_file(clone, "libs/one/more.py", "MORE = 1\n", "fix: more")
    git(clone, "push", "--quiet", "origin", "main", "--tags")

    found = look(fresh)

    assert "sources" not in found.config  # a workspace is for development, and stays
    assert found.config["pins_of"] == {"mono": {"one": "keep"}}
    assert [found[name]["fit"] for name in ("mono", "one", "two")] == ["fits"] * 3
    assert new_version(found, "one") == "0.1.1"


def test_a_folder_that_cannot_be_a_name_is_renamed_by_the_command_that_is_shown(fresh: Org) -> None:
    clone = add_repo(fresh, "gamma", {"pyproject.toml": manifest("gamma")}, tag="v1.0.0")
    clone.rename(fresh.omni_home / "my gamma")

    ran = run_cli(fresh, "init")

    assert ran.code == 2
    assert "found my gamma: a command word" in ran.err
    words = shlex.split(ran.err.split("Next: ")[1])
    subprocess.run(words, check=True)
    assert look(fresh)["my-gamma"]["fit"] == "fits"


def test_what_is_only_here_is_told(fresh: Org) -> None:
    commit_file(fresh.clone("alpha"), "mine.txt", "mine\n", "feat: not pushed")
    assert run_cli(fresh, "init").code == 0

    ran = run_cli(fresh, "--dry-run")

    assert ran.result is not None
    (told,) = [each for each in ran.result["warnings"] if "not on the remote, which" in each]
    assert told.startswith("alpha: 1 commit of main not on the remote")
    assert f"git -C {fresh.clone('alpha')} push origin main" in told


@pytest.mark.parametrize(
    ("need", "rule"),
    [
        ("alpha==1.0.0", None),
        ("alpha>=1.0.0", "raise"),
        ("alpha~=1.0.0", "raise"),
        ("alpha>=0.9,<2", "keep"),
        ("alpha==1.*", "keep"),
        ("alpha", "keep"),
    ],
)
def test_requirements_stay_what_they_are(fresh: Org, need: str, rule: str | None) -> None:
    text = (fresh.clone("beta") / "pyproject.toml").read_text(encoding="utf-8")
    changed = text.replace("alpha>=1.0.0,<2.0.0", need)
    commit_file(fresh.clone("beta"), "pyproject.toml", changed, "fix: need alpha")
    push_main(fresh.clone("beta"))

    found = look(fresh)

    assert found.config.get("pins") == rule
    text = (fresh.omni_home / "release.yaml").read_text(encoding="utf-8")
    assert (f"# as now: beta/pyproject.toml requires {need}\n" in text) is (rule is not None)


def test_a_byte_order_mark_is_named_and_its_hint_takes_it_away(fresh: Org) -> None:
    clone = fresh.clone("alpha")
    text = (clone / "pyproject.toml").read_text(encoding="utf-8")
    commit_file(clone, "pyproject.toml", f"\ufeff{text}", "fix: an editor of Windows")
    push_main(clone)

    ran = run_cli(fresh, "init", "--json")

    [why] = next(each["why"] for each in json.loads(ran.out)["repos"] if each["repo"] == "alpha")
    assert why.startswith("expected alpha/pyproject.toml to be UTF-8 without a byte order mark")
    typed = why.partition(" Next: ")[2].partition(" in the folder of the clones")[0]
    subprocess.run(shlex.split(typed), cwd=fresh.omni_home, check=True)
    assert (clone / "pyproject.toml").read_text(encoding="utf-8") == text
    git(clone, "commit", "--quiet", "--all", "--message", "fix: no mark")
    push_main(clone)
    assert look_again(fresh) == {"alpha": "fits", "beta": "fits"}


def look_again(org: Org) -> dict[str, str]:
    """Repository to its fit, by the configuration that is there."""
    listed = json.loads(run_cli(org, "init", "--check", "--json").out)["repos"]
    return {each["repo"]: each["fit"] for each in listed}


def test_a_linked_worktree_of_a_clone_elsewhere_is_told(fresh: Org) -> None:
    clone = add_repo(fresh, "gamma", {"pyproject.toml": manifest("gamma")}, tag="v1.0.0")
    elsewhere = fresh.root / "elsewhere"
    clone.rename(elsewhere)
    git(elsewhere, "worktree", "add", "--quiet", "-b", "mine", str(clone))
    for name in ("alpha-beside", "alpha-relative"):
        git(fresh.clone("alpha"), "worktree", "add", "--quiet", "--detach", f"../{name}")
    # As worktree.useRelativePaths has git 2.48 and later write it.
    beside = fresh.omni_home / "alpha-relative" / ".git"
    beside.write_text("gitdir: ../alpha/.git/worktrees/alpha-relative\n", encoding="utf-8")

    found = look(fresh)

    told = f"gamma is a linked worktree of {elsewhere}, and only a clone is released"
    assert found["gamma"]["fit"] == "left out"
    assert found["gamma"]["why"][0].startswith(told)
    assert told in found.plan.out
    assert "alpha-beside" not in found.plan.out
    assert "alpha-relative" not in found.plan.out
    for repo in REPOS:
        fresh.clone(repo).rename(fresh.root / repo)
    (fresh.omni_home / "release.yaml").unlink()
    assert told in run_cli(fresh, "init").err


def test_a_version_that_only_the_index_decides_is_called_a_guess(fresh: Org) -> None:
    add_repo(fresh, "untagged", {"pyproject.toml": manifest("untagged", "0.1.0")})

    told = run_cli(fresh, "init").out
    checked = json.loads(run_cli(fresh, "init", "--check", "--json").out)

    said = "note: untagged: pyproject.toml says 0.1.0, and it has no release tag"
    assert said in told
    assert "omni-release --dry-run asks it" in " ".join(told.split())
    assert [note.partition(":")[0] for note in checked["notes"]] == ["untagged"]
