"""``omni-release explain``: why the next version, and why one that is released."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.contract.schemas import validator
from support.cli import Ran, run_cli
from support.endings import release
from support.gitrepo import git, land, world
from support.repos import configure, run_hooks

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def data_of(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    value: dict[str, Any] = json.loads(ran.out)
    assert list(validator("explanation").iter_errors(value)) == []
    return value


def fetched(org: Org, repo: str) -> None:
    git(org.clone(repo), "fetch", "--quiet", "origin")


def test_the_next_version_is_explained(small_org: Org) -> None:
    before = world(small_org)

    ran = run_cli(small_org, "explain", "beta")

    assert (ran.code, ran.err, ran.result) == (0, "", None)
    assert ran.out.startswith("beta 0.4.0 → 0.4.1\n  beta: patch by ")
    assert "the type fix asks for patch" in ran.out
    assert "project.dependencies: alpha>=1.0.0,<2.0.0 → alpha==1.1.0" in ran.out
    assert "Needed by:\n  beta" in run_cli(small_org, "explain", "alpha").out
    assert world(small_org) == before


def test_every_commit_is_explained_also_the_ones_that_do_not_count(small_org: Org) -> None:
    remote = small_org.remote("alpha")
    land(remote, "a.md", "A.\n", "feat!: drop the old names")
    land(remote, "b.md", "B.\n", "docs: mention Feature: names [major]")
    land(remote, "c.md", "C.\n", "chore(release): alpha 1.0.9")
    land(remote, "d.md", "D.\n", "feat: gone again")
    land(remote, "e.md", "E.\n", 'Revert "feat: gone again"')
    land(remote, "f.md", "F.\n", "fix: last\n\nBREAKING CHANGE: all of it\n")
    fetched(small_org, "alpha")

    value = data_of(run_cli(small_org, "explain", "alpha", "--json"))

    assert [(each["level"], each["rule"]) for each in value["history"][:6]] == [
        ("major", "the footer BREAKING CHANGE asks for major"),
        (None, "taken back in the same range, or what takes it back"),
        (None, "taken back in the same range, or what takes it back"),
        (None, "bookkeeping: what a release itself commits"),
        ("patch", "the type docs has the level that default_bump names, patch"),
        ("major", "the ! of its subject asks for major"),
    ]
    assert (value["old"], value["new"], value["level"]) == ("1.0.0", "2.0.0", "major")


def test_words_that_look_like_a_level_are_seen_and_not_used(small_org: Org) -> None:
    run_hooks(small_org)  # or those that are there are seen as well
    land(small_org.remote("beta"), "b.md", "B.\n", "docs: names [major]")
    fetched(small_org, "beta")

    (seen,) = data_of(run_cli(small_org, "explain", "beta", "--json"))["seen"]

    assert seen["kind"] == "mark"
    assert "looks major" in seen["what"]


def test_a_released_version_is_explained_by_what_its_tag_contains(small_org: Org) -> None:
    assert release(small_org).code == 0
    land(small_org.remote("beta"), "more.md", "More.\n", "feat: more")
    fetched(small_org, "beta")

    value = data_of(run_cli(small_org, "explain", "beta", "--version", "0.4.1", "--json"))

    assert (value["status"], value["old"], value["new"]) == ("done", "0.4.0", "0.4.1")
    assert (value["level"], value["why"]) == ("patch", "patch: its commits ask for patch")
    rules = [each["rule"] for each in value["history"]]
    assert "bookkeeping: what a release itself commits" in rules
    assert "feat: more" not in [each["subject"] for each in value["history"]]
    assert value["pins"] == [
        {
            "name": "alpha",
            "table": "project.dependencies",
            "before": "alpha>=1.0.0,<2.0.0",
            "after": "alpha==1.1.0",
        }
    ]
    next_one = data_of(run_cli(small_org, "explain", "beta", "--json"))
    assert (next_one["old"], next_one["new"]) == ("0.4.1", "0.5.0")


def test_a_pre_release_is_explained_from_the_last_final_release(small_org: Org) -> None:
    for run in ("first", "second"):
        said = ("--run-id", run, "--gate-attestation", f"1740312612.000100:{run}")
        assert run_cli(small_org, "alpha", "--pre", "rc", *said).code == 0
        land(small_org.remote("alpha"), "more.md", "More.\n", "fix: more")

    value = data_of(run_cli(small_org, "explain", "alpha", "--version", "1.1.0rc2", "--json"))

    assert (value["old"], value["new"], value["since"]) == ("1.0.0", "1.1.0rc2", "v1.0.0")
    assert (value["level"], value["why"]) == ("minor", "minor: its commits ask for minor")
    assert [each["level"] for each in value["history"]].count("minor") == 1


def test_a_release_that_raised_more_than_its_commits_says_so(small_org: Org) -> None:
    assert release(small_org, "--bump", "beta=major").code == 0

    value = data_of(run_cli(small_org, "explain", "beta", "--version", "1.0.0", "--json"))

    assert value["why"] == "major, though its commits ask for patch"


def test_the_first_release_is_explained_by_all_of_its_history(small_org: Org) -> None:
    value = data_of(run_cli(small_org, "explain", "alpha", "--version", "1.0.0", "--json"))

    assert (value["old"], value["level"], value["since"]) == (None, None, None)
    assert value["why"].startswith("the first release; ")


def test_a_version_without_a_tag_is_not_the_one_that_can_be_explained(small_org: Org) -> None:
    assert release(small_org).code == 0
    remote = small_org.remote("alpha")
    text = git(remote, "show", "main:pyproject.toml").replace('"1.1.0"', '"1.2.0"')
    land(remote, "pyproject.toml", f"{text}\n", "chore(release): alpha 1.2.0")
    fetched(small_org, "alpha")

    told = run_cli(small_org, "explain", "alpha").out

    assert told.startswith("alpha 1.2.0\n  nothing to release: ")
    assert "explain alpha --version 1.1.0 tells why it got 1.1.0" in told


def test_a_version_of_a_repository_that_is_not_there_is_refused(small_org: Org) -> None:
    small_org.clone("alpha").rename(small_org.root / "gone")

    ran = run_cli(small_org, "explain", "alpha", "--version", "1.0.0")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("REPO_NOT_FOUND: expected a clone of alpha under omni_home, found")


def test_nothing_to_release_and_a_refusal_are_explained(small_org: Org) -> None:
    assert release(small_org).code == 0
    told = run_cli(small_org, "explain", "alpha").out
    assert "nothing to release: no commit counts, all of main is in alpha/v1.1.0; " in told
    assert "explain alpha --version 1.1.0 tells why it got 1.1.0" in told
    assert "1.0.0 → 1.1.0" in run_cli(small_org, "explain", "alpha", "--version", "1.1.0").out
    (command,) = re.findall(r"--version alpha=\S+", told)
    plan = run_cli(small_org, "alpha", "--dry-run", *command.split())
    assert plan.result is not None
    assert plan.result["details"][0]["new_version"] == "1.1.1"

    land(small_org.remote("alpha"), "pyproject.toml", "[project]\n", "fix: empty")
    fetched(small_org, "alpha")
    ran = run_cli(small_org, "explain", "alpha")

    assert ran.code == 0
    assert "a run would refuse" in ran.out


def test_what_is_not_there_is_refused_with_what_is(small_org: Org) -> None:
    unknown = run_cli(small_org, "explain", "gamma")
    assert unknown.err.startswith("UNKNOWN_REPO: ")

    ran = run_cli(small_org, "explain", "alpha", "--version", "7.0.0")

    assert (ran.code, ran.err.partition(":")[0]) == (2, "USAGE_ERROR")
    assert "that has a tag in its clone (1.0.0), found '7.0.0'" in ran.err
    assert "Next: omni-release explain alpha explains the next one" in ran.err


def test_it_needs_no_remote_when_offline(small_org: Org) -> None:
    configure(small_org, default_bump="patch")
    small_org.remotes.rename(small_org.root / "unplugged")

    assert run_cli(small_org, "explain", "alpha", "--offline").code == 0
