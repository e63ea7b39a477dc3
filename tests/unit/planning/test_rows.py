"""The row of one repository: its level and version, or the refusal."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Commit, Level
from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.rows import plan_row
from support.facts import an_organisation, some_facts
from support.repos import manifest

_PROJECT = '[project]\nname = "a"\nversion = "1.0.0"\n'


def say(word: Level | str | None) -> VersionWords:
    """A level or a version as from the command line."""
    if isinstance(word, Level):
        return VersionWords(word)
    return VersionWords(versions={"a": word} if word else {})


def row(
    version: str, said: Level | str | None = None, config: Any = None, **facts: Any
) -> RepoPlan:
    """The row of the repository ``a``; ``said`` is a level or a version from the command line."""
    found = some_facts("a", version, **facts)
    org = an_organisation([found], **(config or {}))
    words = say(said)
    return plan_row("a", found, org.config, words.find("a"))


@pytest.mark.parametrize(
    ("version", "last_tag", "commits", "config", "expected"),
    [
        pytest.param("1.2.3", "v1.2.3", ["feat: x"], {}, ("1.2.3", "1.3.0"), id="bumped"),
        pytest.param("1.2.3", None, ["fix: x"], {}, ("1.2.3", "1.2.4"), id="never-released"),
        pytest.param("1.2.0", "v1.2.3", ["fix: x"], {}, ("1.2.3", "1.2.4"), id="below-the-tag"),
        pytest.param("1.3.0", "v1.2.3", ["fix: x"], {}, ("1.3.0", "1.3.1"), id="above-the-tag"),
        pytest.param(
            "1.3.0", "v1.2.3", ["fix: x"], {"ahead": "as_is"}, ("1.3.0", "1.3.0"), id="as-it-is"
        ),
        pytest.param(
            "1.2.3", "v1.2.3", ["fix: x"], {"ahead": "as_is"}, ("1.2.3", "1.2.4"), id="not-above"
        ),
        pytest.param(
            "0.2.3", None, ["feat!: x"], {"major_on_zero": False}, ("0.2.3", "0.3.0"), id="on-zero"
        ),
    ],
)
def test_the_next_version_follows_from_tag_manifest_and_commits(
    version: str,
    last_tag: str | None,
    commits: list[str],
    config: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    planned = row(version, config=config, last_tag=last_tag, commits=commits)

    assert (planned.status, planned.versions) == (PlanStatus.RELEASE, expected)
    assert planned.decided_by is not None
    assert planned.decided_by.subject == commits[0]


def test_a_level_from_the_command_line_is_forced_and_no_reason_to_release() -> None:
    forced = row("1.2.3", Level.MAJOR)
    skipped = row("1.2.3", Level.MAJOR, commits=["chore(release): a v1.2.3"])

    assert (forced.new, forced.bump, forced.forced) == ("2.0.0", Level.MAJOR, True)
    assert (skipped.status, skipped.error_code) == (PlanStatus.SKIP, ErrorCode.NOTHING_TO_RELEASE)


@pytest.mark.parametrize(
    ("facts", "code", "part"),
    [
        pytest.param({"manifest": None}, "SCAN_FAILED", "a/pyproject.toml on main", id="none"),
        pytest.param({"manifest": "[x"}, "SCAN_FAILED", "is not valid TOML", id="not-toml"),
        pytest.param(
            {"tags": {"1.0.0": "c" * 40, "0.9.0": "d" * 40}},
            *("SCAN_FAILED", 'add "{version}" to tag_formats'),
            id="tags-of-another-format",
        ),
        pytest.param(
            {"tags": dict.fromkeys(("v1.1", "v1.0"), "c" * 40)},
            *("SCAN_FAILED", "to name versions X.Y.Z, found v1.1: all commits since"),
            id="only-tags-of-two-numbers",
        ),
        pytest.param(
            {"tags": {"v2024.05.01": "c" * 40}},
            *("SCAN_FAILED", "to name versions X.Y.Z, found v2024.05.01: all commits since"),
            id="only-tags-that-are-no-versions-of-three-numbers",
        ),
        pytest.param(
            {
                "last_tag": "v1.0.0",
                "tags": dict.fromkeys(("v1.0.0", "v1.0.1.1"), "c" * 40),
                "tag_formats": ("v{version}",),
            },
            *("SCAN_FAILED", "found v1.0.1.1: the next version would be 1.0.1"),
            id="a-higher-tag-of-four-numbers",
        ),
        pytest.param(
            {"last_tag": "v1.0.0", "shares_history": False},
            *("SCAN_FAILED", "omni-release a --bump patch"),
            id="a-tag-of-another-history",
        ),
        pytest.param(
            {"refusal": ReleaseError(ErrorCode.SCAN_FAILED, "two formats.")},
            *("SCAN_FAILED", "two formats."),
            id="formats-in-turns",
        ),
        pytest.param(
            {"manifest": '[tool.uv.workspace]\nmembers = ["packages/*"]\n'},
            *("SCAN_FAILED", "the root of a workspace and has no [project]"),
            id="virtual-root",
        ),
        pytest.param(
            {"manifest": _PROJECT + '[tool.uv.workspace]\nmembers = ["packages/*"]\n'},
            *("SCAN_FAILED", "the root of a workspace and has no [build-system]"),
            id="root-that-is-not-built",
        ),
        pytest.param(
            {"manifest": manifest("a", "1.0.0") + "[tool.uv]\nmanaged = false\n"},
            *("SCAN_FAILED", "tool.uv.managed is false"),
            id="unmanaged",
        ),
        pytest.param(
            {"manifest": manifest("a", "1.0.0") + "[tool.pdm]\ndistribution = false\n"},
            *("SCAN_FAILED", "tool.pdm.distribution is false"),
            id="virtual-for-pdm",
        ),
        pytest.param(
            {"manifest": manifest("a", "1.0.0") + "[tool.uv]\npackage = false\n"},
            *("SCAN_FAILED", "tool.uv.package is false"),
            id="virtual-for-uv",
        ),
        pytest.param(
            {"manifest": manifest("a", "1.0.0") + "[tool.poetry]\npackage-mode = false\n"},
            *("SCAN_FAILED", "tool.poetry.package-mode is false"),
            id="virtual-for-poetry",
        ),
        pytest.param(
            {"manifest": _PROJECT + 'classifiers = ["Private :: Do Not Upload"]\n'},
            *("SCAN_FAILED", "[project] has the classifier 'Private :: Do Not Upload'"),
            id="private",
        ),
        pytest.param(
            {"manifest": _PROJECT + 'dynamic = ["version"]\n'},
            *("VERSION_INVALID", "expected one source of the version"),
            id="literal-and-dynamic",
        ),
        pytest.param(
            {"problem": ReleaseError(ErrorCode.SCAN_FAILED, "it is shallow.")},
            *("SCAN_FAILED", "it is shallow."),
            id="problem",
        ),
    ],
)
def test_what_a_real_run_refuses_stands_in_the_row(
    facts: dict[str, Any], code: str, part: str
) -> None:
    planned = row("1.0.0", **facts)

    assert (planned.status, planned.error_code) == (PlanStatus.ERROR, ErrorCode(code))
    assert part in (planned.error or "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(manifest("a") + '[tool.uv.workspace]\nmembers = ["b"]\n', id="built"),
        pytest.param(
            _PROJECT + '[tool.uv]\npackage = true\n[tool.uv.workspace]\nmembers = ["b"]\n',
            id="named-a-package",
        ),
    ],
)
def test_the_root_of_a_workspace_can_be_a_package(text: str) -> None:
    assert row("1.0.0", manifest=text, last_tag="v1.0.0").new == "1.0.1"


def test_formats_that_are_written_for_one_repository_decide_alone() -> None:
    tags = dict.fromkeys(("v1.0.0", "9.0.0"), "c" * 40)
    config = {"tag_formats_of": {"a": ["v{version}"]}}

    assert row("1.0.0", config=config, tags=tags, last_tag="v1.0.0").new == "1.0.1"
    assert row("1.0.0", config=config, tags={"9.0.0": "c" * 40}).new == "1.0.1"


def test_a_level_from_the_command_line_goes_past_a_tag_of_another_history() -> None:
    assert row("1.0.0", Level.MINOR, last_tag="v1.0.0", shares_history=False).new == "1.1.0"


def test_a_repository_without_a_clone_has_a_row_too() -> None:
    planned = plan_row("a", None, an_organisation([some_facts("a")]).config, None)

    assert (planned.tier, planned.error_code) == (1, ErrorCode.REPO_NOT_FOUND)


def with_footer(*bodies: str) -> dict[str, Any]:
    """Facts of a repository at v1.2.3 with a fix for each body, the newest first."""
    commits = [Commit(f"{n:040x}", (), "fix: x", body) for n, body in enumerate(bodies, start=1)]
    return {"last_tag": "v1.2.3", "tags": {"v1.2.3": "c" * 40}, "commits": tuple(commits)}


def footed(*bodies: str, said: Level | str | None = None) -> RepoPlan:
    facts = with_footer(*bodies)
    found = dataclasses.replace(some_facts("a", "1.2.3"), **facts)
    return plan_row("a", found, an_organisation([found]).config, say(said).find("a"))


def test_a_version_from_the_command_line_is_released() -> None:
    said = row("1.2.3", "2.5.0", last_tag="v1.2.3")

    assert (said.new, said.bump, said.forced) == ("2.5.0", Level.MAJOR, True)
    assert said.word == "--version a=2.5.0"


def test_a_version_that_was_said_is_a_reason_to_release() -> None:
    assert row("1.2.3", "1.2.4", last_tag="v1.2.3", commits=["chore: release 1.2.4"]).new == "1.2.4"
    assert row("1.2.3", last_tag="v1.2.3", commits=["chore: release 1.2.4"]).new is None


def test_a_declared_version_can_be_said() -> None:
    assert row("1.3.0", "1.3.0", last_tag="v1.2.3").new == "1.3.0"


@pytest.mark.parametrize(
    ("declared", "said"), [("1.2.3", "1.2.3"), ("1.2.3", "1.2.2"), ("1.4.0", "1.3.0")]
)
def test_a_version_that_cannot_come_next_is_refused(declared: str, said: str) -> None:
    refused = row(declared, said, last_tag="v1.2.3")

    assert refused.error_code is ErrorCode.VERSION_INVALID
    assert f"--version a={said}" in (refused.error or "")


@pytest.mark.parametrize(
    ("bodies", "said", "expected"),
    [
        pytest.param(["Release-As: 2.0.0"], None, "2.0.0", id="a-version"),
        pytest.param(
            ["Why.\n\nrelease-as: v2.0.0\nSigned-off-by: A"], None, "2.0.0", id="any-case"
        ),
        pytest.param(["Release-Level: minor"], None, "1.3.0", id="a-level"),
        pytest.param(["Release-As: 2.0.0", "Release-As: 3.0.0"], None, "2.0.0", id="the-newest"),
        pytest.param(["Release-As: 2.0.0\nRelease-As: 2.1.0"], None, "2.1.0", id="the-last"),
        pytest.param(["Release-As: 2.0.0"], "1.9.0", "1.9.0", id="after-the-command-line"),
        pytest.param(["Release-As: 2.0.0"], Level.MINOR, "1.3.0", id="after-a-level-there"),
        pytest.param(["Say Release-As: 2.0.0\\n> Release-As: 2.0.0"], None, "1.2.4", id="prose"),
        pytest.param(["```\nRelease-As: 2.0.0\n```"], None, "1.2.4", id="quoted"),
        pytest.param(
            [f"This reverts commit {2:040x}.", "Release-As: 2.0.0"], None, "1.2.4", id="taken-back"
        ),
    ],
)
def test_a_footer_says_a_version(
    bodies: list[str], said: Level | str | None, expected: str | None
) -> None:
    assert footed(*bodies, said=said).new == expected


def test_a_footer_says_where_it_stands() -> None:
    assert footed("Release-Level: major").word == "Release-Level: major of 000000000000"


@pytest.mark.parametrize("footer", ["Release-As: next", "Release-As: 1.2.3", "Release-Level: big"])
def test_a_footer_that_says_nothing_is_refused(footer: str) -> None:
    refused = footed(footer)

    assert refused.error_code is ErrorCode.VERSION_INVALID
    assert f"{footer!r}" in (refused.error or "") or f"{footer} of" in (refused.error or "")
    assert footed(footer, said="1.3.0").new == "1.3.0"
