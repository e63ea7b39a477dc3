"""How the end of a release is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.console.render import render_error, render_summary
from omninode_release.errors.stops import collect_stops

if TYPE_CHECKING:
    from omninode_release.release.ending import Outcome
    from omninode_release.release.environment import Environment


def print_outcome(outcome: Outcome, environment: Environment, *, as_json: bool) -> int:
    """Tell a person how an invocation ended, and a caller in JSON; answer the exit code.

    A stop that comes meanwhile has nothing left to stop, and what is told is told to its end.
    """
    people = environment.complain if as_json else environment.show
    with collect_stops():
        if outcome.result.run_id:  # otherwise there was no run to sum up
            people(*render_summary(outcome.result, width=environment.width))
            people(*(f"{f'{name}:':<9}{path}" for name, path in outcome.files))
        if outcome.error is not None:
            environment.complain(*render_error(outcome.error))
        if as_json:
            environment.print_model(outcome.result)  # in which secrets are hidden
    return outcome.exit_code
