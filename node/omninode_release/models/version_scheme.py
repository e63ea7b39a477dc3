"""How versions are counted, as a configuration writes it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from omninode_release.models.model import Model

_FORM = re.compile(r"(YYYY|YY)\.(MM?)\.(DD?|PATCH|MICRO)")


def _check_calver(form: str) -> str:
    if "0" in form:
        raise ValueError(f"{form!r}: leading zeros vanish in a version (PEP 440): write M for 0M")
    if _FORM.fullmatch(form) is None:
        raise ValueError(
            f"{form!r} must be a year (YYYY or YY), a month (M) and a day (D) or a count (PATCH),"
            " such as YYYY.M.PATCH"
        )
    return form


class CalendarVersions(Model):
    """Versions that say when they were released."""

    calver: Annotated[str, AfterValidator(_check_calver), Field(examples=["YYYY.M.PATCH"])]
    """Year (YYYY, or YY since 2000), month (M or MM, without a leading zero), and day (D or DD) or
    a count from 0 within the month (PATCH or MICRO), as calver.org has them."""


VersionScheme = Literal["semver"] | CalendarVersions
"""X.Y.Z by the level of its commits, or by the date."""


BY_DATE = "the date"
"""How the reason for a version begins that says one."""
