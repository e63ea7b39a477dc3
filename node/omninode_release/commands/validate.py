"""``omni-release validate``: contract, code and documents held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omninode_release.commands import options
from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.conformance.checkout import Checkout
from omninode_release.contract.conformance.rules import Verdict, judge_rules
from omninode_release.release.environment import Environment


def _validate(environment: Environment) -> int:
    return report(Checkout.here(describe_command_line), environment)


def report(checkout: Checkout, environment: Environment) -> int:
    """Print every check; 0 when all that could be asked hold, 1 otherwise."""
    verdicts = list(judge_rules(checkout))
    environment.print(*_render(verdicts))
    return 1 if any(verdict.findings for verdict in verdicts) else 0


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
    help="Compare contract.yaml, the code and the documents.",
)
