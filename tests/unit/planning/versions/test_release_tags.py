"""Which tags of a real repository are its releases, and which of them the next one follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import RepoFacts
from omninode_release.models.plan import RepoPlan
from omninode_release.planning.rows import plan_row
from omninode_release.planning.scan import Scan
from support.gitrepo import commit_file, git
from support.orgs import programs
from support.repos import manifest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A clone named ``a`` whose package is called ``my-dist``; nothing is tagged yet."""
    clone = tmp_path / "a"
    git(tmp_path, "init", "--quiet", "--template=", "-b", "main", str(clone))
    commit_file(clone, "pyproject.toml", manifest("my-dist", "0.1.0"), "feat: begin")
    return clone


def release(repo: Path, version: str, *tags: str, subject: str = "fix: x") -> str:
    """A commit with ``version`` in the manifest, and its tags."""
    text = manifest("my-dist", version)
    commit = commit_file(repo, "pyproject.toml", text, f"{subject} {version}")
    for tag in tags:
        git(repo, "tag", tag)
    return commit


def work(repo: Path, subject: str) -> None:
    git(repo, "commit", "--quiet", "--allow-empty", "--message", subject)


def scan(repo: Path, **config: Any) -> tuple[RepoFacts, RepoPlan]:
    """What the clone says, and the row that is planned from it."""
    git(repo, "update-ref", "refs/remotes/origin/main", "main")
    graph: dict[str, Any] = {"tiers": [{"a": []}]}
    made = ReleaseConfig.model_validate({"organization": "Some", "graph": graph, **config})
    where = Scan(repo.parent, made, programs().at("scan"))
    facts = where.read_clones(["a"], ask_remotes=False).repos["a"]
    return facts, plan_row("a", facts, made, None)


@pytest.mark.parametrize(
    ("tag", "fmt"),
    [
        ("1.0.0a1", "{version}"),
        ("v1.0.0rc2", "v{version}"),
        ("a-1.0.0b1", "{repo}-{version}"),
        ("unknown-1.0.0b1", "{repo}/v{version}"),
    ],
)
def test_before_the_first_release_its_candidates_say_the_format(
    repo: Path, tag: str, fmt: str
) -> None:
    release(repo, "1.0.0.dev0", tag)
    work(repo, "fix: more")

    facts, row = scan(repo)

    assert (facts.last_tag, facts.tag_formats[0]) == (None, fmt)
    assert (row.new, row.tag_format) == ("1.0.0", None if fmt == "{repo}/v{version}" else fmt)


@pytest.mark.parametrize(
    ("tags", "fmt"),
    [
        (["1.0.0", "1.1.0"], "{version}"),
        (["v1.0.0", "v1.1.0"], "v{version}"),
        (["a-1.0.0", "a-1.1.0"], "{repo}-{version}"),
        (["a==1.0.0", "a==1.1.0"], "{repo}=={version}"),
        (["my-dist-1.0.0", "my-dist-1.1.0"], "my-dist-{version}"),
        (["my_dist/v1.0.0", "my_dist/v1.1.0"], "my_dist/v{version}"),
        (["v1.0", "v1.1"], "v{version}"),
        (["v1.0.0", "my-dist-1.1.0", "my-dist-1.1.1"], "my-dist-{version}"),
    ],
)
def test_the_tags_of_a_repository_say_in_which_format_the_next_is_made(
    repo: Path, tags: list[str], fmt: str
) -> None:
    for tag in tags:
        number = re.search(r"[0-9.]+$", tag)
        release(repo, (f"{number[0]}.0" if number else "")[:5], tag)
    work(repo, "fix: more")

    facts, row = scan(repo)

    assert (facts.last_tag, facts.tag_formats[0], row.tag_format) == (tags[-1], fmt, fmt)
    assert (row.commits, row.new) == (1, "1.1.2" if "1.1.1" in tags[-1] else "1.1.1")


def test_a_repository_without_tags_gets_the_first_of_the_defaults(repo: Path) -> None:
    facts, row = scan(repo)

    assert facts.tag_formats == ("{repo}/v{version}", "v{version}")
    assert row.tag_format is None


def test_formats_that_are_written_decide(repo: Path) -> None:
    release(repo, "1.0.0", "v1.0.0")
    work(repo, "fix: more")

    _, written = scan(repo, tag_formats=["{repo}/v{version}", "v{version}"])
    _, alone = scan(repo, tag_formats_of={"a": ["{repo}-{version}", "v{version}"]})
    _, none = scan(repo, tag_formats=["{repo}-{version}"])

    assert (written.new, written.tag_format) == ("1.0.1", None)
    assert (alone.new, alone.tag_format) == ("1.0.1", "{repo}-{version}")
    assert 'add "v{version}" to tag_formats' in (none.error or "")


