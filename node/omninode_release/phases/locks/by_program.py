"""poetry.lock, pdm.lock and requirements files, each by the program that made it.

What moves beside the pins is named. A file that a killed program left is taken from the branch.
What a program prints when it fails is told in the words a person needs of it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError, split_lines
from omninode_release.phases.locks.changes import LockResult, list_moved
from omninode_release.phases.locks.wait_for_index import run_until_found
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text import uv_output
from omninode_release.text.locks.any_lock import read_lock
from omninode_release.text.locks.compiled import read_settings
from omninode_release.text.locks.toml_lock import is_toml_lock
from omninode_release.text.versions.version import is_same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.models.lock import LockName
    from omninode_release.phases.ports import Context, Step

_LAST_LINES = 4
_NOISE = re.compile(
    r"Creating virtualenv |Updating dependencies|Resolving dependencies|See .*log for detailed"
    r"|WARNING: (?:Add '-v'|--strip-extras )|INFO: |During handling|The above exception"
    r"|pip\._vendor\.|.*ResolutionImpossible: for help|\W*$"
)
_TRACEBACK = re.compile(r"^ *Traceback \(.*\n(?: .*\n)*", re.MULTILINE)
_NOT_FOUND: Mapping[LockName, str] = {
    "poetry": r"(?<![\w-]){name}(?:\[[^\]]*\])? \([^)]*\) which doesn't match any versions",
    "pdm": r"Unable to find (?:a resolution|candidates) for {name}(?![\w-])",
    "requirements": r"(?:No matching distribution found for|that satisfies the requirement)"
    r" {name}(?:\[[^\]]*\])?[=<>]"
    # So pip says it of a version that `--upgrade-package` names: nothing beside it is in its way.
    r"|Cannot install {name}(?:\[[^\]]*\])?=={version} because these",
}


def write(step: Step, ctx: Context, name: LockName, files: Sequence[str]) -> LockResult:
    """The files with the pins of this release. Raises LOCK_FAILED."""
    base = {path: ctx.clone.text(step.evidence(WorktreeOutput).base_sha, path) for path in files}
    for path in files:
        _restore(step, ctx, name, path)
    _lock(step, ctx, name, files)
    moved: list[str] = []
    for path in files:
        moved += list_moved(step, path, base[path], ctx.files.read(path))
        if name == "requirements":
            _require_settings(step, ctx, path, base[path])
        _require_pins(step, ctx, path)
    return LockResult(tuple(map(step.place.outer, files)), tuple(moved))


def _restore(step: Step, ctx: Context, name: LockName, path: str) -> None:
    """A requirements file has no form by which one that is torn could be told: it begins anew."""
    torn = name == "requirements" or not is_toml_lock(ctx.files.read(path))
    there = ctx.clone.branch_sha(step.branch) or step.evidence(WorktreeOutput).base_sha
    committed = ctx.clone.text(there, path) if torn else None
    if committed is not None:
        ctx.files.write(path, committed)


def _lock(step: Step, ctx: Context, name: LockName, files: Sequence[str]) -> None:
    pins = {str(canonicalize_name(pin.distribution)): pin.version for pin in step.row.pins}
    locker = ctx.lockers[name]
    is_missing = partial(is_not_found, name)
    try:
        run_until_found(
            step, ctx, lambda: locker.lock(step.home, files, pins), is_missing, lock=name
        )
    except CommandFailed as error:
        raise _lock_error(step, error) from error
    finally:
        for path in locker.litter:
            if not ctx.checkout.tracked(path):
                ctx.files.remove(path)


def _lock_error(step: Step, error: CommandFailed) -> ReleaseError:
    return ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected `{error.argv[0]}` to resolve in {step.home}, found:"
        f" {explain_output(error.stderr)}.",
        hint=f"mend what it says, then omni-release --resume {step.run_id}",
        detail=error.detail,
    )


def _require_settings(step: Step, ctx: Context, path: str, base: str | None) -> None:
    """Raise LOCK_FAILED where a requirements file is no longer made as it was."""
    text = ctx.files.read(path)
    if read_settings(text) == read_settings(base):
        return
    changed = sorted({*read_settings(base)} ^ {*read_settings(text)})
    raise ReleaseError(
        ErrorCode.LOCK_FAILED,
        f"expected {step.home}/{path} to be made as before, found other lines at its top:"
        f" {'; '.join(changed)}.",
        hint=f"make {path} on {step.base} again with the program and the Python that this machine"
        f" has, or name a command under lock_of.{step.repo} in the release configuration; then"
        f" omni-release --resume {step.run_id}",
    )


def _require_pins(step: Step, ctx: Context, path: str) -> None:
    """Raise LOCK_FAILED where the lock holds another version than the one that is pinned."""
    locked = read_lock(path, ctx.files.read(path), f"{step.home}/{path}")
    for pin in step.row.pins:
        found = locked.get(pin.distribution, pin.version)
        if pin.rule == "exact" and not is_same(str(found), pin.version):
            raise ReleaseError(
                ErrorCode.LOCK_FAILED,
                f"expected {pin.distribution} {pin.version} in {step.home}/{path}, found {found}.",
                hint=f"look at what {path} is made of, then omni-release --resume {step.run_id}",
            )


def explain_output(output: str) -> str:
    """Why a program failed, in one line: the last that it said."""
    lines = split_lines(_TRACEBACK.sub("", output))
    said = [line.strip() for line in lines if not _NOISE.match(line)]
    return "; ".join(each.rstrip(".") for each in said[-_LAST_LINES:]) or "it said nothing"


def is_not_found(kind: LockName, output: str, distribution: str, version: str) -> bool:
    """True when the program did not find a version, by its own wording."""
    name, words = re.escape(canonicalize_name(distribution)), " ".join(output.split())
    wanted = _NOT_FOUND[kind].format(name=name, version=re.escape(version))
    told = re.search(wanted, words, re.IGNORECASE)
    is_uv = kind == "requirements" and uv_output.is_not_found(output, distribution, version)
    return told is not None or is_uv
