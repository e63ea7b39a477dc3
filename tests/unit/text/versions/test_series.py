"""Which releases a release branch is for."""

from __future__ import annotations

import pytest
from packaging.version import Version

from omninode_release.text.versions.series import Series, read_series


@pytest.mark.parametrize(
    ("branch", "series"),
    [
        ("2.x", Series(2)),
        ("v2", Series(2)),
        ("2.4.x", Series(2, 4)),
        ("2.4", Series(2, 4)),
        ("stable/2.4.x", Series(2, 4)),
        ("release-0.9", Series(0, 9)),
        ("maint_3.X", Series(3)),
        ("develop", None),
        ("python3", None),
        ("2.4.1", None),
        ("release-2026-01-01", None),
        ("01.x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_branch_is_named_by_the_releases_that_it_is_for(
    branch: str | None, series: Series | None
) -> None:
    assert read_series(branch) == series


def test_what_comes_after_a_series_is_not_of_it() -> None:
    assert [Series(2).ends_before(Version(each)) for each in ("1.9.0", "2.9.9", "3.0.0")] == [
        False,
        False,
        True,
    ]
    assert [Series(2, 4).ends_before(Version(each)) for each in ("2.4.9", "2.5.0")] == [
        False,
        True,
    ]


def test_what_comes_before_a_series_is_not_of_it() -> None:
    assert [Series(2).begins_after(Version(each)) for each in ("1.9.0", "2.0.0rc1", "3.0")] == [
        True,
        False,
        False,
    ]
    assert [Series(2, 4).begins_after(Version(each)) for each in ("2.3.9", "2.4.0")] == [
        True,
        False,
    ]
