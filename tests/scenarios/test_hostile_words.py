"""Words from outside: ids that would be paths, and commit subjects written to deceive a reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Terminal, run_cli
from support.failures import fails
from support.gitrepo import git, land, tree_of
from support.people import Slow

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

IDS = (
    "../../x", "a/b", "a.lock", "-x", "", ".", "..", "a..b", ".hidden", "trailing.", "a b",
    "x" * 65, "é", "a\n", "~", "a:b", "@{1}",
)  # fmt: skip
SUBJECTS = (
    "feat: \x1b[2J\x1b[1;1Hcleared",
    "fix: \x9b31mred",
    "fix: right \u202eot tfel",
    "<!channel> everyone look",
    "# A heading of its own",
    "fix: ## [9.9.9] - 2026-01-01",
    "fix: `code` and [a link](https://evil.example) ![](x.png)",
    "fix: <script>alert(1)</script> @everyone",
    "---",
    "release: alpha v8.8.8 \x1b]0;title\x07",
)
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("option", ["--run-id", "--context-id", "--resume"])
def test_an_id_that_is_no_file_name_is_a_usage_error(small_org: Org, option: str) -> None:
    for value in IDS:
        failure = fails(small_org, ErrorCode.USAGE_ERROR, f"{option}={value}")

        failure.says(f"{option}: ", "1 to 64 letters, digits", f"found {value!r}")


@pytest.mark.parametrize("value", ["a", "A.b_c-9", "x" * 64])
def test_an_id_that_is_a_file_name_is_taken(small_org: Org, value: str) -> None:
    ran = run_cli(small_org, "--dry-run", "--offline", "--run-id", value, "--context-id", value)

    assert ran.code == 0
    assert ran.result is not None
    assert ran.result["run_id"] == value


def test_subjects_reach_neither_terminal_nor_changelog_as_anything_but_words(
    small_org: Org,
) -> None:
    before = tree_of(small_org.remote("alpha"), "main")["CHANGELOG.md"]
    for number, subject in enumerate(SUBJECTS):
        land(small_org.remote("alpha"), f"{number}.txt", "x\n", subject)

    ran = run_cli(small_org, "alpha", "--verbose", stdin=Terminal("approve\n"))

    assert (ran.code, ran.err) == (0, "")
    assert not CONTROLS.search(ran.out)
    assert "UNFINISHED_RELEASE alpha" in ran.out, "the warning with a hostile subject was shown"
    changelog = tree_of(small_org.remote("alpha"), "main")["CHANGELOG.md"]
    assert not CONTROLS.search(changelog)
    assert re.findall("^##? .*", changelog, re.MULTILINE) == [
        "# Changelog",
        "## [Unreleased]",
        "## [1.1.0] - 2026-02-25",
        "## [1.0.0] - 2026-02-01",
    ]
    assert all(line in changelog.splitlines() for line in before.splitlines())
    assert not re.search(r"(?<!\\)<script", changelog)


@pytest.mark.parametrize("run", ["x; rm -rf ~", "../../x", "x" * 300])
def test_what_no_run_is_called_stands_in_no_command(small_org: Org, run: str) -> None:
    message = f"release: alpha v8.8.8\n\nRelease-Run: {run}"
    land(small_org.remote("alpha"), "x.txt", "x\n", message)
    git(small_org.clone("alpha"), "pull", "--quiet", "origin", "main")

    ran = run_cli(small_org, "--dry-run")

    assert ran.code == 0, ran.err
    assert "which has no tag; resume the run it belongs to, or tag it" in ran.out
    assert run not in ran.out


def test_a_failure_that_quotes_a_subject_is_shown_without_its_controls(small_org: Org) -> None:
    def push() -> None:
        land(small_org.remote("alpha"), "x.txt", "x\n", "feat!: \x1b[31mred")

    ran = run_cli(small_org, "--run-id", "late", stdin=Slow(push))

    assert ran.err.startswith("PLAN_STALE")
    assert "red" in ran.err
    assert not CONTROLS.search(ran.out + ran.err)
    assert not CONTROLS.search(run_cli(small_org, "status", "late").out)
    assert git(small_org.remote("alpha"), "log", "-1", "--format=%s", "main").endswith("red")
