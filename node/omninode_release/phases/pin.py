"""PIN: every requirement on a sibling released in this run becomes ``==`` its new version.

Where the plan says so it becomes ``>=`` that version, and a source such as git gives way to it.
Effect: requirements rewritten where they stand, none added (spec, Pin Policy), then what the
commands of ``after_bump`` write. Recognised by each requirement being so already; commands are run
whenever the step is asked, for nothing tells whether they have been.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError, typed_git
from omninode_release.models.config_names import say_override
from omninode_release.models.field_types import RepoFile, Requirement
from omninode_release.models.phase import Phase
from omninode_release.models.plan import PinChange
from omninode_release.phases import bump
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.shared.kept_meaning import list_other_meaning, open_draft
from omninode_release.phases.shared.owned_files import Failure, run_commands, take_back
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.manifest_edit import write_planned_pins
from omninode_release.text.manifests.manifest import MANIFEST, read_requirements
from omninode_release.text.manifests.meaning import read_meaning_or_fault
from omninode_release.text.pins.changes import find_breach
from omninode_release.text.pins.lines import describe_planned, describe_requirement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from omninode_release.models.config_parts import Argv
    from omninode_release.models.plan import PlannedPin
    from omninode_release.phases.ports import Context, Step
    from omninode_release.phases.shared.kept_meaning import Draft
    from omninode_release.text.manifests.meaning import Fact
    from omninode_release.text.pins.beside import PinEdits
    from omninode_release.text.pins.changes import Conflict, RequirementChange
    from omninode_release.text.requirements.declared import DeclaredRequirement


class PinOutput(PhaseOutput):
    """Requirements that name what this run released."""

    pinned: tuple[Requirement, ...]
    """Such as ``name==version``, every sibling this repository pins."""
    changed: tuple[PinChange, ...] = ()
    """Those that were not so before."""
    commands: Annotated[
        tuple[tuple[Annotated[str, Field(examples=["make"])], ...], ...],
        Field(examples=[[["make", "docs"]]]),
    ] = ()
    """What ``after_bump`` ran."""
    written: tuple[RepoFile, ...] = ()
    """The files that those commands changed, and those beside pyproject.toml that hold pins."""

    def summary(self) -> str:
        told = ", ".join(self.pinned) or "nothing to pin"
        if self.commands:
            told += f"; after_bump changed {', '.join(self.written) or 'nothing'}"
        return told

    def is_empty(self) -> bool:
        return not self.pinned and not self.commands

    def owned_files(self) -> tuple[str, ...]:
        return self.written


OUTPUT = PinOutput


def done(step: Step, ctx: Context) -> PinOutput | None:
    recorded = step.recorded(PinOutput)
    if step.repo in ctx.config.after_bump or (recorded and recorded.commands):
        return None
    edits = _make_edits(step, ctx)
    return None if _list_changes(ctx, edits) else _make_output(step, ctx, edits)


def apply(step: Step, ctx: Context) -> PinOutput:
    commands = ctx.config.after_bump.get(step.repo, ())
    known = _list_written(step, ctx, commands)
    output = write_pins(step, ctx)
    if not commands:
        return output
    failure = Failure(ErrorCode.PIN_FAILED, f"after_bump.{step.repo}")
    before = read_meaning_or_fault(ctx.files.read)
    changed = run_commands(step, ctx, ctx.commands, commands, known=known, failure=failure)
    by = f"the commands of after_bump.{step.repo}"
    wrong = Refusal(ErrorCode.PIN_FAILED, by, "correct the commands", may_make=True)
    require_kept(step, ctx, wrong, before)
    written = tuple(dict.fromkeys((*output.written, *changed)))
    return output.model_copy(update={"commands": commands, "written": written})


def write_pins(step: Step, ctx: Context) -> PinOutput:
    """The requirements alone, without the commands of ``after_bump``. Raises PIN_FAILED."""
    edits = _make_edits(step, ctx)
    # All are made before the first is written: a refusal leaves the tree untouched.
    for path in _list_changes(ctx, edits):
        ctx.files.write(path, edits.texts[path])
    return _make_output(step, ctx, edits)


def _list_changes(ctx: Context, edits: PinEdits) -> list[str]:
    """The files that are not as they are to be."""
    return [path for path, text in edits.texts.items() if ctx.files.read(path) != text]


def _list_written(step: Step, ctx: Context, commands: tuple[Argv, ...]) -> tuple[str, ...] | None:
    """What an earlier time of this step is recorded to have changed; undone if by other commands.

    They were corrected, and what a wrong one wrote is not to be released.
    """
    recorded = step.recorded(PinOutput)
    if recorded is not None and recorded.commands != commands:
        take_back(step, ctx, Phase.PIN, recorded.written)
    return recorded.written if recorded else None


class Refusal(NamedTuple):
    """How it is told that hooks or commands changed what is not theirs."""

    code: ErrorCode
    by: str
    mend: str
    may_make: bool = False
    """True where they may make files anew that a program makes."""


def require_kept(step: Step, ctx: Context, wrong: Refusal, before: Collection[Fact]) -> None:
    """Raise the refusal where something has taken back what BUMP and PIN wrote, or added to it.

    ``before`` is what the package said of itself until then.
    """
    code, by, mend, _ = wrong
    wanted = describe_planned(step.new, step.row.pins)
    kept = f"expected {by} to keep {wanted} in {step.home}"
    then = f"then omni-release --resume {step.run_id}"
    try:
        lost = {*bump.list_outdated(step, ctx), *_list_changes(ctx, _make_edits(step, ctx))}
    except ProgramFailed:
        raise
    except ReleaseError as error:
        back = _advise_taking_back([MANIFEST], step, ctx)
        hint = f"{mend}, {back}, {then}"
        raise ReleaseError(code, f"{kept}, found: {error.message}", hint=hint) from error
    if lost:
        found = ", ".join(sorted(lost))
        raise ReleaseError(code, f"{kept}, found {found} without.", hint=f"{mend}, {then}")
    _require_same_meaning(step, ctx, wrong, before)


def _require_same_meaning(
    step: Step, ctx: Context, wrong: Refusal, before: Collection[Fact]
) -> None:
    code, by, mend, may_make = wrong
    then = f"then omni-release --resume {step.run_id}"
    other = list_other_meaning(step, ctx, _draft(step, ctx), before, may_make=may_make)
    if not other:
        return
    said, found = {each.same for each in before}, ", ".join(dict.fromkeys(map(str, other)))
    back = _advise_taking_back((each.fact.file for each in other), step, ctx)
    if all(each.is_new == (each.fact.same in said) for each in other):
        raise ReleaseError(
            code,
            f"expected {step.home}/{MANIFEST} to mean what was approved, found {found}.",
            hint=f"{back}, or commit it on branch {step.branch} where it is to be released, {then}",
        )
    raise ReleaseError(
        code,
        f"expected {by} to leave what {step.home}/{MANIFEST} means as it was approved, found"
        f" {found}.",
        hint=f"{mend}, {back}, {then}",
    )


def _advise_taking_back(files: Iterable[str], step: Step, ctx: Context) -> str:
    there = [step.place.outer(file) for file in sorted({*files}) if ctx.files.exists(file)]
    back = typed_git(step.path, "checkout", "HEAD", "--", *there)
    return f"take the change back ({back}; the run writes its own part again)"


def _draft(step: Step, ctx: Context) -> Draft:
    """What BUMP and PIN make of the release branch.

    The worktree as it was would not do: a run that was stopped by this, and is gone on with,
    finds the same there.
    """
    draft = open_draft(step, ctx)
    drafted = replace(ctx, files=draft)
    bump.apply(step, drafted)
    write_pins(step, drafted)
    return draft


def _make_edits(step: Step, ctx: Context) -> PinEdits:
    text, where = ctx.files.read(MANIFEST) or "", f"{step.home}/{MANIFEST}"
    _refuse_breaches(step, ctx, read_requirements(text, where=where, read=ctx.files.read))
    return write_planned_pins(ctx.files.read, step.row.pins, home=str(step.home))


def _refuse_breaches(step: Step, ctx: Context, requirements: Iterable[DeclaredRequirement]) -> None:
    """Raise PIN_FAILED for a pin outside its bounds: the plan has not seen a late commit."""
    pins = {pin.distribution: pin for pin in step.row.pins}
    for each in requirements:
        pin = pins.get(each.name)
        breach = _find_breach(each, step, ctx, pin) if pin else None
        if breach is not None:
            raise ReleaseError(
                ErrorCode.PIN_FAILED,
                f"{step.home}/{each.file}, {breach.what}.",
                hint=f"{breach.mend}, then omni-release --resume {step.run_id}",
            )


def _find_breach(
    declared: DeclaredRequirement, step: Step, ctx: Context, pin: PlannedPin
) -> Conflict | None:
    """By the rule that was planned; a person may have let exact pins go past bounds since."""
    said = ctx.config.pin_rule(step.repo, pin.repo)
    rule = said if pin.rule == "exact" and said in {"override", "lockstep"} else pin.rule
    setting = say_override(ctx.config, step.repo, pin.repo)
    return find_breach(declared, pin.version, rule, setting=setting)


def _make_output(step: Step, ctx: Context, edit: PinEdits) -> PinOutput:
    return PinOutput(
        pinned=tuple(_list_pinned(step, edit)),
        written=step.outer(path for path in edit.texts if path != MANIFEST),
        changed=tuple(
            PinChange(name=c.name, table=c.table, before=c.before, after=c.after)
            for c in _list_changed(step, ctx, edit)
        ),
    )


def _list_changed(step: Step, ctx: Context, edit: PinEdits) -> list[RequirementChange]:
    """What is changed since the branch began, also where a run that was killed has written it."""
    if not step.row.pins:
        return [*edit.changed]
    base = step.evidence(WorktreeOutput).base_sha
    since = write_planned_pins(partial(ctx.clone.text, base), step.row.pins).changed
    known = {(each.name, each.table) for each in since}
    return [*since, *(each for each in edit.changed if (each.name, each.table) not in known)]


def _list_pinned(step: Step, edit: PinEdits) -> Iterator[str]:
    """Each as it stands in the manifest now; an exact one is the same wherever it stands."""
    for pin in step.row.pins:
        found = [each for each in (*edit.changed, *edit.kept) if each.name == pin.distribution]
        changes = tuple(PinChange(**each._asdict()) for each in found)
        yield describe_requirement(pin.model_copy(update={"changes": changes}))
