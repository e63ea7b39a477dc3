"""``omni-release validate``: a configuration, or contract, code and documents, held to the rules.

With a file the question is whether that is a release configuration. Without one, contract, code and
documents are held against each other, and the configuration that is used here is looked at, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from omninode_release.commands import options
from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.conformance.checkout import Checkout
from omninode_release.contract.conformance.rules import judge_rules
from omninode_release.contract.load import load_config
from omninode_release.errors import ReleaseError, usage_error
from omninode_release.release.requests.find_organisation import CONFIG_NAME, find_config
from omninode_release.system.presence import is_file
from omninode_release.text.control_characters import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from omninode_release.contract.conformance.rules import Verdict
    from omninode_release.release.environment import Environment


def _validate(
    environment: Environment,
    file: Path | None,
    config: Path | None,
    omni_home: Path | None,
    *,
    as_json: bool,
) -> int:
    """Print what was looked at; 1 where something is wrong.

    Raises CONFIG_INVALID for no file, and USAGE_ERROR for two.
    """
    if file and config and environment.absolute(file) != environment.absolute(config):
        raise usage_error(f"validate: expected FILE or --config, found {file} and {config}.")
    folder = environment.absolute(omni_home or environment.variables.get("OMNI_HOME") or ".")
    used = find_config(environment, folder, file or config)
    alone = bool(file or config or omni_home)
    checkout = None if alone else Checkout.here(describe_command_line)
    return report(
        environment, checkout, used or (folder / CONFIG_NAME if alone else None), as_json=as_json
    )


def report(
    environment: Environment,
    checkout: Checkout | None,
    configuration: Path | None = None,
    *,
    as_json: bool = False,
) -> int:
    """Print every check of what is given; 0 when all that could be asked hold, 1 otherwise."""
    verdicts = list(judge_rules(checkout)) if checkout else []
    looked = _look(configuration) if configuration else None
    lines = [*(_render(verdicts) if verdicts else ()), *(_render_look(looked) if looked else ())]
    value = {
        "checks": [
            {"rule": each.rule.title, "findings": list(each.findings), "unasked": each.unasked}
            for each in verdicts
        ],
        "configuration": looked._asdict() if looked else None,
    }
    options.tell(environment, value, *lines, as_json=as_json)
    return int(any(each.findings for each in verdicts) or bool(looked and looked.findings))


class _Look(NamedTuple):
    """What a look at a configuration found."""

    file: str
    tiers: int | None
    """How many it declares; None where they are computed, or it cannot be read."""
    findings: list[str]


def _look(path: Path) -> _Look:
    """What is wrong with a configuration. Raises CONFIG_INVALID for no file."""
    try:
        config = load_config(path)
    except ReleaseError as error:
        if not is_file(path):
            raise
        return _Look(str(path), None, error.message.split("\n"))
    return _Look(str(path), None if config.graph.is_computed else len(config.graph.tiers), [])


def _render_look(looked: _Look) -> Iterator[str]:
    if looked.findings:
        first, *others = looked.findings
        yield f"  FAIL  {plain(first)}"
        yield from (f"      {plain(line)}" for line in others)
    else:
        tiers = "computed" if looked.tiers is None else looked.tiers
        yield f"  ok    {looked.file} is a release configuration (tiers: {tiers})"


def _render(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.unasked:
            yield f"  --    {verdict.rule.title}: not looked at, it {verdict.unasked}"
            continue
        yield f"  {'FAIL' if verdict.findings else 'ok':<4}  {verdict.rule.title}"
        yield from (f"        {finding}" for finding in verdict.findings)
    asked = [verdict for verdict in verdicts if not verdict.unasked]
    hold = sum(not verdict.findings for verdict in asked)
    unasked = len(verdicts) - len(asked)
    rest = f", {unasked} not looked at" if unasked else ""
    yield f"{hold} of {len(asked)} checks hold{rest}."


command = options.command(
    "validate",
    _validate,
    click.Argument(["file"], required=False, metavar="[FILE]", type=options.PATH),
    options.config(),
    options.omni_home(),
    options.as_json("Print every check and what it found."),
    help="Say whether FILE is a release configuration, and what is wrong on which line. Without"
    " FILE, compare contract.yaml, the code and the documents, and look at the configuration that"
    " is used here.",
)
