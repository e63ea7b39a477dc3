"""How a tag becomes a package, as a configuration writes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from omninode_release.errors.excerpt import show
from omninode_release.models.model import Model
from omninode_release.models.template import InputTemplate

Kind = Literal["wheel", "sdist"]
"""What a release on an index consists of."""
Trigger = Literal["auto", "tag", "dispatch", "release", "none"]


def _check_file_name(name: str) -> str:
    if not name or "/" in name or name.startswith("."):
        raise ValueError(f"expected the name of a file, found {show(name)}")
    return name


class Publish(Model):
    """How a tag becomes a package."""

    workflow: Annotated[str, AfterValidator(_check_file_name)] = Field(
        default="release.yml", examples=["release.yml"]
    )
    """The file under .github/workflows that builds and uploads a package."""
    trigger: Trigger = "auto"
    """What starts it: a tag, a dispatch, a GitHub Release (``release``), or whichever of them the
    file listens to and uploads for; with ``none`` nothing is published, and the tag is all there
    is."""
    inputs: dict[str, InputTemplate] | None = Field(default=None, examples=[{"tag": "{tag}"}])
    """What a dispatch is given, where that is not the one input ``tag`` with the name of the tag,
    without what stands before its last slash; that tag is then pushed, too, unless its push would
    start the workflow. Of a package in a folder beside others it is the whole name."""

    expect: tuple[Kind, ...] | None = Field(
        default=None, min_length=1, examples=[["wheel", "sdist"]]
    )
    """The files a release is complete with on the index: those the last one had when null, and of
    a first one its wheel."""

    def changed_by(self, other: Publish) -> Publish:
        """What was written in ``other``, and the rest of this."""
        written = {name: getattr(other, name) for name in other.model_fields_set}
        return self.model_copy(update=written)
