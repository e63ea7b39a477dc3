"""PIN: every requirement on a sibling released in this run becomes ``==`` its new version.

Effect: requirements rewritten where they stand, none added (spec, Pin Policy). Recognised by each
of them being exact already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import Requirement
from omninode_release.models.plan import PinChange
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.text.manifest import MANIFEST, read_requirements
from omninode_release.text.manifest_edit import PinEdit, pin_requirements
from omninode_release.text.pin_bounds import find_breach
from omninode_release.text.requirements import DeclaredRequirement


class PinOutput(PhaseOutput):
    """Requirements that name exactly what this run released."""

    pinned: tuple[Requirement, ...]
    """``name==version``, every sibling this repository pins."""
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
    return None if edit.changed else _make_output(step, edit)


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
    versions = {pinned.distribution: pinned.version for pinned in step.row.pins}
    where = f"{step.path}/{MANIFEST}"
    _refuse_breaches(step, ctx, versions, read_requirements(text, where=where))
    return pin_requirements(text, versions, where=where)


def _refuse_breaches(
    step: Step,
    ctx: Context,
    versions: Mapping[str, str],
    requirements: Iterable[DeclaredRequirement],
) -> None:
    """Raise PIN_FAILED for a pin outside its bounds: the plan has not seen a late commit."""
    override = ctx.config.pins == "override"
    for each in requirements:
        version = versions.get(each.name)
        breach = find_breach(each, version, override=override) if version else None
        if breach is not None:
            raise ReleaseError(
                ErrorCode.PIN_FAILED,
                f"{step.path}/{MANIFEST}, {breach.what}.",
                hint=f"{breach.mend}, then omni-release --resume {step.run_id}",
            )


def _make_output(step: Step, edit: PinEdit) -> PinOutput:
    return PinOutput(
        pinned=tuple(f"{p.distribution}=={p.version}" for p in step.row.pins),
        changed=tuple(
            PinChange(name=c.name, table=c.table, before=c.before, after=c.after)
            for c in edit.changed
        ),
    )
