"""``omni-release validate``: contract, code and documents held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.commands.arguments import command_line, side_door
from omninode_release.console.render import write_lines
from omninode_release.contract.conformance.checkout import Subject
from omninode_release.contract.conformance.checks import answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from omninode_release.contract.conformance.checks import Answer


_WHAT = "Hold contract.yaml, the code and the documents against each other."


def validate(arguments: Sequence[str], out: TextIO, subject: Subject | None = None) -> int:
    """Report every check; 0 when all that could be asked hold, 1 otherwise. Raises USAGE_ERROR."""
    values = side_door("validate", arguments, [], what=_WHAT)
    if isinstance(values, str):
        write_lines([values], out)
        return 0
    given = list(answers(subject or Subject.here(command_line())))
    write_lines(_lines(given), out)
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