def test_a_version_of_two_numbers_is_no_release_where_formats_are_written(repo: Path) -> None:
    release(repo, "1.0.0", "v1.0.0")
    release(repo, "1.2.0", "v1.2")
    work(repo, "fix: more")

    _, found = scan(repo)
    _, written = scan(repo, tag_formats=["v{version}"])

    assert (found.last_tag, found.new) == ("v1.2", "1.2.1")
    assert written.last_tag == "v1.0.0"


def test_formats_in_turns_are_refused_with_what_to_write(repo: Path) -> None:
    release(repo, "1.0.0", "v1.0.0")
    release(repo, "1.1.0", "1.1.0")

    _, row = scan(repo)
    hint = 'write tag_formats_of: {a: ["{version}", "v{version}"]} into the release configuration'

    assert hint in (row.error or "")
    _, decided = scan(repo, tag_formats_of={"a": ["{version}", "v{version}"]})
    assert decided.error is None


def test_tags_of_an_unusual_format_are_refused_where_there_are_no_others(repo: Path) -> None:
    release(repo, "1.0.0", "sdk/py/v1.0.0")
    work(repo, "fix: more")

    _, row = scan(repo)

    assert 'add "sdk/py/v{version}" to tag_formats' in (row.error or "")
    _, known = scan(repo, tag_formats_of={"a": ["sdk/py/v{version}"]})
    assert (known.last_tag, known.tag_format) == ("sdk/py/v1.0.0", "sdk/py/v{version}")


def test_tags_of_another_package_of_the_repository_do_not_count(repo: Path) -> None:
    for version, other in (("1.0.0", "v8.0.0"), ("1.1.0", "v9.0.0")):
        release(repo, version, f"a-{version}")
        work(repo, "feat: of the other")
        git(repo, "tag", other)

    facts, row = scan(repo)

    assert (row.last_tag, row.new, row.tag_format) == ("a-1.1.0", "1.2.0", "{repo}-{version}")
    assert facts.foreign_tags == ("v9.0.0", "v8.0.0")
    assert "v{version}" not in facts.tag_formats


def test_one_tag_on_a_commit_of_another_version_is_used_up_all_the_same(repo: Path) -> None:
    release(repo, "1.0.0", "a/v1.0.0", "v1.0.0")
    release(repo, "1.1.0", "a/v1.1.0", "v1.1.0")
    work(repo, "fix: tagged too early")
    git(repo, "tag", "v1.2.0")
    work(repo, "fix: more")

    _, row = scan(repo, tag_formats=["{repo}/v{version}", "v{version}"])

    assert (row.last_tag, row.new) == ("v1.2.0", "1.2.1")


def test_a_release_of_a_release_branch_counts_with_what_it_took_along(repo: Path) -> None:
    release(repo, "1.4.0", "v1.4.0")
    work(repo, "feat: in the release branch too")
    git(repo, "checkout", "--quiet", "-b", "1.4")
    release(repo, "1.4.1", "v1.4.1")
    release(repo, "1.4.2", "v1.4.2")
    git(repo, "checkout", "--quiet", "main")
    work(repo, "fix: on main alone")

    facts, row = scan(repo)

    assert (row.last_tag, row.merged_tag, facts.on_base) == ("v1.4.2", "v1.4.0", False)
    assert [commit.subject for commit in facts.commits] == ["fix: on main alone"]
    assert (row.commits, row.new) == (1, "1.4.3")
    assert facts.published is not None
    assert 'version = "1.4.2"' in facts.published


def test_a_maintenance_release_below_the_last_one_changes_nothing(repo: Path) -> None:
    release(repo, "1.4.0", "v1.4.0")
    git(repo, "checkout", "--quiet", "-b", "1.4")
    release(repo, "1.4.1", "v1.4.1")
    git(repo, "checkout", "--quiet", "main")
    release(repo, "2.0.0", "v2.0.0")
    work(repo, "fix: more")

    facts, row = scan(repo)

    assert (row.last_tag, row.merged_tag, facts.on_base) == ("v2.0.0", None, True)
    assert (row.commits, row.new) == (1, "2.0.1")


