"""Locks, changelogs and fragments that no phase writes: named or refused, never stale or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import Terminal, run_cli
from support.failures import fails
from support.gitrepo import git, land, tree_of

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

MARKDOWN = "# Changes\n\n## 0.4.0 (2026-02-02)\n\n- Old.\n"
LIST = "* Release 0.4.0 (2 Feb 2026)\n\n** New\n\nOld.\n"
BY_HAND = "write the entry for 0.4.1 by hand"
TOWNCRIER = '\n[tool.towncrier]\ndirectory = "news"\nfilename = "CHANGELOG.md"\n'


def _add(org: Org, files: dict[str, str]) -> None:
    for path, text in files.items():
        land(org.remote("beta"), path, text, f"fix: {path}")
    git(org.clone("beta"), "fetch", "--quiet", "origin")


def _rename_changelog(org: Org, path: str, text: str = MARKDOWN) -> None:
    """Beta has its changelog somewhere else."""
    clone = org.clone("beta")
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    git(clone, "mv", "CHANGELOG.md", path)
    (clone / path).write_text(text, encoding="utf-8")
    git(clone, "commit", "--quiet", "--all", "--message", "docs: a changelog")
    git(clone, "push", "--quiet", "origin", "main")


def _seen(org: Org, *args: str) -> list[tuple[str, str, str]]:
    ran = run_cli(org, "--dry-run", *args)
    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    return [(each["kind"], each["what"], each["why"]) for each in ran.result["seen"]]


def _release(org: Org) -> dict[str, str]:
    """Release, and answer beta's tree."""
    ran = run_cli(org, stdin=Terminal("approve\n"))
    assert (ran.code, ran.err) == (0, "")
    return tree_of(org.remote("beta"), "beta/v0.4.1")


@pytest.mark.parametrize(
    "path", ["ChangeLog.md", "changelog.md", "HISTORY.MD", "docs/changelog.md", "CHANGES"]
)
def test_a_changelog_in_another_case_or_place_is_the_one_that_is_written(
    small_org: Org, path: str
) -> None:
    _rename_changelog(small_org, path)

    assert _seen(small_org) == []
    tree = _release(small_org)

    assert tree[path].startswith("# Changes\n\n## 0.4.1 (2026-02-25)\n\n### Changed\n")
    assert "CHANGELOG.md" not in tree


@pytest.mark.parametrize("path", ["NEWS", "HISTORY.txt"])
def test_a_changelog_of_another_form_is_named_and_none_is_made_beside_it(
    small_org: Org, path: str
) -> None:
    _rename_changelog(small_org, path, LIST)

    assert _seen(small_org) == [
        (
            "changelog",
            path,
            f"neither its name nor its text says its form; changelog_of can; {BY_HAND}",
        )
    ]
    before = tree_of(small_org.remote("beta"), "main")
    tree = _release(small_org)

    assert tree.keys() == before.keys()
    assert tree[path] == LIST


def test_what_was_not_written_stands_in_the_pull_request_and_in_the_state(small_org: Org) -> None:
    _rename_changelog(small_org, "NEWS", LIST)

    ran = run_cli(small_org, stdin=Terminal("approve\n"))

    assert "NEWS: neither its name nor its text says its form; changelog_of can" in ran.out
    pull = next((small_org.remotes / "beta.forge" / "pulls").glob("*.json"))
    assert "greet the world when nobody is named" in pull.read_text(encoding="utf-8")


def test_the_second_of_two_changelogs_is_named_where_it_tells_of_the_last_version(
    small_org: Org,
) -> None:
    _add(small_org, {"CHANGES.rst": "0.4.0\n-----\n", "docs/changelog.md": "{include}\n"})

    why = f"of two changelogs only CHANGELOG.md is written; {BY_HAND}"
    assert _seen(small_org) == [("changelog", "CHANGES.rst, which tells of 0.4.0", why)]


