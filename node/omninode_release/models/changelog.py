"""How a repository keeps its changelog, as the release configuration says it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, field_validator

from omninode_release.models.model import Model

COMMIT_TYPE = r"^[a-z]+$"
ChangelogKind = Literal["markdown", "rst", "towncrier", "none"]


class ChangelogSetting(Model):
    """How a changelog is kept; what is not written is found out from the repository's files."""

    kind: ChangelogKind | None = None
    """``markdown``, ``rst``, ``towncrier``, or ``none`` for no entry; null finds it out."""
    path: str | None = Field(default=None, examples=["docs/changes.rst"])
    """The file, relative to the repository; null finds it out."""
    exclude: tuple[Annotated[str, Field(pattern=COMMIT_TYPE)], ...] = Field(
        default=(), examples=[["chore", "ci"]]
    )
    """Types of commits that get no bullet, unless they break something; their level counts."""
    unreleased: Literal["merge", "as_is"] | None = None
    """Whether bullets of the commits are added to what stands under "Unreleased", or it is taken
    as it is; null adds them in Markdown and to nothing else."""

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str | None) -> str | None:
        if path is not None:
            pure = PurePosixPath(path)
            if pure.is_absolute() or ".." in pure.parts or str(pure) != path:
                raise ValueError(f"expected a path inside the repository, found {path!r}")
        return path

    def over(self, other: ChangelogSetting) -> ChangelogSetting:
        """The same, with what ``other`` says where it says nothing itself."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return other.model_copy(update=said)
