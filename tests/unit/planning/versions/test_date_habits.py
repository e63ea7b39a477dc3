"""Which versions are taken for dates: those that say when their commits were made."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from omninode_release.adapters.git import Git
from omninode_release.adapters.git.dates import find_days
from omninode_release.planning.versions.date_habits import find_date_form, find_yearly
from omninode_release.text.versions.tag_formats import by_prefix, read_tags
from support.gitrepo import commit_file
from support.orgs import programs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.commands.demo_org import Org


def _find(dated: Mapping[str, str]) -> str | None:
    """The form of tags that are on commits of these days."""
    shas = {name: f"commit of {name}" for name in dated}
    days = {shas[name]: dt.date.fromisoformat(day) for name, day in dated.items() if day}
    formats = by_prefix(("v{version}", "{version}"), "alpha")
    found = find_date_form(read_tags(dated, formats), shas, lambda _: days)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        (
            {"2024.11.0": "2024-11-02", "2024.11.1": "2024-11-20", "2024.12.0": "2024-12-03"},
            "YYYY.M.PATCH",
        ),
        ({"v24.1.0": "2024-01-26", "v24.1.1": "2024-01-28", "v24.2.0": "2024-02-12"}, "YY.M.PATCH"),
        (
            {"2026.3.15": "2026-03-15", "2026.2.1": "2026-02-01", "2026.1.9": "2026-01-09"},
            "YYYY.M.D",
        ),
        # A year and a month alone: 2024.10 is 2024.10.0.
        (
            {"2024.9": "2024-09-05", "2024.10": "2024-10-03", "2024.11": "2024-11-07"},
            "YYYY.M.PATCH",
        ),
        # By the clock of somebody else it was the day before, or the next month.
        ({"26.3.15": "2026-03-16", "26.2.1": "2026-01-31", "26.1.9": "2026-01-09"}, "YY.M.D"),
        # One of five was tagged late, for an older month.
        (
            {
                "2025.1.0": "2025-01-04",
                "2024.12.1": "2025-02-01",
                "2024.12.0": "2024-12-03",
                "2024.11.0": "2024-11-03",
            },
            "YYYY.M.PATCH",
        ),
    ],
)
def test_three_tags_that_agree_with_their_commits_are_a_form(
    dated: Mapping[str, str], expected: str
) -> None:
    assert _find(dated) == expected


@pytest.mark.parametrize(
    "dated",
    [
        {},
        {"2024.11.0": "2024-11-02", "2024.12.0": "2024-12-03"},
        {"1.0.0": "2024-11-02", "1.1.0": "2024-12-03", "1.1.1": "2024-12-04"},
        # A year and a count, as attrs has it: one of the months agrees by chance.
        {"23.1.0": "2023-04-16", "23.2.0": "2023-12-31", "24.1.0": "2024-07-12"},
        {"2024.1.0": "2024-03-01", "2024.2.0": "2024-05-01", "2024.3.0": "2024-09-01"},
        # A month of two digits, which PEP 440 has not; a year and a count, as pip and pytz have it.
        {"2024.01.0": "2024-01-02", "2024.02.0": "2024-02-02", "2024.03.0": "2024-03-02"},
        {"24.1": "2024-06-20", "24.2": "2024-07-28", "24.3": "2024-10-27", "25.0": "2025-01-26"},
        {"2024.1": "2024-02-01", "2024.2": "2024-09-11", "2025.1": "2025-01-31"},
        {"2024.13.0": "2024-12-02", "2024.14.0": "2024-12-02", "2024.15.0": "2024-12-02"},
        # The dates of two commits are none.
        {"2024.11.0": "", "2024.11.1": "", "2024.12.0": "2024-12-03"},
        # What was counted so once, long ago.
        {
            "2099.1.0": "2026-01-01",
            "2099.2.0": "2026-01-02",
            "2099.3.0": "2026-01-03",
            "2025.2.0": "2025-02-01",
            "2025.3.0": "2025-03-01",
            "2025.1.0": "2025-01-01",
        },
    ],
)
def test_whatever_else_tags_say_is_counted_by_levels(dated: Mapping[str, str]) -> None:
    assert _find(dated) is None


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        (
            {"24.3.0": "2024-12-16", "24.2.0": "2024-08-06", "23.2.0": "2023-12-31"},
            ("24.3.0", "24.2.0", "23.2.0"),
        ),
        (
            {"v2025.1": "2025-01-31", "v2024.2": "2024-09-11", "v2024.1": "2024-02-01"},
            ("v2025.1", "v2024.2", "v2024.1"),
        ),
        # All of one year: 24 may be the 24th of something.
        ({"24.3.0": "2024-12-16", "24.2.0": "2024-08-06", "24.1.0": "2024-08-03"}, ()),
        ({"26.0.0": "2024-12-16", "25.2.0": "2024-08-06", "24.1.0": "2024-01-03"}, ()),
        ({"2.0.0": "2002-12-16", "1.2.0": "2001-08-06", "1.1.0": "2001-01-03"}, ()),
    ],
)
def test_tags_of_several_years_may_begin_with_them(
    dated: Mapping[str, str], expected: tuple[str, ...]
) -> None:
    shas = {name: f"commit of {name}" for name in dated}
    days = {shas[name]: dt.date.fromisoformat(day) for name, day in dated.items()}
    found = read_tags(dated, by_prefix(("v{version}", "{version}"), "alpha"))

    assert find_yearly(found, shas, lambda _: days) == expected


def test_nobody_is_asked_for_days_where_no_version_looks_like_one() -> None:
    def ask(_: Sequence[str]) -> Mapping[str, dt.date]:
        pytest.fail("git was asked")

    tags = read_tags(["v1.2.0", "v1.1.0", "v0.3.0"], by_prefix(("v{version}",), "alpha"))

    assert find_date_form(tags, {}, ask) is None
    assert find_yearly(tags, {}, ask) == ()


def test_days_are_those_of_the_commits_where_the_clone_has_all_of_them(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    sha = commit_file(clone, "more.md", "x\n", "feat: more", date="2026-03-14T23:30:00-02:00")
    git_there = Git(clone, programs())

    assert find_days(git_there, [sha]) == {sha: dt.date(2026, 3, 15)}
    assert find_days(git_there, [sha, "0" * 40]) == {}
