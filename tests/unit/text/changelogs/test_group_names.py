"""What the groups of an entry are called, as earlier entries call them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from omninode_release.text.changelogs import markdown_changelog as changelog
from omninode_release.text.changelogs import rst_changelog
from omninode_release.text.changelogs.entry import NewEntry
from support.commits import read

if TYPE_CHECKING:
    from omninode_release.text.changelogs.forms import Form

SUBJECTS = ("feat: new", "fix: y", "Tidy")


def write(form: Form, text: str) -> str:
    changes = [read(subject) for subject in SUBJECTS]
    day = dt.date(2026, 2, 27)
    return form.write_entry(text, NewEntry("1.3.0", day, changes, ["a==1"], ("v1.2.0", "v1.3.0")))


@pytest.mark.parametrize(
    ("features", "fixes", "others"),
    [
        ("Features", "Bug Fixes", "Changed"),
        ("🚀 Features", "🐛 Bug Fixes", "Miscellaneous"),
        ("Enhancements made", "Bugs fixed", "Maintenance and upkeep improvements"),
        ("feat", "fix", "What\u2019s Changed"),
        ("Features:", "🐛  Bug  fixes", "Other - changes"),
    ],
)
def test_groups_are_called_as_those_of_earlier_entries(
    features: str, fixes: str, others: str
) -> None:
    newest = f"## 1.2.0 (2026-01-01)\n\n### {fixes}\n\n* a\n"
    old = f"\n## 1.1.0 (2025-01-01)\n\n### {features}\n\n* b\n\n### {others}\n\n* c\n"

    edited = write(changelog, f"# Changelog\n\n{newest}{old}")

    assert edited == (
        f"# Changelog\n\n## 1.3.0 (2026-02-27)\n\n### {features}\n\n* new\n\n"
        f"### {others}\n\n* Tidy\n* Pin a==1\n\n### {fixes}\n\n* y\n\n{newest}{old}"
    )


def test_a_heading_with_other_words_is_another_group() -> None:
    newest = "## 1.2.0\n\n### Upgrade: features of old\n\n* a\n\n### Bug reports\n\n* b\n"

    edited = write(changelog, f"# Changelog\n\n{newest}")

    assert "\n\n### Added\n\n* new\n" in edited
    assert "\n\n### Fixed\n\n* y\n" in edited


def test_a_sub_heading_of_a_group_names_none() -> None:
    newest = "## 1.2.0\n\n### Core\n\n#### Features\n\n* a\n"

    assert "\n\n### Added\n\n* new\n" in write(changelog, f"# Changelog\n\n{newest}")


def test_what_waits_under_the_name_of_a_group_is_joined_by_its_bullets() -> None:
    waits = "## Unreleased\n\n### Bug Fixes\n\n* by hand\n\n"
    newest = "## 1.2.0\n\n### Bug Fixes\n\n* a\n"

    edited = write(changelog, f"# Changelog\n\n{waits}{newest}")

    assert "## 1.3.0\n\n### Bug Fixes\n\n* by hand\n* y\n\n### Added\n" in edited


@pytest.mark.parametrize("old", ["", "\n## 1.2.0\n\n### Fixed\n\n- a\n"])
def test_the_name_that_a_person_gave_a_group_goes_before_those_of_earlier_entries(old: str) -> None:
    edited = write(changelog, f"# Changelog\n\n## Unreleased\n\n### Bug Fixes\n\n- by hand\n{old}")

    assert "\n\n### Bug Fixes\n\n- by hand\n- y\n\n" in edited
    assert edited.count("### Fixed") == bool(old)


def test_so_it_does_in_restructuredtext_and_older_entries_name_groups_too() -> None:
    old = "1.2.0\n-----\n\nFixed\n~~~~~\n\n- a\n\n1.1.0\n-----\n\nFeatures\n~~~~~~~~\n\n- b\n"
    waits = "Unreleased\n----------\n\nBug Fixes\n~~~~~~~~~\n\n- by hand\n"
    new = NewEntry(
        "1.3.0",
        dt.date(2026, 2, 27),
        [*map(read, SUBJECTS[:2])],
        [],
        ("v1.2.0", "v1.3.0"),
        merge=True,
    )

    edited = rst_changelog.write_entry(f"Changes\n=======\n\n{waits}\n{old}", new)

    assert edited == (
        "Changes\n=======\n\n1.3.0\n-----\n\nBug Fixes\n~~~~~~~~~\n\n- by hand\n\n- y\n\n"
        f"Features\n~~~~~~~~\n\n- new\n\n{old}"
    )


def test_groups_in_restructuredtext_have_the_names_of_the_newest_entry() -> None:
    newest = (
        "1.2.0 (2026-01-01)\n------------------\n\n"
        "Features\n~~~~~~~~\n\n- a\n- b\n\nBugfixes\n~~~~~~~~\n\n- c\n"
    )

    edited = write(rst_changelog, f"Changes\n=======\n\n{newest}")

    assert edited == (
        "Changes\n=======\n\n1.3.0 (2026-02-27)\n------------------\n\n"
        "Features\n~~~~~~~~\n\n- new\n\nChanged\n~~~~~~~\n\n- Tidy\n- Pin a==1\n\n"
        f"Bugfixes\n~~~~~~~~\n\n- y\n\n{newest}"
    )
