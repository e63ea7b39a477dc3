"""Which documents have which blocks, and how each of them reads when it is current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.contract.documents.blocks import blocks, read_schemas
from omninode_release.contract.load import load_contract
from omninode_release.contract.schemas import resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omninode_release.contract.documents.command_line import CommandLine

DOCUMENTS: Mapping[str, frozenset[str]] = {
    "SKILL.md": frozenset({"frontmatter", "safety", "never", "codes-by-agent", "tiers", "states"}),
    "prompt.md": frozenset({"sub-steps"}),
    "references/commands.md": frozenset(
        {"arguments", "commands", "exit-codes", "credentials", "files", "topics"}
    ),
    "references/errors.md": frozenset({"errors"}),
    "references/result.md": frozenset({"statuses", "result", "result-details"}),
    "references/rules.md": frozenset(
        {"stages", "drift-guard", "bump", "bump-rules", "pin", "gate"}
        | {"steps", "step-updates", "resume", "neighbours"}
    ),
    "docs/reference.md": frozenset(
        {"arguments", "commands", "configuration", "policy", "environment", "files", "states"}
        | {"what-programs-see", "steps", "step-updates", "statuses", "exit-codes", "errors"}
        | {"result", "result-details", "state", "state-repos", "credentials", "topics"}
    ),
}
"""Path of each document and the blocks it must have."""

SKILL_FILES = (*(name for name in DOCUMENTS if not name.startswith("docs/")), "topics.yaml")
"""What an agent runtime loads; in the wheel too."""


def current_blocks(command_line: CommandLine) -> dict[str, str]:
    """Every block as contract.yaml, the schema files and the command line have it now."""
    schemas = resource("schemas").glob("*.schema.json")
    texts = {path.name: path.read_text(encoding="utf-8") for path in schemas}
    return blocks(load_contract(), read_schemas(texts), command_line)