def test_fragments_are_counted_and_one_that_looks_breaking_is_named(small_org: Org) -> None:
    names = ("1.feature.md", "2.bugfix.rst", "3.removal", "README.md", "template.rst.jinja2")
    _add(small_org, {f"newsfragments/{name}": "x\n" for name in names})

    left = "the entry is made of commits; fragments are neither read nor removed"
    assert _seen(small_org) == [
        ("fragment", "newsfragments/: 3 fragments (1 bugfix, 1 feature, 1 removal)", left),
        *(
            (
                "fragment",
                f"newsfragments/{name} looks {level}",
                f"a fragment has no level; --bump beta={level} releases it as such",
            )
            for name, level in (("1.feature.md", "minor"), ("3.removal", "major"))
        ),
    ]
    assert len(_seen(small_org, "beta", "--bump", "major")) == 1


@pytest.mark.parametrize(
    ("table", "fragment", "tool"),
    [
        (TOWNCRIER, "news/README.md", None),
        ("\n[tool.scriv]\n", "changelog.d/20260101_101010_pat.rst", "scriv collects changelog.d"),
    ],
)
def test_a_changelog_that_another_tool_collects_is_left_to_it_while_fragments_wait(
    small_org: Org, table: str, fragment: str, tool: str | None
) -> None:
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    _add(small_org, {"pyproject.toml": text + table, fragment: "x\n"})
    before = tree_of(small_org.remote("beta"), "main")

    seen = _seen(small_org)
    tree = _release(small_org)

    if tool is None:
        assert seen == []
        assert "0.4.1" in tree["CHANGELOG.md"]
    else:
        assert seen[0] == ("changelog", "CHANGELOG.md", f"{tool} into it; {BY_HAND}")
        assert seen[1][:2] == ("fragment", seen[1][1])
        assert tree["CHANGELOG.md"] == before["CHANGELOG.md"]
    assert tree[fragment] == "x\n"


def test_without_a_fragment_that_waits_towncrier_says_so(small_org: Org) -> None:
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    _add(small_org, {"pyproject.toml": text + TOWNCRIER, "news/template.md.jinja2": ""})

    assert _seen(small_org) == []
    assert "0.4.1 (2026-02-25)\n\nNo significant changes." in _release(small_org)["CHANGELOG.md"]


def test_a_fragment_of_a_type_that_towncrier_does_not_know_is_refused(small_org: Org) -> None:
    text = tree_of(small_org.remote("beta"), "main")["pyproject.toml"]
    _add(small_org, {"pyproject.toml": text + TOWNCRIER, "news/7.own-type.md": "x\n"})

    failure = fails(small_org, ErrorCode.CHANGELOG_FAILED, state="unchanged")

    failure.says("expected towncrier to add an entry for 0.4.1", "correct its settings on main")


@pytest.mark.parametrize(("path", "tool"), [("poetry.lock", "poetry"), ("pdm.lock", "pdm")])
def test_a_lock_with_nothing_in_it_is_refused_and_released_alone_it_is_named(
    small_org: Org, path: str, tool: str
) -> None:
    _add(small_org, {path: "# locked\n"})

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="unchanged")

    failure.says(f"expected a lock in beta/{path} on main, found none in it")
    failure.says(f"run `{tool} lock` in beta and review it")
    assert _seen(small_org, "beta") == [("lock", path, "no requirement of this release changes it")]


def test_the_pins_of_a_requirements_file_are_named(small_org: Org) -> None:
    made = "# This file was autogenerated by uv via the following command:\n"
    _add(
        small_org,
        {
            "requirements.txt": f"{made}Alpha==1.0.0 \\\n    --hash=sha256:0\nother==1.0.0\n",
            "requirements/dev.txt": "alpha[x] >=1\nalpha==1.1.0\n",
            "Pipfile.lock": "{}",
        },
    )

    assert _seen(small_org) == [
        (
            "lock",
            "Pipfile.lock",
            "it stays as it is; lock_of.beta can name a command that writes it",
        ),
        (
            *("lock", "requirements.txt line 2 (Alpha==1.0.0)"),
            (
                "its header names no command of uv pip compile or pip-compile; PIN writes"
                " alpha==1.1.0 into pyproject.toml alone; lock_of.beta can name a command that"
                " writes it"
            ),
        ),
    ]
