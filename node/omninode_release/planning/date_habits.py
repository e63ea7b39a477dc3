"""Whether the newest tags of a repository say the date: the form that its versions have."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from packaging.version import Version

    from omninode_release.text.tag_formats import ReleaseTag

_NEWEST = 5
_EVIDENCE = 3
_YEARS = {"YYYY": 0, "YY": 2000}
"""How a form writes the year, and what is added to it then."""
_SHORT = range(1, 100)


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
    newest = {tag.version: tag for tag in reversed([*found])}
    tags = sorted(newest.values(), reverse=True)[:_NEWEST]
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
