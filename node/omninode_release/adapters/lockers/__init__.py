"""Programs that lock: an explicit registry of one module each, beside uv's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.lockers import compilers, pdm, poetry
from omninode_release.adapters.lockers.compilers import Compilers
from omninode_release.adapters.lockers.pdm import Pdm
from omninode_release.adapters.lockers.poetry import Poetry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.adapters.tool_ports import Locker
    from omninode_release.adapters.uv import Uv
    from omninode_release.models.lock import LockName


class LockProgram(NamedTuple):
    """A program that a person installs."""

    name: str
    package: str
    """What it is part of."""
    oldest: tuple[int, int]
    """The oldest version that works."""


PROGRAMS: Mapping[str, LockProgram] = {
    "poetry": LockProgram("poetry", "poetry", poetry.OLDEST),
    "pdm": LockProgram("pdm", "pdm", pdm.OLDEST),
    "pip-compile": LockProgram("pip-compile", "pip-tools", compilers.OLDEST),
}
"""What is needed beside uv, each only where there is such a lock to write."""


def open_lockers(uv: Uv, environ: Mapping[str, str]) -> Mapping[LockName, Locker]:
    """Those that resolve from where ``uv`` does, in its environment; ``environ`` is the same."""
    return {
        "poetry": Poetry(uv.run, uv.seconds, uv.unpublished),
        "pdm": Pdm(uv.run, uv.seconds, uv.links, uv.unpublished, environ),
        "requirements": Compilers(uv, environ),
    }
