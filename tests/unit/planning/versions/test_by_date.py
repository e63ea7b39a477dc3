"""Versions that say the date: which comes next, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from packaging.version import Version
from pydantic import ValidationError

from omninode_release.errors import ErrorCode
from omninode_release.models.commit import Level
from omninode_release.models.forge import VersionUse
from omninode_release.models.plan import RepoPlan
from omninode_release.models.version_scheme import CalendarVersions
from omninode_release.models.version_words import VersionWords
from omninode_release.planning.rows import plan_row
from omninode_release.planning.versions.by_date import count_by_date
from support.facts import an_organisation, some_facts

TODAY = dt.date(2026, 11, 30)


def _row(
    version: str, form: str = "YYYY.M.PATCH", words: VersionWords | None = None, **facts: Any
) -> RepoPlan:
    found = some_facts("a", version, **{"today": TODAY, "commits": ["feat: x"], **facts})
    scheme: dict[str, Any] = {"version_scheme_of": {"a": {"calver": form}}}
    org = an_organisation([found], tag_formats=["v{version}"], **scheme)
    said = words or VersionWords()
    return plan_row("a", found, org.config, said.find("a"), said.pre)


@pytest.mark.parametrize(
    ("form", "after", "expected"),
    [
        pytest.param("YYYY.M.PATCH", None, "2026.11.0", id="the-first"),
        pytest.param("YYYY.M.PATCH", "2026.10.4", "2026.11.0", id="another-month"),
        pytest.param("YYYY.M.PATCH", "2026.11.0", "2026.11.1", id="the-same-month"),
        pytest.param("YYYY.MM.MICRO", "2025.11.9", "2026.11.0", id="another-year"),
        pytest.param("YY.M.PATCH", "26.11.9", "26.11.10", id="short-year"),
        pytest.param("YYYY.M.D", "2026.11.29", "2026.11.30", id="by-the-day"),
        pytest.param("YY.MM.DD", None, "26.11.30", id="short-by-the-day"),
        pytest.param("YYYY.M.PATCH", "1.9.3", "2026.11.0", id="after-numbers"),
    ],
)
def test_the_version_is_that_of_the_day(form: str, after: str | None, expected: str) -> None:
    assert str(count_by_date(form, TODAY, Version(after) if after else None)) == expected


def test_the_plan_says_the_date() -> None:
    row = _row("2026.10.1", last_tag="v2026.10.1")

    assert (row.current, row.new, row.bump) == ("2026.10.1", "2026.11.0", "minor")
    assert row.declared_by == "the date 2026-11-30 (UTC), YYYY.M.PATCH"


@pytest.mark.parametrize("commit", ["feat!: x", "fix: x", "docs: x"])
def test_a_level_decides_nothing(commit: str) -> None:
    row = _row("2026.11.1", last_tag="v2026.11.1", commits=[commit])

    assert (row.new, row.bump, row.forced) == ("2026.11.2", "patch", False)


def test_a_version_in_development_is_what_comes_in_its_month() -> None:
    assert _row("2026.12.0.dev0", last_tag="v2026.10.0").error_code is ErrorCode.VERSION_INVALID
    assert _row("2026.11.3.dev0", last_tag="v2026.11.1").new == "2026.11.3"


def test_a_declared_version_is_released_where_the_index_lacks_it() -> None:
    free, taken = VersionUse(taken=False, note=""), VersionUse(taken=True, note="it has it")

    assert _row("2026.11.0", declared_use=free).new == "2026.11.0"
    assert _row("2026.11.0", declared_use=taken).new == "2026.11.1"


@pytest.mark.parametrize(
    ("version", "form"),
    [
        pytest.param("2026.11.30", "YYYY.M.D", id="twice-a-day"),
        pytest.param("2027.1.0", "YYYY.M.PATCH", id="from-the-future"),
    ],
)
def test_versions_go_up(version: str, form: str) -> None:
    refused = _row(version, form, last_tag=f"v{version}")

    assert refused.error_code is ErrorCode.VERSION_INVALID
    assert f"above {version} of a" in (refused.error or "")


def test_a_level_for_this_repository_is_refused_and_one_for_all_is_not() -> None:
    named = _row("2026.10.1", words=VersionWords(bumps={"a": Level.MINOR}), last_tag="v2026.10.1")
    everyone = _row("2026.10.1", words=VersionWords(Level.MINOR), last_tag="v2026.10.1")

    assert named.error_code is ErrorCode.VERSION_INVALID
    assert "found --bump a=minor" in (named.error or "")
    assert (everyone.new, everyone.forced) == ("2026.11.0", False)


def test_a_version_that_was_said_goes_before_the_date() -> None:
    said = VersionWords(versions={"a": "2026.12.0"})

    assert _row("2026.10.1", words=said, last_tag="v2026.10.1").new == "2026.12.0"


def test_candidates_of_a_date_are_counted() -> None:
    tags = {"v2026.11.0rc1": "c" * 40}
    row = _row("2026.10.1", words=VersionWords(pre="rc"), last_tag="v2026.10.1", tags=tags)

    assert row.new == "2026.11.0rc2"


def test_a_tag_with_leading_zeros_is_refused_early() -> None:
    row = _row("2026.10.1", tags={"v2026.04.0": "c" * 40})

    assert row.error_code is ErrorCode.SCAN_FAILED
    assert "found v2026.04.0" in (row.error or "")


@pytest.mark.parametrize("form", ["YYYY.0M.PATCH", "YYYY.MM", "YY.MINOR.MICRO", "YYYY.M.D.PATCH"])
def test_another_form_is_refused(form: str) -> None:
    with pytest.raises(ValidationError, match="PEP 440" if "0" in form else "must be a year"):
        CalendarVersions(calver=form)


@pytest.mark.parametrize("version", ["20241127.8.0", "1.0.20240820"])
def test_a_level_raises_no_day(version: str) -> None:
    def plan(**words: Any) -> RepoPlan:
        found = some_facts("a", version, commits=["feat: x"])
        said = VersionWords(**words)
        config = an_organisation([found], tag_formats=["v{version}"]).config
        return plan_row("a", found, config, said.find("a"), said.pre)

    assert plan().error_code is ErrorCode.VERSION_INVALID
    assert "is a day, and no form of version_scheme has the day in one number" in str(plan().error)
    assert plan(versions={"a": "20261130.0.0"}).new == "20261130.0.0"
