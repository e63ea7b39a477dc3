"""PIN: every requirement on a sibling released in this run becomes ``==`` its new version.

Effect: requirements rewritten where they stand, none added (spec, Pin Policy), then what the
commands of ``after_bump`` write. Recognised by each requirement being exact already; commands are
run whenever the step is asked, for nothing tells whether they have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.field_types import RepoFile, Requirement
from omninode_release.models.plan import PinChange
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.shared.after_bump import run_after_bump
from omninode_release.text.manifest import MANIFEST, read_requirements, read_version
from omninode_release.text.manifest_edit import PinEdit, pin_requirements
from omninode_release.text.pin_bounds import find_breach
from omninode_release.text.requirements import DeclaredRequirement


class PinOutput(PhaseOutput):
    """Requirements that name exactly what this run released."""

    pinned: tuple[Requirement, ...]
    """``name==version``, every sibling this repository pins."""
    changed: tuple[PinChange, ...] = ()
    """Those that were not so before."""
    commands: Annotated[
        tuple[tuple[Annotated[str, Field(examples=["make"])], ...], ...],
        Field(examples=[[["make", "docs"]]]),
    ] = ()
    """What ``after_bump`` ran."""
    written: tuple[RepoFile, ...] = ()
    """The files that those commands changed."""

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
    text = ctx.files.read(MANIFEST)
    if text is None or step.repo in ctx.config.after_bump:
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
    output = _make_output(step, edit)
    commands = ctx.config.after_bump.get(step.repo, ())
    if not commands:
        return output
    written = run_after_bump(step, ctx, commands, _list_written(step))
    _require_edits(step, ctx, output)
    return output.model_copy(update={"commands": commands, "written": written})


def _list_written(step: Step) -> tuple[str, ...] | None:
    """What an earlier time of this step is recorded to have changed."""
    recorded = step.recorded(PinOutput)
    return recorded.written if recorded else None


def _require_edits(step: Step, ctx: Context, output: PinOutput) -> None:
    """Raise PIN_FAILED where a command took back what BUMP and PIN had written."""
    text = ctx.files.read(MANIFEST) or ""
    version = read_version(text.encode())
    if version == step.new and not _make_edit(step, ctx, text).changed:
        return
    raise ReleaseError(
        ErrorCode.PIN_FAILED,
        f"expected {step.path}/{MANIFEST} to have version {step.new} and"
        f" {', '.join(output.pinned) or 'no pins'} after the commands of after_bump.{step.repo},"
        f" found version {version} or other pins.",
        hint=f"correct the commands, then omni-release --resume {step.run_id}",
    )


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