def test_only_release_branches_are_tagged(repo: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        git(repo, "checkout", "--quiet", "-b", f"release-{version}", "main")
        release(repo, version, f"v{version}")
        git(repo, "checkout", "--quiet", "main")
        work(repo, f"fix: after {version}")

    _, row = scan(repo)

    assert (row.last_tag, row.merged_tag, row.commits, row.new) == ("v1.1.0", None, 1, "1.1.1")


def test_pre_releases_of_another_branch_do_not_count(repo: Path) -> None:
    release(repo, "1.0.0", "v1.0.0")
    git(repo, "checkout", "--quiet", "-b", "next")
    release(repo, "2.0.0rc1", "v2.0.0rc1", "v2.0.0-beta.1", "v2.0.0.dev1")
    git(repo, "checkout", "--quiet", "main")
    work(repo, "fix: more")

    facts, row = scan(repo)

    assert (row.last_tag, facts.on_base, row.new) == ("v1.0.0", True, "1.0.1")


def test_tags_of_another_project_that_were_pushed_here_do_not_count(repo: Path) -> None:
    release(repo, "1.0.0", "v1.0.0")
    git(repo, "checkout", "--quiet", "--orphan", "theirs")
    commit_file(repo, "pyproject.toml", manifest("their-dist", "7.0.0"), "feat: of theirs")
    git(repo, "tag", "v7.0.0")
    git(repo, "rm", "--quiet", "pyproject.toml")
    work(repo, "chore: no Python any more")
    git(repo, "tag", "v8.0.0")
    git(repo, "checkout", "--quiet", "main")
    work(repo, "fix: more")

    facts, row = scan(repo)

    assert (row.last_tag, row.new) == ("v1.0.0", "1.0.1")
    assert facts.foreign_tags == ("v8.0.0", "v7.0.0")


def test_a_history_that_was_rewritten_counts_from_no_tag(repo: Path) -> None:
    release(repo, "1.4.0", "v1.4.0")
    git(repo, "checkout", "--quiet", "--orphan", "again")
    release(repo, "1.4.1", subject="fix: all anew")
    git(repo, "branch", "--quiet", "--force", "main", "again")

    facts, row = scan(repo)

    assert (facts.last_tag, facts.shares_history) == ("v1.4.0", False)
    assert "to have a commit in common with main, found none" in (row.error or "")
    assert "omni-release a --bump patch" in (row.error or "")


def test_a_forked_history_with_a_contained_tag_counts_from_that(repo: Path) -> None:
    release(repo, "1.0.0", "v1.0.0")
    git(repo, "checkout", "--quiet", "--orphan", "again")
    release(repo, "1.5.0", "v1.5.0", subject="fix: of a fork")
    git(repo, "checkout", "--quiet", "main")
    work(repo, "fix: more")

    facts, row = scan(repo)

    assert (facts.last_tag, facts.merged_tag, facts.shares_history) == ("v1.5.0", "v1.0.0", True)
    assert (row.commits, row.new) == (1, "1.5.1")


@pytest.mark.parametrize(
    ("tag", "fmt"),
    [
        ("0_2_0", "{version:_}"),
        ("REL_0_2_0", "REL_{version:_}"),
        ("release-0-2-0", "release-{version:-}"),
    ],
)
def test_tags_whose_numbers_no_dots_join_are_refused_until_they_are_named(
    repo: Path, tag: str, fmt: str
) -> None:
    git(repo, "tag", tag)
    release(repo, "0.2.0")
    work(repo, "fix: y")

    _, row = scan(repo)

    assert row.error is not None
    assert f"found {tag}: nothing is counted from it" in row.error
    assert f'tag_formats_of: {{a: ["{fmt}"]}}' in row.error

    _, row = scan(repo, tag_formats_of={"a": [fmt]})

    assert (row.error, row.current, row.new, row.tag_format) == (None, "0.2.0", "0.2.1", fmt)


@pytest.mark.parametrize("before", ["rel_", "v", "release_", "a_"])
def test_those_of_usual_names_are_known(repo: Path, before: str) -> None:
    release(repo, "0.2.0", f"{before}0_2_0")
    release(repo, "0.10.0", f"{before}0_10_0")
    git(repo, "tag", f"{before}0_11_0b1")
    work(repo, "fix: y")

    facts, row = scan(repo)

    assert (facts.last_tag, row.error) == (f"{before}0_10_0", None)
    assert row.new == "0.10.1"
    assert row.tag_format == before.replace("a_", "{repo}_") + "{version:_}"


@pytest.mark.parametrize("tag", ["REL_0_1_9", "nightly-2026-02-05", "abc_12"])
def test_such_tags_are_nothing_to_what_has_others(repo: Path, tag: str) -> None:
    git(repo, "tag", tag)
    release(repo, "0.2.1", "v0.2.1")
    work(repo, "fix: y")

    _, row = scan(repo)

    assert (row.error, row.new, row.last_tag) == (None, "0.2.2", "v0.2.1")


@pytest.mark.parametrize("tag", ["release_2024_11_15", "a_2024_11_15", "v2_0"])
def test_numbers_without_dots_count_only_where_there_are_no_others(repo: Path, tag: str) -> None:
    release(repo, "1.2.3", "v1.2.3")
    git(repo, "tag", tag)
    work(repo, "fix: y")

    _, row = scan(repo)

    assert (row.error, row.current, row.new) == (None, "1.2.3", "1.2.4")


def test_a_setting_begins_other_tags(repo: Path) -> None:
    git(repo, "tag", "0_1_9")

    _, row = scan(repo, tag_formats_of={"a": ["v{version}"]})

    assert (row.error, row.tag_format) == (None, "v{version}")
