"""The command line, called in process."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from omninode_release.commands.main import main
from omninode_release.models.command_words import COMMANDS
from omninode_release.system.clock import Clock, FixedClock
from support.typed_commands import find_faults, find_hints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

MOMENT = datetime(2026, 2, 25, 14, 0, tzinfo=UTC)

# Words that take no --omni-home: they read OMNI_HOME, or nothing.
_ALONE = COMMANDS.keys() - {"release"} | {"--help", "-h", "--version"}


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str
    result: dict[str, Any] | None
    """The result file it wrote; None when it wrote none."""


class Terminal(io.StringIO):
    """A person at a terminal, who has already typed what is to be read."""

    def isatty(self) -> bool:
        return True


def state_home(org: Org) -> Path:
    """Where ``run_cli`` lets the tool keep state and results."""
    return org.root / "state_home"


def run_cli(
    org: Org,
    *args: str,
    env: Mapping[str, str] | None = None,
    stdin: str | TextIO = "",
    clock: Clock | None = None,
) -> Ran:
    """Run ``omni-release`` on an organisation; a plain ``stdin`` is a pipe, not a terminal.

    Where the clones are is said by --omni-home, unless the test says it, or another OMNI_HOME.
    """
    places = {"ONEX_STATE_DIR": str(state_home(org)), "OMNI_HOME": str(org.omni_home)}
    given = any(each.startswith("--omni-home") for each in args) or not _ALONE.isdisjoint(args[:1])
    given |= {**places, **(env or {})}["OMNI_HOME"] != places["OMNI_HOME"]
    argv = args if given else (*args, "--omni-home", str(org.omni_home))
    out, err = io.StringIO(), io.StringIO()
    before = _results(org)
    code = main(
        argv,
        environ={**os.environ, **places, **(env or {})},
        clock=clock or FixedClock(MOMENT),
        stdin=io.StringIO(stdin) if isinstance(stdin, str) else stdin,
        stdout=out,
        stderr=err,
    )
    written = [path for path, stamp in _results(org).items() if before.get(path) != stamp]
    assert len(written) <= 1, f"one command wrote several results: {written}"
    result = json.loads(written[0].read_text(encoding="utf-8")) if written else None
    for hint in find_hints(out.getvalue(), err.getvalue(), result):
        assert not find_faults(hint), f"nobody could type {find_faults(hint)} of: {hint}"
    return Ran(code, out.getvalue(), err.getvalue(), result)


def _results(org: Org) -> dict[Path, tuple[int, int]]:
    """Result files and what tells one writing of them from the next: each is a new file."""
    found = (state_home(org) / "skill-results").glob("*/release.json")
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}
