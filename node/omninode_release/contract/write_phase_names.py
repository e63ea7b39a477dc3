"""The first step of ``make docs``: write names and order of the phases into ``models/phase.py``.

It runs in a process of its own, since all that is generated after it imports that module.
"""

from __future__ import annotations

import sys

from omninode_release.contract.conformance.checkout import Checkout
from omninode_release.contract.conformance.contract import can_be_read
from omninode_release.contract.conformance.phases import (
    PHASE_NAMES,
    phase_names,
    phases_are_complete,
    read_phase_blocks,
)
from omninode_release.contract.documents.command_line import CommandLine
from omninode_release.contract.documents.markers import fill_blocks


def main() -> int:
    """Write the names; 1, with what is wrong, where a phase has not all of its parts."""
    checkout = Checkout.here(lambda: CommandLine((), ()))
    findings = list(can_be_read(checkout)) or list(phases_are_complete(checkout))
    if findings:
        sys.stderr.writelines(f"{finding}\n" for finding in findings)
        return 1
    path = checkout.package / PHASE_NAMES
    text = path.read_text(encoding="utf-8")
    names = phase_names(read_phase_blocks(checkout.raw))
    path.write_text(fill_blocks(text, names), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
