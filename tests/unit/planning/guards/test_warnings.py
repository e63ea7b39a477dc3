"""What is said beside a plan that nothing forbids."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from omninode_release.models.commit import Commit, Level
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.planner import Planner
from support.facts import an_organisation, some_facts


def warnings_of(version: str = "1.0.0", level: Level | None = None, **facts: Any) -> list[str]:
    org = an_organisation([some_facts("a", version, **facts)])
    return list(
        Planner(org.config, org.facts, VersionWords(level)).plan("release-1", ["a"]).warnings
    )


def test_an_ordinary_plan_has_none() -> None:
    assert warnings_of(last_tag="v1.0.0") == []


def test_a_first_release_says_how_much_counts() -> None:
    assert warnings_of(commits=["fix: x", "feat: y"]) == [
        "a: it has no release tag: all 2 commits count",
        (
            "a: pyproject.toml says 1.0.0, and it has no release tag; the next version is counted"
            " from it, because the index was not asked whether it has it"
        ),
    ]


def test_a_tag_of_another_format_that_is_above_the_last_release_is_told() -> None:
    tags = dict.fromkeys(("v1.0.0", "1.1.0", "0.9.0", "docs-9.0.0", "v2.0.0rc1"), "c" * 40)

    assert warnings_of(last_tag="v1.0.0", tags=tags) == [
        "a: the tag 1.1.0 is above v1.0.0 and not used: tag_formats has no {version}"
    ]


@pytest.mark.parametrize(("branch", "is_kept"), [("2.x", True), ("3.x", False), ("main", False)])
def test_a_branch_of_a_series_that_is_not_named_one_is_told(branch: str, *, is_kept: bool) -> None:
    elsewhere, _ = warnings_of("2.4.0", last_tag="v3.0.0", on_base=False, base_branch=branch)

    assert elsewhere.startswith("a: 3.0.0 was released on another branch (tag v3.0.0)")
    kept = f"; base_branches: {{a: {branch}}} counts from that branch's own"
    assert elsewhere.endswith(kept) is is_kept


@pytest.mark.parametrize(("branch", "first"), [("2.x", "2.0.0"), ("1.1", ""), ("main", "")])
def test_a_version_below_all_that_its_branch_is_for_is_told(branch: str, first: str) -> None:
    facts = some_facts("a", last_tag="v1.0.0", base_branch=branch, commits=["feat: x"])
    org = an_organisation([facts], base_branches={"a": branch})

    plan = Planner(org.config, org.facts, VersionWords(None)).plan("release-1", ["a"])

    told = (
        f"a: 1.1.0 comes before 2.x, which the branch {branch} is for by its name;"
        f" --version a={first} begins with it"
    )
    assert [*plan.warnings] == ([told] if first else [])


@pytest.mark.parametrize(("year", "is_over"), [(2026, True), (2024, False)])
def test_a_year_that_no_level_raises_is_told(year: int, *, is_over: bool) -> None:
    tags, today = ("v24.3.0", "v24.2.0", "v23.1.0"), dt.date(year, 2, 25)

    found = warnings_of("24.3.0", last_tag="v24.3.0", yearly_tags=tags, today=today)

    told = (
        "a: its versions begin with the year (v24.3.0, v24.2.0, v23.1.0), and 24.3.1 is none of"
        " 2026; --version a=X.Y.Z says the first one"
    )
    assert found == ([told] if is_over else [])


@pytest.mark.parametrize(
    ("version", "said"),
    [("1.2.0", "says 1.2.0, ahead of the tag v1.1.0"), ("1.0.9", "says 1.0.9, below the tag v1")],
)
def test_manifest_and_tag_disagree(version: str, said: str) -> None:
    [warning] = warnings_of(version, last_tag="v1.1.0")

    assert said in warning


@pytest.mark.parametrize(
    ("subject", "unfinished"),
    [
        pytest.param("release: a v1.2.0 [OMN-1]", True, id="ours"),
        pytest.param("chore(release): 1.2.0", True, id="a-chore"),
        pytest.param("Release 1.2.0", True, id="a-title"),
        pytest.param("release: a v1.1.0", False, id="tagged-elsewhere"),
        pytest.param("release: a v0.9.0", False, id="older-than-the-last"),
        pytest.param("release: 2026.02.03", False, id="a-date"),
        pytest.param("release the lock", False, id="no-version"),
        pytest.param("feat: read 1.2.0", False, id="no-release"),
    ],
)
def test_a_release_commit_without_a_tag_was_left_unfinished(subject: str, unfinished: bool) -> None:  # noqa: FBT001
    warnings = warnings_of(
        commits=["fix: x", subject], last_tag="v1.0.0", tags={"v1.1.0": "c" * 40}
    )

    assert [each.split()[0] for each in warnings] == ["UNFINISHED_RELEASE"] * unfinished


@pytest.mark.parametrize(
    ("subject", "version"),
    [
        ("Bump version: 1.0.0 → 1.2.0", "1.2.0"),
        ("chore(release): a 1.2.0 (#7)", "1.2.0"),
        ("Back to development: 1.2.1.dev0", None),
    ],
)
def test_what_a_run_released_is_known_by_its_trailer(subject: str, version: str | None) -> None:
    facts = some_facts("a", "1.2.0", last_tag="v1.0.0", commits=["fix: x"])
    left = Commit("c" * 40, (), subject, "Release-Run: release-0\n")
    org = an_organisation([replace(facts, commits=(*facts.commits, left))])

    warnings = Planner(org.config, org.facts).plan("release-1", ["a"]).warnings

    told = [each for each in warnings if each.startswith("UNFINISHED_RELEASE")]
    assert [f"released {version}, which has no tag; it belongs to the run release-0" in each
            for each in told] == [True] * (version is not None)  # fmt: skip


def test_a_forced_level_below_that_of_the_commits_is_told() -> None:
    [warning] = warnings_of(level=Level.PATCH, last_tag="v1.0.0", commits=["feat: x"])

    assert warning.startswith("a: --bump patch, but its commits say minor: 000000000000 feat: x")


def test_leaving_zero_is_told_with_what_decided_it() -> None:
    said = "a: this release leaves 0.x: 0.9.0 → 1.0.0, decided by"
    by_word = warnings_of("0.9.0", last_tag="v0.9.0", level=Level.MAJOR)

    assert warnings_of("0.9.0", last_tag="v0.9.0", commits=["feat!: x"]) == [f"{said} 'feat!: x'"]
    assert by_word == [f"{said} --bump major"]


def test_a_requirement_on_a_later_tier_keeps_its_specifier() -> None:
    org = an_organisation(
        [some_facts("a", "1.0.0", "b>=1", last_tag="v1.0.0")], [some_facts("b", last_tag="v1.0.0")]
    )

    [warning] = Planner(org.config, org.facts).plan("release-1", ["a", "b"]).warnings

    assert "a (tier 1) requires 'b>=1' (a/pyproject.toml, project.dependencies)" in warning


def test_a_sibling_from_elsewhere_than_the_index_is_told() -> None:
    url = "b @ https://x.invalid/b.whl"
    one, other = some_facts("b"), some_facts("a", "1.0.0", url, last_tag="v1.0.0")
    org = an_organisation([one], [other], index_url="https://packages.example")

    plan = Planner(org.config, org.facts).plan("release-1", ["a"])

    [warning] = plan.warnings
    assert "a requires b from elsewhere than the index (a/pyproject.toml, project." in warning
    assert "'b @ https://x.invalid/b.whl'): its version is not checked" in warning


def test_a_sibling_without_a_clone_is_told_when_it_is_not_asked_for() -> None:
    org = an_organisation([some_facts("a", last_tag="v1.0.0"), some_facts("b", last_tag="v1.0.0")])
    del org.facts.repos["b"]

    planner = Planner(org.config, org.facts)

    assert planner.plan("release-1", ["a", "b"]).warnings == ()
    assert planner.plan("release-1", ["a"]).warnings == (
        "b: not found under omni_home; it is not part of this run",
    )
