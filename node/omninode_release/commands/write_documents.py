"""``make docs``: write every generated block of a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.documents.blocks import topics_file
from omninode_release.contract.documents.markers import fill_blocks
from omninode_release.contract.documents.registry import DOCUMENTS, current_blocks
from omninode_release.contract.load import load_contract
from omninode_release.contract.schemas import resource

_IN_THE_MAKING = (AttributeError, ImportError, SyntaxError, ValueError)
"""What a change raises that lacks one of its parts."""


def write(root: Path) -> None:
    """Bring the documents under ``root`` up to date. Raises ValueError for a stray marker."""
    blocks = current_blocks(describe_command_line())
    for name in DOCUMENTS:
        path = root / name
        path.write_text(fill_blocks(path.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    (root / "topics.yaml").write_text(topics_file(load_contract()), encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1]) if sys.argv[1:] else resource("contract.yaml").resolve().parent)
    except _IN_THE_MAKING as error:
        raise SystemExit(f"{error} (omni-release validate says where)") from None
