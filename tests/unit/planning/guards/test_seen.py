"""What looks like release data and has no part in the plan is said, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from omninode_release.console.render_plan import render_plan
from omninode_release.models.commit import Commit, Level
from omninode_release.models.facts import Tree
from omninode_release.models.plan import Plan
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.clones.tree import make_tree
from omninode_release.planning.planner import Planner
from omninode_release.text.gate_message import gate_message
from support.facts import an_organisation, some_facts

RELEASES = ("v0.8.0", "v0.9.0", "v1.0.0")


def plan_of(*commits: tuple[str, str], level: Level | None = None, **facts: Any) -> Plan:
    made = [Commit(f"{n:040x}", (), *each) for n, each in enumerate(commits, start=1)]
    org = an_organisation([some_facts("a", last_tag="v1.0.0", **facts)])
    org.facts.repos["a"] = replace(org.facts.repos["a"], commits=tuple(made))
    return Planner(org.config, org.facts, VersionWords(level)).plan("release-1", ["a"])


def test_a_mark_that_does_not_count_is_seen() -> None:
    plan = plan_of(("fix: x", "**BREAKING CHANGE:** y"), ("feature: z", ""))

    assert plan.entries[0].new == "1.0.1"
    assert [(each.kind, each.what) for each in plan.seen] == [
        ("mark", "000000000000 '**BREAKING CHANGE:** y' looks major"),
        ("mark", "000000000000 'feature: z' looks minor"),
    ]


def test_a_mark_that_would_change_nothing_is_not() -> None:
    assert plan_of(("feat!: x", ""), ("fix: y", "Breaking change: z")).seen == ()
    assert plan_of(("fix: y", "Breaking change: z"), level=Level.MAJOR).seen == ()


def test_a_mark_that_was_taken_back_is_not() -> None:
    sha = f"{2:040x}"
    undo = ('Revert "fix: y"', f"This reverts commit {sha}.")

    assert plan_of(undo, ("fix: y", "Breaking change: z"), ("fix: w", "")).seen == ()


def test_the_plan_names_it_and_the_gate_counts_it() -> None:
    plan = plan_of(*[(f"feature: {n}", "") for n in range(7)])

    shown = list(render_plan(plan))
    start = shown.index("Seen, not used:")
    assert len(shown[start + 1 : shown.index("", start)]) == 6
    assert "  a: 2 more of kind mark; --json lists all" in shown
    assert "SEEN, NOT USED:\n  a: 7 marks\n" in gate_message(plan)


def test_what_is_no_text_is_told_as_unread() -> None:
    paths = ("requirements.txt", "src/a/version.py", "docs/changes.rst")
    tree = Tree((*paths, "CHANGELOG.md"), {"CHANGELOG.md": ""}, paths)
    facts = some_facts("a", tree=tree)
    org = an_organisation([facts])

    found = [
        each for each in Planner(org.config, org.facts).plan("r", ["a"]).seen if "UTF-8" in each.why
    ]

    assert {each.what: each.kind for each in found} == {
        "requirements.txt": "lock",
        "src/a/version.py": "version",
        "docs/changes.rst": "changelog",
    }


@pytest.mark.parametrize(("own", "told"), [((), True), (("CHANGES.md",), False)])
def test_a_changelog_further_down_is_told_where_another_would_be_made(
    own: tuple[str, ...], *, told: bool
) -> None:
    paths = (*own, "src/a/CHANGELOG.md", "tests/data/CHANGELOG.md", "js/node_modules/b/changes.md")
    org = an_organisation([some_facts("a", tree=Tree(paths, dict.fromkeys(own, ""), ()))])

    seen = Planner(org.config, org.facts).plan("r", ["a"]).seen

    why = "CHANGELOG.md is made; changelog_of: {a: {path: src/a/CHANGELOG.md}} writes this one"
    assert [(each.what, each.why) for each in seen if each.kind == "changelog"] == [
        ("src/a/CHANGELOG.md", why)
    ] * told


def test_a_changelog_in_the_folder_of_the_forge_is_further_down() -> None:
    path = ".github/CHANGELOG.md"

    plan = plan_of(("fix: x", ""), tree=Tree((path,), {}, ()), tags=dict.fromkeys(RELEASES, "b"))

    assert [each.what for each in plan.seen] == [path]


@pytest.mark.parametrize(
    ("tags", "paths", "told"),
    [(RELEASES, (), True), (RELEASES[1:], (), False), (RELEASES, ("CHANGES.md",), False)],
    ids=["a-habit", "too-few", "it-has-one"],
)
def test_a_first_changelog_after_several_releases_is_told(
    tags: tuple[str, ...], paths: tuple[str, ...], *, told: bool
) -> None:
    tree = Tree(paths, dict.fromkeys(paths, "# Changelog\n"), ())

    plan = plan_of(("fix: x", ""), tree=tree, tags=dict.fromkeys(tags, "b"))

    why = "there is none yet, and it is made; changelog_of: {a: {kind: none}} makes none"
    assert [(each.what, each.why) for each in plan.seen] == [("CHANGELOG.md", why)] * told


def test_fragments_are_not_said_to_be_left_for_an_entry_that_is_not_made() -> None:
    settings = '[tool.towncrier]\nsingle_file = false\ndirectory = "news"\n'
    paths = ("towncrier.toml", "news/7.fix.md", "news/0.9.0.md")

    plan = plan_of(("fix: x", ""), tree=Tree(paths, {"towncrier.toml": settings}, ()))

    assert [(each.what, each.why) for each in plan.seen if each.kind == "fragment"] == [
        ("news/: 1 fragment (1 fix)", "fragments are neither read nor removed")
    ]


@pytest.mark.parametrize("heading", ["1.1.0.dev0", "1.1.0rc1 (unreleased)", "1.0.1.dev0"])
@pytest.mark.parametrize("path", ["CHANGES.md", "CHANGES.rst"])
def test_a_heading_for_a_version_in_development_is_told(heading: str, path: str) -> None:
    first, second = (
        f"## {each}\n" if path.endswith("md") else f"{each}\n{'-' * len(each)}\n"
        for each in (heading, "1.0.0")
    )
    text = f"{first}\n- By hand.\n\n{second}\n- First.\n"

    plan = plan_of(("feat: x", ""), tree=Tree((path,), {path: text}, ()))

    assert plan.entries[0].new == "1.1.0"
    assert [(each.what, each.why) for each in plan.seen if each.kind == "changelog"] == [
        (
            f"{path} line 1 ({heading})",
            "the entry for 1.1.0 is made anew above it; rename it to 1.1.0, and it is that",
        )
    ]


def test_a_plan_without_any_says_nothing() -> None:
    plan = plan_of(("feat: x", ""))

    assert "Seen, not used:" not in list(render_plan(plan))
    assert "SEEN" not in gate_message(plan)


def test_tags_that_look_like_releases_and_are_not_used_are_shown() -> None:
    tags = (
        "v1.0.0",
        "0.9.0",
        "0.8.0",
        "docs-9.0.0",
        "v2.0.0rc1",
        "v1.0.0rc1",
        "v0.1.0.1",
        "v9.0.0",
        "v1.0.1-hotfix",
        "v0.9.1-hotfix",
    )
    facts = some_facts(
        "a", last_tag="v1.0.0", tags=dict.fromkeys(tags, "c" * 40), foreign_tags=("v9.0.0",)
    )
    org = an_organisation([facts])

    seen = Planner(org.config, org.facts).plan("release-1", ["a"]).seen

    assert [(each.what, each.why) for each in seen if each.kind == "tag"] == [
        ("v9.0.0", "tagged on a commit of another package or project"),
        ("0.9.0", "tag_formats of the release configuration has no {version}"),
        ("v0.1.0.1", "its version is not three plain numbers"),
        ("v1.0.1-hotfix", "the word behind its numbers makes it no version: it is no release"),
        ("v2.0.0rc1", "a pre-release is no release; --pre rc makes the next"),
    ]


def test_a_tree_names_what_is_no_text() -> None:
    tree = make_tree(("a", "b"), {"a": b"caf\xe9", "b": b"caf\xc3\xa9", "c": None})

    assert (tree.texts, tree.unreadable) == ({"b": "caf\xe9", "c": ""}, ("a",))
