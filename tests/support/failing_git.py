"""A git that fails at a question of one's choice, as one on a bad disk does."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WORDS = "fatal: the disk is on fire"
_SCRIPT = """#!/bin/sh
case " $* " in
  *"{question}"*) [ ! -e "{once}" ] && [ -e "{since}" ] && {{
      {touch}
      echo "{words}" >&2
      exit 128
    }} ;;
esac
exec "{git}" "$@"
"""


def fail_git(
    patch: pytest.MonkeyPatch, folder: Path, question: str, *, since: Path, always: bool = False
) -> None:
    """Have a git that fails where ``question`` is among its words.

    It fails once or ``always``, and from the moment on at which ``since`` is there.
    """
    git, once = shutil.which("git"), folder / "failed"
    touch = "" if always else f'touch "{once}"'
    script = folder / "bin" / "git"
    script.parent.mkdir()
    text = _SCRIPT.format(
        question=question, since=since, once=once, touch=touch, words=WORDS, git=git
    )
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    patch.setenv("PATH", str(script.parent), prepend=":")
