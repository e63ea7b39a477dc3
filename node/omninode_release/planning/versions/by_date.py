"""The next version of a repository whose versions say the date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.version_scheme import BY_DATE
from omninode_release.planning.versions.next_version import (
    NextVersion,
    find_reason_to_raise,
    is_ahead,
    last_version,
)

if TYPE_CHECKING:
    import datetime as dt

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.version_words import Word
    from omninode_release.text.manifests.manifest import Manifest

_MILLENNIUM = 2000


def refuse_level(repo: str, word: Word | None) -> None:
    """Raise VERSION_INVALID for a level that was said of this repository: it has none."""
    if word is not None and word.level is not None and word.said.startswith(f"--bump {repo}="):
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected no level for {repo}, whose version is that of the date (version_scheme),"
            f" found {word.said}.",
            hint=f"leave it out, or pass --version {repo}=X.Y.Z",
        )


def refuse_day_number(repo: str, chosen: NextVersion, declared: Version) -> None:
    """Raise VERSION_INVALID where a level would raise a day in one number, as of 20241127.8."""
    day = next(filter(_is_day, chosen.current.release), None)
    if day is not None and chosen.new != declared:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected a version of {repo} that a level can raise, found {chosen.current}: {day} is"
            " a day, and no form of version_scheme has the day in one number.",
            hint=f"omni-release {repo} --version {repo}=X.Y.Z says the next one",
        )


def _is_day(number: int) -> bool:
    year, month, day = number // 10000, number // 100 % 100, number % 100
    return 1990 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31


def choose_by_date(
    facts: RepoFacts, manifest: Manifest, form: str, config: ReleaseConfig
) -> NextVersion:
    """The version of the run's day. Raises VERSION_INVALID where that is not above the last one."""
    if facts.today is None:
        raise ValueError(f"{facts.repo}: a calendar version needs the day of the run")
    tagged = last_version(facts, config)
    waits = is_ahead(manifest, tagged) and not find_reason_to_raise(facts, manifest, config)
    after = tagged if waits or not is_ahead(manifest, tagged) else manifest.version
    new = count_by_date(form, facts.today, after)
    if waits and manifest.version > new and manifest.version.release[:2] == new.release[:2]:
        new = manifest.version
    known = [each for each in (after, manifest.version if waits else None) if each]
    above = max(known, default=new)
    if new < above or new == after:
        raise ReleaseError(
            ErrorCode.VERSION_INVALID,
            f"expected the version of {describe_date(facts, form)}, to be above {above} of"
            f" {facts.repo}, found {new}.",
            hint=f"omni-release {facts.repo} --version {facts.repo}=X.Y.Z says a higher one; a form"
            " with PATCH counts the releases of a month",
        )
    return NextVersion(after or manifest.version, new)


def count_by_date(form: str, today: dt.date, after: Version | None) -> Version:
    """The version of ``today``; a count goes on from ``after`` where that is of the same month."""
    year = today.year if form.startswith("YYYY") else today.year - _MILLENNIUM
    last = today.day
    if re.search(r"PATCH|MICRO", form):
        same = after is not None and after.release[:2] == (year, today.month)
        last = after.micro + 1 if after is not None and same else 0
    return Version(f"{year}.{today.month}.{last}")


def describe_date(facts: RepoFacts, form: str) -> str:
    """Why a version is as it is, for people."""
    return f"{BY_DATE} {facts.today} (UTC), {form}"
