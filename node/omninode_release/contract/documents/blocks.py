"""Every block that is generated, by name: from contract.yaml, the schemas and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.contract.documents.markdown import (
    bullets,
    code,
    default,
    fields,
    kind,
    sentence,
    table,
)
from omninode_release.contract.documents.skill_blocks import (
    codes_by_agent,
    frontmatter,
    sub_steps,
    tiers,
)
from omninode_release.contract.exit_codes import exit_code
from omninode_release.system.child_environment import NAMED_LIKE_A_SECRET, TABLE, Program
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omninode_release.contract.documents.command_line import CommandLine
    from omninode_release.models.contract import Contract, ErrorSpec
    from omninode_release.models.contract_texts import Named


def blocks(
    contract: Contract, schemas: Mapping[str, Any], command_line: CommandLine
) -> dict[str, str]:
    """Name to text of every block; ``schemas`` by name, such as ``result``."""
    of_contract: dict[str, Callable[[Contract], str]] = {
        "tiers": tiers,
        "states": _states,
        "statuses": _statuses,
        "exit-codes": _exit_codes,
        "errors": _errors,
        "codes-by-agent": codes_by_agent,
        "sub-steps": sub_steps,
        "credentials": _credentials,
        "topics": _topics,
        "stages": _stages,
        "bump-rules": _bump_rules,
        "neighbours": _neighbours,
    }
    return {
        **{name: text(contract) for name, text in of_contract.items()},
        **{name.replace("_", "-"): bullets(rules) for name, rules in contract.rules},
        "frontmatter": frontmatter(contract, command_line),
        "arguments": _arguments(command_line),
        "commands": _commands(command_line),
        "environment": _name_table("variable", contract.environment),
        "files": _name_table("path", contract.files),
        "steps": _steps(contract),
        "step-updates": _step_updates(contract, schemas),
        "result": _fields_of(schemas["result"]),
        "result-details": _fields_of(_definition(schemas["result"], "ResultDetail")),
        "gate-record": _fields_of(_definition(schemas["result"], "GateRecord")),
        "state": _fields_of(schemas["state"]),
        "state-repos": _fields_of(_definition(schemas["state"], "RepoState")),
        "configuration": _configuration(schemas["release-config"]),
        "policy": _configuration(schemas["release-policy"]),
        "what-programs-see": _what_programs_see(),
    }


def topics_file(contract: Contract) -> str:
    """topics.yaml: what an installer of skills subscribes for."""
    listed = "\n".join(f"  - {topic}" for topic in contract.event_bus.topics)
    return f"# generated from contract.yaml: make docs\ntopics:\n{listed}\n"


# What the command line takes.


def _arguments(command_line: CommandLine) -> str:
    rows = ((code(f"{each.name} {each.takes}".strip()), each.text)
            for each in command_line.arguments)  # fmt: skip
    return table(("argument", "meaning"), rows)


def _commands(command_line: CommandLine) -> str:
    rows = (
        (code(f"omni-release {each.name} {each.takes}".strip()), sentence(each.text))
        for each in command_line.commands
    )
    return table(("command", "meaning"), rows)


# What the contract says.


def _states(contract: Contract) -> str:
    return f"`{' → '.join(contract.states)}`"


def _statuses(contract: Contract) -> str:
    rows = ((code(each.status), each.meaning) for each in contract.statuses)
    return table(("status", "meaning"), rows)


def _exit_codes(contract: Contract) -> str:
    return table(
        ("exit code", "meaning"), ((each.code, each.meaning) for each in contract.exit_codes)
    )


def _errors(contract: Contract) -> str:
    rows = (
        (code(each.code), each.meaning, each.behavior, each.recovery, _exit_of(each), each.agent)
        for each in contract.errors
    )
    return table(("code", "meaning", "what happens", "recovery", "exit", "an agent may"), rows)


def _exit_of(spec: ErrorSpec) -> str:
    """What fails exits 3 once the run has released something, its gate on resume included."""
    if spec.exit_code == exit_code("interrupted"):
        return f"{spec.exit_code} or {exit_code('terminated')}"
    later = " or 3" if spec.exit_code == 1 and spec.state_status != "none" else ""
    return f"{spec.exit_code}{later}"


def _credentials(contract: Contract) -> str:
    rows = ((code(each.name), each.source, each.description) for each in contract.credentials)
    return table(("credential", "where it comes from", "what for"), rows)


def _topics(contract: Contract) -> str:
    bus = contract.event_bus
    rows = (
        ("command", code(bus.subscribe.topic)),
        ("completed", code(bus.publish.success_topic)),
        ("failed", code(bus.publish.failure_topic)),
        ("consumer group", code(bus.subscribe.consumer_group)),
    )
    return table(("topic", "name"), rows)


def _stages(contract: Contract) -> str:
    rows = ((each.number, each.name, each.description) for each in contract.stages)
    return table(("stage", "name", "what the command does"), rows)


def _bump_rules(contract: Contract) -> str:
    rows = (
        (
            code(each.commit.replace("\n\n", " ⏎⏎ ").replace("\n", " ⏎ ")),
            each.level or "none: it is bookkeeping",
        )
        for each in contract.bump_rules
    )
    return table(("commit", "level"), rows)


def _neighbours(contract: Contract) -> str:
    rows = ((code(each.name), each.kind, each.description) for each in contract.neighbours)
    return table(("name", "kind", "what a run has to do with it"), rows)


def _name_table(head: str, rows: tuple[Named, ...]) -> str:
    return table((head, "meaning"), ((code(each.name), each.description) for each in rows))


def _what_programs_see() -> str:
    """The rules of child_environment.py, in the order in which they are asked."""
    rows = (
        (
            ", ".join(n if n == NAMED_LIKE_A_SECRET else code(n) for n in rule.names),
            "all" if rule.programs == tuple(Program) else ", ".join(rule.programs),
            f"set to {code(rule.value)}" if rule.fate == "set" else rule.fate,
            rule.why,
        )
        for rule in TABLE
    )
    return table(("variable", "program", "what becomes of it", "why"), rows)


# The steps, and the fields of files.


def _steps(contract: Contract) -> str:
    rows = (
        (number, each.phase, each.effect, each.idempotency_key, each.check)
        for number, each in enumerate(contract.phases, start=1)
    )
    return table(("step", "name", "effect", "idempotency key", "already done when"), rows)


def _step_updates(contract: Contract, schemas: Mapping[str, Any]) -> str:
    rows = (
        (
            each.phase,
            code(each.state),
            ", ".join(map(code, schemas.get(each.output_schema, {}).get("properties", ()))),
            ", ".join(map(code, each.errors)),
        )
        for each in contract.phases
    )
    return table(("step", "`phase` becomes", "`outputs` gains", "can end with"), rows)


def _definition(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return {**schema.get("$defs", {})[name], "$defs": schema["$defs"]}


def _fields_of(schema: dict[str, Any]) -> str:
    """Fields as they stand in a file; what is an object itself is named, not opened."""
    rows = (
        (code(name), kind(field, schema.get("$defs", {})), field.get("description", ""))
        for name, field in schema["properties"].items()
    )
    return table(("field", "type", "meaning"), rows)


def _configuration(schema: dict[str, Any]) -> str:
    rows = (
        (
            code(name),
            kind(field, schema.get("$defs", {})),
            default(field, required=required),
            field.get("description", ""),
        )
        for name, field, required in fields(schema)
    )
    return table(("key", "type", "default", "meaning"), rows)


def read_schemas(texts: Mapping[str, str]) -> dict[str, Any]:
    """Schemas by name, from the texts of their files."""
    return {name.removesuffix(".schema.json"): parse_json(text) for name, text in texts.items()}
