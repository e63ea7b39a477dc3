"""What is told of a release, whatever form its changelog has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from omninode_release.text.commit_meaning import CommitMeaning


class NewEntry(NamedTuple):
    """The entry to be written."""

    version: str
    date: dt.date
    changes: Sequence[CommitMeaning]
    pins: Sequence[str]
    """Requirements as written (``omnibase-core==0.21.0``)."""
    compare: tuple[str | None, str]
    """The previous tag, if any, and the new one, for links."""
    merge: bool | None = None
    """Whether bullets follow what a person wrote beforehand; None is the form's own way."""
