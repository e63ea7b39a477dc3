"""``omni-release validate``: contract, code and documents held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omninode_release.commands import options
from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.conformance.checkout import Subject
from omninode_release.contract.conformance.checks import Answer, answers
from omninode_release.release.environment import Environment


def _validate(environment: Environment) -> int:
    return report(Subject.here(describe_command_line()), environment)


def report(subject: Subject, environment: Environment) -> int:
    """Print every check; 0 when all that could be asked hold, 1 otherwise."""
    given = list(answers(subject))
    environment.print(*_lines(given))
    return 1 if any(answer.findings for answer in given) else 0


def _lines(given: Sequence[Answer]) -> Iterator[str]:
    for answer in given:
        if answer.unasked:
            yield f"  --    {answer.check.title}: not looked at, it {answer.unasked}"
            continue
        yield f"  {'FAIL' if answer.findings else 'ok':<4}  {answer.check.title}"
        yield from (f"        {finding}" for finding in answer.findings)
    asked = [answer for answer in given if not answer.unasked]
    hold = sum(not answer.findings for answer in asked)
    rest = f", {len(given) - len(asked)} not looked at" if len(asked) < len(given) else ""
    yield f"{hold} of {len(asked)} checks hold{rest}."


command = options.command(
    "validate",
    _validate,
    help="Compare contract.yaml, the code and the documents.",
)
