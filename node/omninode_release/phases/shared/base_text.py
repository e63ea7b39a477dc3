"""Files of a commit as text, which a phase reads without a worktree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omninode_release.phases.ports import EntryContext


def read_text(ctx: EntryContext, revision: str, path: str) -> str | None:
    """The file's text at ``revision``, whatever its bytes are; None where there is none."""
    data = ctx.clone.file(revision, path)
    return data.decode("utf-8", errors="replace") if data is not None else None
