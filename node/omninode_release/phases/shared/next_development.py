"""What follows a release where the base branch declares the next one: 8.5.0 becomes 8.5.1.dev0.

Effect: a pull request of its own for each repository, which people merge. Recognised by a pull
request of that branch, in whatever state, and by a base branch that says another version than the
released one. A kill leaves nothing but what is made again: commits that are not pushed are dropped.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from omninode_release.models.phase import Phase
from omninode_release.phases import bump, lock
from omninode_release.phases import pin as pin_phase
from omninode_release.phases.shared.clean_up import remove_traces_here
from omninode_release.phases.shared.owned_files import list_owned_files
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.manifests.manifest import read_declared
from omninode_release.text.versions.version import next_development

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omninode_release.models.plan import PlannedPin
    from omninode_release.phases.output import PhaseOutput
    from omninode_release.phases.ports import Context, Step


class Started(NamedTuple):
    """A pull request with the next versions in development."""

    url: str
    versions: str
    """In words; of several packages of one repository each with its name."""
    closed: bool = False
    """A person has closed it: it stays so."""


def start_development(steps: Sequence[Step], ctx: Context) -> Started | None:
    """The pull request; None where the base branch is past the release already.

    ``steps`` are of the packages of one repository, and ``ctx`` is of the first of them.
    """
    tip = ctx.clone.fetch(steps[0].base)
    steps = [each for each in steps if _is_as_released(each, ctx.beside(each), tip)]
    if not steps:
        return None
    steps = _look_ahead(steps)
    versions = _list_versions(steps)
    branch, subject = steps[0].branch, f"Back to development: {versions}"
    found = ctx.forge.pulls.find(branch, steps[0].base)
    if found is not None:
        return Started(found.url, versions, found.state == "closed")
    ref = f"refs/heads/{branch}"
    try:
        if ref not in ctx.clone.remote_refs(ref):
            _commit(steps, ctx, tip, subject)
            ctx.clone.push(f"{ref}:{ref}")
        told = "\n".join(f"{each.distribution} {each.old} is released." for each in steps)
        body = f"{told}\n\n{steps[0].trailers}"
        pull = ctx.forge.pulls.create(branch=branch, base=steps[0].base, title=subject, body=body)
    finally:
        remove_traces_here(steps[0], ctx)
    return Started(pull.url, versions)


def _is_as_released(step: Step, ctx: Context, tip: str) -> bool:
    declared = read_declared(partial(ctx.clone.file, tip))
    if declared is None or declared.held.by_tag:
        return False
    return declared.stands == Version(step.new)


def _list_versions(steps: Sequence[Step]) -> str:
    if len(steps) == 1:
        return steps[0].new
    return ", ".join(f"{each.new} ({each.repo})" for each in steps)


def _look_ahead(steps: Sequence[Step]) -> list[Step]:
    """The same packages, each on its way to its next version."""
    following = {each.repo: next_development(each.new) for each in steps}
    return [
        replace(
            each,
            old=each.new,
            new=following[each.repo],
            branch=each.branch_after,
            outputs={},
            row=each.row.model_copy(
                update={"pins": tuple(_move(pin, following) for pin in each.row.pins)}
            ),
        )
        for each in steps
    ]


def _move(pin: PlannedPin, following: Mapping[str, str]) -> PlannedPin:
    """An exact pin goes along with what it names in the same tree, or nothing could be locked."""
    moves = pin.together and pin.rule == "exact" and pin.repo in following
    return pin.model_copy(update={"version": following[pin.repo]}) if moves else pin


def _commit(steps: Sequence[Step], ctx: Context, tip: str, subject: str) -> None:
    """The versions in every place that holds them, on a fresh branch of the base."""
    first = steps[0]
    remove_traces_here(first, ctx)
    ctx.clone.add_worktree(first.path, first.branch, start=tip)
    made = WorktreeOutput(worktree_path=str(first.path), branch=first.branch, base_sha=tip, late=())
    steps = [replace(each, outputs={Phase.WORKTREE: made}) for each in steps]
    for phase, write in _WRITE:
        written = [write(each, ctx.beside(each)) for each in steps]
        steps = [
            replace(each, outputs={**each.outputs, phase: output})
            for each, output in zip(steps, written, strict=True)
        ]
    whole = replace(steps[0], companions=tuple(steps[1:]))
    message = f"{subject}\n\n{whole.trailers}\n"
    ctx.checkout.make_commit(message, list_owned_files(whole), when=ctx.now())


def _pin_beside(step: Step, ctx: Context) -> PhaseOutput:
    """What stands in the same repository alone: people may have changed the others since."""
    beside = tuple(pin for pin in step.row.pins if pin.together and pin.rule == "exact")
    row = step.row.model_copy(update={"pins": beside})
    return pin_phase.write_pins(replace(step, row=row), ctx)


_WRITE: tuple[tuple[Phase, Callable[[Step, Context], PhaseOutput]], ...] = (
    (Phase.BUMP, bump.apply),
    (Phase.PIN, _pin_beside),
    (Phase.LOCK, lock.apply),
)
