"""Whose entries are written by hand: their bullets are not what commits say."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Commit
from omninode_release.models.facts import Tree
from omninode_release.planning.survey.entry_habits import find_entries_by_hand
from omninode_release.text.versions.tag_formats import by_prefix, read_tags
from support.facts import some_facts

OLDER = "\n## 0.9.0\n\n- The first\n"


def _find(bullets: str, *subjects: str, path: str = "CHANGELOG.md") -> str | None:
    shas = {"v0.9.0": "9" * 40, "v1.0.0": "a" * 40}
    text = f"# Changelog\n\n## [Unreleased]\n\n- Mine\n\n## 1.0.0\n\n{bullets}{OLDER}"
    facts = some_facts("alpha", tags=shas, tree=Tree((path,), {path: text}))

    def ask(last: str, since: str | None) -> list[Commit]:
        assert (last, since) == ("a" * 40, None)
        return [Commit(f"{n:040x}", (), subject, "") for n, subject in enumerate(subjects)]

    return find_entries_by_hand(facts, read_tags(shas, by_prefix(("v{version}",), "alpha")), ask)


def test_words_of_people_are_known_by_the_commits_that_do_not_have_them() -> None:
    found = _find("- Wheels for Windows\n* No more Python 3.8\n", "build on another machine (#7)")

    assert found == (
        "alpha/CHANGELOG.md: of 3 bullets of 1.0.0, 0.9.0 none is in the subject of a commit"
    )


@pytest.mark.parametrize(
    "bullets",
    [
        "- Read links in configurations (#7)\n- Write the lock once\n",
        (
            "* **config:** read links in configurations ([#7](https://host/7)) ([1a2b](https://host))\n"
            "* **lock:** write the lock once\n"
        ),
        (
            "- feat(config): Read links in configurations by @someone in https://host/7\n"
            "- fix: write the lock once by @someone\n"
        ),
        (
            "- Read links in configurations ([#7](https://host/7),\n"
            "  [`1a2b3c4`](https://host/commit/1a2b3c4d5e6f))\n\n"
            "* what the message says below\n\n* and further below\n"
        ),
    ],
    ids=["subjects", "links", "notes of the forge", "messages with their commits"],
)
def test_entries_of_commits_stay_so(bullets: str) -> None:
    subjects = ("feat(config): read links in configurations (#7)", "fix: Write the lock once (#8)")

    assert _find(bullets, *subjects) is None


def test_two_bullets_show_nothing() -> None:
    assert _find("- Wheels for Windows\n", "build on another machine") is None


def test_a_changelog_that_takes_no_bullets_anyway_is_not_looked_at() -> None:
    bullets = "- Wheels for Windows\n- No more Python 3.8\n"

    assert _find(bullets, "build elsewhere", path="CHANGES.rst") is None
