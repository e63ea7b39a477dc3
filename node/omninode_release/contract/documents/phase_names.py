"""The blocks of ``models/phase.py``: phases and states in the order of contract.yaml.

contract.yaml is read as YAML alone: its model knows only the phases that were written there before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PHASE_NAMES = "models/phase.py"
"""Below the package."""


class PhaseBlock(NamedTuple):
    """A block under ``phases``, as far as it says where the phase stands."""

    phase: str
    state: str
    handler: str


def read_phase_blocks(raw: Any) -> list[PhaseBlock]:  # noqa: ANN401 - whatever the file holds
    """The blocks in order; none where they have another form, which the schema refuses."""
    try:
        blocks = [PhaseBlock(each["phase"], each["state"], each["handler"])
                  for each in raw["phases"]]  # fmt: skip
    except (KeyError, TypeError):
        return []
    return blocks if all(isinstance(text, str) for each in blocks for text in each) else []


def phase_names(blocks: Sequence[PhaseBlock]) -> dict[str, str]:
    """Name to text of every block."""
    return {
        "states": _members(each.state for each in blocks),
        "phases": _members(each.phase for each in blocks),
        "leads-to": "\n".join(f"Phase.{each.phase}: PhaseState.{each.state}," for each in blocks),
    }


def _members(names: Iterable[str]) -> str:
    return "\n".join(f'{name} = "{name}"' for name in names)
