"""A file system that takes a letter in either case, as that of most Macs does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def take_any_case(patch: pytest.MonkeyPatch) -> None:
    """Let what is asked for be found under a name whose letters differ in case alone."""
    look = os.stat

    def stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        try:
            return look(path, *args, **kwargs)
        except FileNotFoundError:
            return look(_find(Path(os.fsdecode(path))), *args, **kwargs)

    patch.setattr(os, "stat", stat)


def _find(path: Path) -> Path:
    if path == path.parent:
        return path
    folder = _find(path.parent)
    names = os.listdir(folder) if folder.exists() else []  # noqa: PTH208
    same = (name for name in names if name.casefold() == path.name.casefold())
    return folder / next(same, path.name)
