"""What looks like release data and has no part in the decision."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from omninode_release.models.field_types import Repo
from omninode_release.models.model import Model


class SeenKind(StrEnum):
    """What it looks like."""

    TAG = "tag"
    MARK = "mark"
    """Words of a commit that look like a level or a breaking change."""
    COMMIT = "commit"
    """One that changed no package of its repository."""
    PACKAGE = "package"
    """One that stands inside the files of another."""
    VERSION = "version"
    """A place that holds the version and is not written."""
    LOCK = "lock"
    CHANGELOG = "changelog"
    FRAGMENT = "fragment"
    """A file that is a piece of the next changelog entry."""
    HOOK = "hook"
    ENVIRONMENT = "environment"


class Seen(Model):
    """One thing that a plan has seen and not used."""

    repo: Repo
    """The repository it was seen in."""
    kind: SeenKind
    """What it looks like."""
    what: Annotated[
        str, Field(examples=["4f1c2d3e4f5a 'BREAKING CHANGES: the ini format is gone'"])
    ]
    """Where it stands and what it says."""
    why: Annotated[
        str, Field(examples=["only BREAKING CHANGE: at the start of a paragraph counts"])
    ]
    """Why it is not used, and where a setting decides that, which one."""


def make_seen(repo: str, kind: SeenKind, what: str, why: str) -> Seen:
    return Seen(repo=repo, kind=kind, what=what, why=why)
