"""The version a release gets where the manifest declares one that no tag has reached."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.commit import Commit, Level
from omninode_release.models.forge import VersionUse
from omninode_release.models.plan import RepoPlan
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.planner import Planner
from omninode_release.planning.rows import plan_row
from support.facts import an_organisation, some_facts

FREE, TAKEN = VersionUse(taken=False), VersionUse(taken=True, note="a-1.3.0.tar.gz")
SILENT = VersionUse(taken=None, note="no route to the index")


def planned(
    version: str, level: Level | None = None, config: Any = None, **facts: Any
) -> tuple[RepoPlan, str]:
    """The row, and the warning that explains its version."""
    found = some_facts("a", version, **facts)
    org = an_organisation([found], **(config or {}))
    row = plan_row("a", found, org.config, VersionWords(level).find("a"))
    warnings = Planner(org.config, org.facts, VersionWords(level)).plan("release-1", ["a"]).warnings
    told = [each for each in warnings if "pyproject.toml" in each]
    return row, told[-1] if told else ""


@pytest.mark.parametrize(
    ("version", "use", "commits", "expected", "said"),
    [
        pytest.param("1.3.0", FREE, ["fix: x"], "1.3.0", "released as declared", id="free"),
        pytest.param("1.3.0", FREE, ["feat: x"], "1.3.0", "released as declared", id="suffices"),
        pytest.param("1.2.4", FREE, ["feat: x"], "1.3.0", "ask for a minor release", id="too-low"),
        pytest.param("1.3.0", FREE, ["feat!: x"], "2.0.0", "ask for a major", id="breaking"),
        pytest.param("1.3.0", TAKEN, ["fix: x"], "1.3.1", "has it (a-1.3.0.tar.gz)", id="taken"),
        pytest.param("1.3.0", SILENT, ["fix: x"], "1.3.1", "(no route to the", id="no-answer"),
        pytest.param("1.3.0", None, ["fix: x"], "1.3.1", "was not asked", id="not-asked"),
        pytest.param("1.3.0.dev", None, ["fix: x"], "1.3.0", "1.3.0 is to come", id="dev"),
        pytest.param("1.3.0.dev7", FREE, ["feat: x"], "1.3.0", "as declared", id="dev-counted"),
        pytest.param("1.3.0.dev", FREE, ["feat!: x"], "2.0.0", "ask for a major", id="dev-low"),
        pytest.param("1.3.0.dev", TAKEN, ["fix: x"], "1.3.1", "has it", id="dev-taken"),
    ],
)
def test_a_version_above_the_tag_is_released_as_declared_where_it_is_free(
    version: str, use: VersionUse | None, commits: list[str], expected: str, said: str
) -> None:
    row, warning = planned(version, last_tag="v1.2.3", commits=commits, declared_use=use)

    assert row.new == expected
    assert said in warning


@pytest.mark.parametrize(
    ("ahead", "use", "version", "expected"),
    [
        ("bump", FREE, "1.3.0", "1.4.0"),
        ("as_is", None, "1.3.0", "1.3.0"),
        ("as_is", None, "1.2.4", "1.2.4"),
        ("bump", None, "1.3.0.dev", "1.3.0"),
    ],
)
def test_a_configuration_can_decide_it(
    ahead: str, use: VersionUse | None, version: str, expected: str
) -> None:
    row, warning = planned(
        version, config={"ahead": ahead}, last_tag="v1.2.3", commits=["feat: x"], declared_use=use
    )

    assert row.new == expected
    assert f"ahead of the tag v1.2.3; {'it is' if expected == version[:5] else 'the'} " in warning


def test_a_first_release_is_the_declared_version_where_the_index_does_not_have_it() -> None:
    first, told = planned("0.1.0", commits=["feat!: x"], declared_use=FREE)
    unknown, why = planned("0.1.0", commits=["feat: x"])

    assert (first.new, unknown.new) == ("0.1.0", "0.2.0")
    assert told == (
        "a: pyproject.toml says 0.1.0, and it has no release tag; it is released as declared"
    )
    assert why.endswith("counted from it, because the index was not asked whether it has it")


def test_a_level_from_the_command_line_is_reached_by_the_declared_version_or_counted() -> None:
    enough, _ = planned("1.3.0", Level.MINOR, last_tag="v1.2.3", declared_use=FREE)
    too_low, _ = planned("1.3.0", Level.MAJOR, last_tag="v1.2.3", declared_use=FREE)

    assert (enough.new, too_low.new) == ("1.3.0", "2.0.0")


def test_what_a_run_merged_and_never_tagged_is_not_released_by_another() -> None:
    trailer = "Release-Run: release-1\n"
    left = Commit("c" * 40, (), "release: a v1.3.0 (#7)", trailer)
    renamed = Commit("c" * 40, (), "chore(release): a 1.2.3 -> 1.3.0", trailer)
    after = Commit("c" * 40, (), "Back to development: 1.3.0.dev0", trailer)
    by_hand = Commit("d" * 40, (), "release: a v1.3.0 (#7)", "")
    fix = Commit("e" * 40, (), "fix: x", "")

    ours, why = planned("1.3.0", last_tag="v1.2.3", declared_use=FREE, commits=[])
    assert ours.error_code is ErrorCode.NOTHING_TO_RELEASE
    for commit, expected in (
        (left, "1.3.1"),
        (renamed, "1.3.1"),
        (after, "1.3.0"),
        (by_hand, "1.3.0"),
    ):
        facts = some_facts("a", "1.3.0", last_tag="v1.2.3", declared_use=FREE)
        facts = replace(facts, commits=(fix, commit))
        org = an_organisation([facts])
        plan = Planner(org.config, org.facts).plan("release-1", ["a"])
        assert plan.entries[0].new == expected
        assert ("began to release it" in " ".join(plan.warnings)) == (expected == "1.3.1")
    assert why.endswith("ahead of the tag v1.2.3")


def test_a_release_of_another_branch_is_what_the_next_one_follows() -> None:
    row, _ = planned("1.4.0", last_tag="v1.4.2", merged_tag="v1.4.0", on_base=False)
    org = an_organisation([some_facts("a", "1.4.2", last_tag="v1.4.2", on_base=False)])

    assert (row.new, row.last_tag, row.merged_tag) == ("1.4.3", "v1.4.2", "v1.4.0")
    assert Planner(org.config, org.facts).plan("release-1", ["a"]).warnings == (
        "a: 1.4.2 was released on another branch (tag v1.4.2); the next version is counted from it",
    )


def test_a_version_in_development_is_above_the_releases_of_its_branch() -> None:
    merged, _ = planned("1.2.3.dev", last_tag="v1.2.3")
    elsewhere, _ = planned("1.2.3.dev", last_tag="v1.2.3", on_base=False)

    assert merged.error_code is ErrorCode.VERSION_INVALID
    assert "write 1.2.3, or the version to come" in (merged.error or "")
    assert (elsewhere.new, elsewhere.current) == ("1.2.4", "1.2.3")


@pytest.mark.parametrize(
    ("version", "commits", "level", "by"),
    [
        ("1.3.0.dev", ["fix: x"], "minor", "pyproject.toml (1.3.0)"),
        ("1.3.0.dev", ["feat: x"], "minor", None),
        ("2.0.0.dev", ["feat: x"], "major", "pyproject.toml (2.0.0)"),
        ("1.2.4.dev", ["fix: x"], "patch", None),
    ],
)
def test_the_level_is_the_part_that_a_version_in_development_raises(
    version: str, commits: list[str], level: str, by: str | None
) -> None:
    row, _ = planned(version, last_tag="v1.2.3", commits=commits)
    said, _ = planned(version, Level.PATCH, last_tag="v1.2.3", commits=["fix: x"])

    assert (row.bump, row.declared_by) == (level, by)
    assert (said.bump, said.declared_by) == ("patch", None)


def test_a_format_of_its_own_stands_in_the_row_and_in_what_is_approved() -> None:
    usual, _ = planned("1.0.0", last_tag="v1.0.0", tag_formats=("{repo}/v{version}", "v{version}"))
    own, _ = planned("1.0.0", last_tag="v1.0.0", tag_formats=("v{version}", "{repo}/v{version}"))

    assert (usual.tag_format, own.tag_format) == (None, "v{version}")
    assert usual.digest() != own.digest()
    assert usual.digest() == own.model_copy(update={"tag_format": None}).digest()
