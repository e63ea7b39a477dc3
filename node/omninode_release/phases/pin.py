"""PIN: every requirement on a sibling released in this run becomes ``==`` its new version.

Effect: requirements rewritten where they stand, none added (spec, Pin Policy). Recognised by each
of them being exact already.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import Requirement
from omninode_release.models.model import Model
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.manifest_edit import PinEdit, pin_requirements


class PinChange(Model):
    """One requirement and what it became."""

    name: Annotated[str, Field(examples=["omnibase-core"])]
    """The distribution that is required, as it is spelt there."""
    table: Annotated[str, Field(examples=["project.dependencies"])]
    """The table of pyproject.toml the requirement stands in."""
    before: Annotated[str, Field(examples=["omnibase-core>=1.4,<2"])]
    """The requirement as it was."""
    after: Requirement
    """The requirement as it is now."""


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
    edit = _make_edit(step, text)
    return None if edit.changed else _make_output(step, edit)


def apply(step: Step, ctx: Context) -> PinOutput:
    text = ctx.files.read(MANIFEST)
    if text is None:
        raise ReleaseError(
            ErrorCode.PIN_FAILED, f"expected a {MANIFEST} in {step.path}, found none."
        )
    edit = _make_edit(step, text)
    ctx.files.write(MANIFEST, edit.text)
    return _make_output(step, edit)


def _make_edit(step: Step, text: str) -> PinEdit:
    versions = {pinned.distribution: pinned.version for pinned in step.row.pins}
    return pin_requirements(text, versions, where=f"{step.path}/{MANIFEST}")


def _make_output(step: Step, edit: PinEdit) -> PinOutput:
    return PinOutput(
        pinned=tuple(f"{p.distribution}=={p.version}" for p in step.row.pins),
        changed=tuple(
            PinChange(name=c.name, table=c.table, before=c.before, after=c.after)
            for c in edit.changed
        ),
    )
