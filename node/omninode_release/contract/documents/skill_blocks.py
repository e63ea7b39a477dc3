"""The blocks that only an agent's pages have: frontmatter, tiers, codes by what an agent may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import yaml

from omninode_release.contract.documents.markdown import bullets, code
from omninode_release.models.contract import Agent

if TYPE_CHECKING:
    from omninode_release.contract.documents.command_line import CommandLine
    from omninode_release.models.contract import Contract, PhaseSpec

_ALWAYS = "none; "
"""How the check of a step begins that is run again each time."""


class _Indented(yaml.SafeDumper):
    """Items of a list stand deeper than its key: some readers take a dash in column 0 for a key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - its signature
        super().increase_indent(flow, indentless=False)


def frontmatter(contract: Contract, command_line: CommandLine) -> str:
    """What an agent runtime reads before it opens the page."""
    skill = contract.skill
    matter = {
        "name": skill.name,
        "description": f"{contract.description} {skill.use_when}",
        "version": contract.promised_version,
        "allowed-tools": skill.allowed_tools,
        "license": contract.metadata["license"],
        "category": skill.category,
        "tags": contract.metadata["tags"],
        "author": contract.metadata["author"],
        "composable": skill.composable,
        "args": [
            {"name": each.name, "description": each.text, "required": False}
            for each in command_line.arguments
            if each.name in skill.arguments
        ],
        "inputs": [each.model_dump() for each in contract.inputs if each.name in skill.inputs],
        "outputs": [each.model_dump() for each in contract.outputs],
    }
    return yaml.dump(matter, Dumper=_Indented, sort_keys=False, width=96, allow_unicode=True)


def tiers(contract: Contract) -> str:
    """Each tier with its repositories, and behind each what it needs."""
    return "\n".join(
        f"- Tier {number}: {', '.join(_repo(*each) for each in tier.items())}"
        for number, tier in enumerate(contract.release.graph.tiers, start=1)
    )


def _repo(name: str, needs: tuple[str, ...]) -> str:
    return f"{code(name)} ({', '.join(needs)})" if needs else code(name)


def codes_by_agent(contract: Contract) -> str:
    """What an agent may do, and after which codes."""
    return "\n".join(
        f"- **{word}**: {', '.join(code(e.code) for e in contract.errors if e.agent == word)}"
        for word in get_args(Agent)
    )


def sub_steps(contract: Contract) -> str:
    """The steps of a repository in few words: when each is done, and what the state says then."""
    return bullets(
        f"Sub-Step {number}, {each.phase}: {_say_when_done(each)}. State update: {code(each.state)}"
        for number, each in enumerate(contract.phases, start=1)
    )


def _say_when_done(spec: PhaseSpec) -> str:
    if spec.check.startswith(_ALWAYS):
        return spec.check.removeprefix(_ALWAYS)
    return f"already done, and reused, when {spec.check}"
