"""PIN: every requirement on a sibling released in this run becomes ``==`` its new version.

Where the plan says so it becomes ``>=`` that version, and a source such as git gives way to it.
Effect: requirements rewritten where they stand, none added (spec, Pin Policy). Recognised by each
of them being so already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import Requirement
from omninode_release.models.pin_rule import PinRule
from omninode_release.models.plan import PinChange, PlannedPin
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.text.manifest import MANIFEST, read_requirements
from omninode_release.text.manifest_edit import PinEdit, write_planned_pins
from omninode_release.text.pin_bounds import find_breach
from omninode_release.text.pin_lines import describe_requirement
from omninode_release.text.requirements import DeclaredRequirement


class PinOutput(PhaseOutput):
    """Requirements that name what this run released."""

    pinned: tuple[Requirement, ...]
    """Such as ``name==version``, every sibling this repository pins."""
    changed: tuple[PinChange, ...] = ()
    """Those that were not so before."""

    def summary(self) -> str:
        return ", ".join(self.pinned) or "nothing to pin"

    def is_empty(self) -> bool:
        return not self.pinned


OUTPUT = PinOutput


def done(step: Step, ctx: Context) -> PinOutput | None:
    text = ctx.files.read(MANIFEST)
    if text is None:
        return None
    edit = _make_edit(step, ctx, text)
    return None if edit.text != text else _make_output(step, edit)


def apply(step: Step, ctx: Context) -> PinOutput:
    text = ctx.files.read(MANIFEST)
    if text is None:
        raise ReleaseError(
            ErrorCode.PIN_FAILED, f"expected a {MANIFEST} in {step.path}, found none."
        )
    edit = _make_edit(step, ctx, text)
    ctx.files.write(MANIFEST, edit.text)
    return _make_output(step, edit)


def _make_edit(step: Step, ctx: Context, text: str) -> PinEdit:
    where = f"{step.path}/{MANIFEST}"
    _refuse_breaches(step, ctx, read_requirements(text, where=where))
    return write_planned_pins(text, step.row.pins, where=where)


def _refuse_breaches(step: Step, ctx: Context, requirements: Iterable[DeclaredRequirement]) -> None:
    """Raise PIN_FAILED for a pin outside its bounds: the plan has not seen a late commit."""
    pins = {pin.distribution: pin for pin in step.row.pins}
    for each in requirements:
        pin = pins.get(each.name)
        breach = find_breach(each, pin.version, _find_rule(step, ctx, pin)) if pin else None
        if breach is not None:
            raise ReleaseError(
                ErrorCode.PIN_FAILED,
                f"{step.path}/{MANIFEST}, {breach.what}.",
                hint=f"{breach.mend}, then omni-release --resume {step.run_id}",
            )


def _find_rule(step: Step, ctx: Context, pin: PlannedPin) -> PinRule:
    """As it was planned; a person may have let exact pins go past bounds since."""
    may_pass = ctx.config.pin_rule(step.repo, pin.repo) == "override"
    return "override" if pin.rule == "exact" and may_pass else pin.rule


def _make_output(step: Step, edit: PinEdit) -> PinOutput:
    return PinOutput(
        pinned=tuple(_list_pinned(step, edit)),
        changed=tuple(
            PinChange(name=c.name, table=c.table, before=c.before, after=c.after)
            for c in edit.changed
        ),
    )


def _list_pinned(step: Step, edit: PinEdit) -> Iterator[str]:
    """Each as it stands in the manifest now; an exact one is the same wherever it stands."""
    for pin in step.row.pins:
        found = [each for each in (*edit.changed, *edit.kept) if each.name == pin.distribution]
        changes = tuple(PinChange(**each._asdict()) for each in found)
        yield describe_requirement(pin.model_copy(update={"changes": changes}))
