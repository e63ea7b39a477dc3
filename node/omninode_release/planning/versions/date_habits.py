"""Whether the newest tags of a repository say the date: the form that its versions have."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.version import Version

    from omninode_release.text.versions.tag_formats import ReleaseTag

_NEWEST = 5
_EVIDENCE = 3
_YEARS = {"YYYY": 0, "YY": 2000}
"""How a form writes the year, and what is added to it then."""
_SHORT = range(1, 100)
_LIKE_YEARS = {0: range(2001, 2100), 2000: range(15, 100)}
"""First numbers that are taken for years, by what is added to them."""


def find_date_form(
    found: Iterable[ReleaseTag],
    shas: Mapping[str, str],
    ask_days: Callable[[Sequence[str]], Mapping[str, dt.date]],
) -> tuple[str, tuple[str, ...]] | None:
    """The form of calendar versions that the newest tags have, and the tags that show it.

    ``found`` is highest first; ``ask_days`` answers when commits were made, and is asked only where
    versions look like dates. At least three of the five newest have to say their commit's month,
    and all of these its day where the form is to have one.
    """
    tags = _list_newest(found)
    for year, since in _YEARS.items():
        alike = [tag for tag in tags if _looks_dated(tag.version, year)]
        if len(alike) < _EVIDENCE:
            continue
        days = ask_days([shas[tag.name] for tag in alike])
        dated = [(tag, days[shas[tag.name]]) for tag in alike if shas[tag.name] in days]
        agree = [(tag, day) for tag, day in dated if _says_month(tag.version, since, day)]
        if len(agree) >= _EVIDENCE:
            by_day = all(_says_day(tag.version, day) for tag, day in agree)
            return f"{year}.M.{'D' if by_day else 'PATCH'}", tuple(tag.name for tag, _ in agree)
    return None


def find_yearly(
    found: Iterable[ReleaseTag],
    shas: Mapping[str, str],
    ask_days: Callable[[Sequence[str]], Mapping[str, dt.date]],
) -> tuple[str, ...]:
    """The newest tags that begin with the year of their commits, as attrs and pip have them.

    At least three of the five newest, of two years or more: 24.1.0 may be a release in 2024 by
    chance. ``ask_days`` is asked only where all that could be.
    """
    tags = _list_newest(found)
    for since, likely in _LIKE_YEARS.items():
        alike = [tag for tag in tags if tag.version.major in likely]
        if not _is_evidence(alike):
            continue
        days = ask_days([shas[tag.name] for tag in alike])
        agree = [
            tag
            for tag in alike
            for day in (days.get(shas[tag.name]),)
            if day and since + tag.version.major in {near.year for near in _list_near(day)}
        ]
        if _is_evidence(agree):
            return tuple(tag.name for tag in agree)
    return ()


def _is_evidence(tags: Sequence[ReleaseTag]) -> bool:
    return len(tags) >= _EVIDENCE and len({tag.version.major for tag in tags}) > 1


def _list_newest(found: Iterable[ReleaseTag]) -> list[ReleaseTag]:
    newest = {tag.version: tag for tag in reversed([*found])}
    return sorted(newest.values(), reverse=True)[:_NEWEST]


def _looks_dated(version: Version, year: str) -> bool:
    """True where its first number can be a year of this century, and its second a month."""
    first = version.major in _SHORT if year == "YY" else 2000 < version.major < 2100
    return first and 1 <= version.minor <= 12


def _says_month(version: Version, since: int, day: dt.date) -> bool:
    said = (since + version.major, version.minor)
    return any((near.year, near.month) == said for near in _list_near(day))


def _says_day(version: Version, day: dt.date) -> bool:
    return any((near.month, near.day) == (version.minor, version.micro) for near in _list_near(day))


def _list_near(day: dt.date) -> list[dt.date]:
    """The day of a commit in UTC, and those that it had elsewhere."""
    return [day + dt.timedelta(days=around) for around in (-1, 0, 1)]
