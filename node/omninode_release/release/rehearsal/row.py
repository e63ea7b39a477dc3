"""One repository's part of a rehearsal: BUMP to LINT and a build, in a throw-away tree."""

from __future__ import annotations

import os
import re
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.contract.load import load_contract
from omninode_release.errors import (
    CommandFailed,
    ErrorCode,
    ProgramFailed,
    ReleaseError,
    ToolMissing,
)
from omninode_release.models.check import Check
from omninode_release.models.phase import Phase
from omninode_release.models.place import WHOLE
from omninode_release.phases.lint import HooksFailed, find_no_hooks
from omninode_release.phases.lock import LockOutput, needs_network
from omninode_release.phases.locks.by_uv import require_cutoff_admits
from omninode_release.phases.registry import phase_handler
from omninode_release.phases.shared.owned_files import list_foreign_changes, require_only_owned
from omninode_release.phases.shared.tags import read_workflow
from omninode_release.release.rehearsal.built_needs import check_built_needs
from omninode_release.release.rehearsal.packed_files import (
    check_whole,
    is_left_out,
    require_package,
)
from omninode_release.release.rehearsal.tree import judges_stand_in, refuse_left
from omninode_release.text.manifests.manifest import MANIFEST, read_requirements
from omninode_release.text.uv_output import explain_uv, is_offline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from omninode_release.models.check import CheckState
    from omninode_release.models.place import Place
    from omninode_release.models.plan import RepoPlan
    from omninode_release.phases.ports import Context
    from omninode_release.release.rehearsal.tree import RehearsedTree

_EDITS = (Phase.BUMP, Phase.PIN, Phase.CHANGELOG)
_NEEDED = frozenset({Phase.BUMP, Phase.PIN})
"""Without these there is nothing worth locking or building."""
_RESUME = re.compile(r"omni-release --resume \S+")
_COMMIT = "commit that"


@dataclass
class RowRehearsal:
    """The rehearsal of one row, against what the rows before it have left on the stage."""

    tree: RehearsedTree
    is_stuck: bool = False
    """True once a step has failed that the others need."""

    @property
    def row(self) -> RepoPlan:
        return self.tree.row

    def edit(self) -> Iterator[Check]:
        """What BUMP to CHANGELOG would fail by; what cannot be locked or built then is stuck."""
        self.is_stuck = True
        try:
            self.tree.unpack()
            context = self.tree.make_context()
        except ReleaseError as error:
            yield self._failure("rehearsal", error.code, error)
            return
        for phase in _EDITS:
            failure = self._try_phase(phase, context)
            if failure is not None:
                yield failure
                if phase in _NEEDED:
                    return
        self.is_stuck = False

    def lock(self) -> Iterator[Check]:
        if not self.is_stuck:
            yield from filter(None, [self._try_lock(self.tree.make_context())])

    def lint(self, rows: Sequence[RowRehearsal]) -> Iterator[Check]:
        """What LINT would fail by; a warning where it waits for a person to mend that.

        ``rows`` are those of the tree, itself among them: hooks see what all of them have written.
        """
        steps = [replace(row.tree.step, number=at) for at, row in enumerate(rows)]
        step = next(each for each in steps if each.row is self.row)
        step = replace(step, companions=tuple(each for each in steps if each is not step))
        ctx = self.tree.make_context()
        is_locked = all(Phase.LOCK in row.tree.outputs for row in rows)
        left = list_foreign_changes(step, ctx) if is_locked and self is rows[0] else []
        # LINT begins with it. What a CHANGELOG that failed has left is no fault of its own.
        is_whole = all(Phase.CHANGELOG in row.tree.outputs for row in rows)
        yield from [refuse_left(self.row, left)] if left and is_whole else []
        if left or not is_locked or find_no_hooks(step, ctx) is not None:
            return
        if self.tree.stage.offline:
            why = f"{ctx.hooks.name} is not run, for it cannot be told to use no network"
            yield Check(self.row.repo, "lint", "unknown", why)
            return
        try:
            self.tree.outputs[Phase.LINT] = phase_handler(Phase.LINT).apply(step, ctx)
            require_only_owned(step, ctx)  # COMMIT would stop at what hooks have left
            self.tree.clean(row.tree for row in rows)
        except ReleaseError as error:
            check = self._judge_lint(error, rows)
            if check.state == "failed":  # what would be built is not what would be released
                for row in rows:
                    row.is_stuck = True
            yield check

    def _judge_lint(self, error: ReleaseError, rows: Sequence[RowRehearsal]) -> Check:
        base = f"{self.row.base_branch} of {self.row.clone}"
        state: CheckState = "warning"
        hint = f"mend that on {base} and start again, or in the worktree once the run has stopped"
        if isinstance(error, HooksFailed):
            pinned = self.tree.stage.list_pinned(self.row)
            if not error.hooks and any(name in error.detail for name in pinned):
                state, hint = "unknown", ""  # it looks for what is not published yet
            elif judges_stand_in(error, [row.tree for row in rows]):
                state, hint = "unknown", "the poetry.lock of a rehearsal is not that of the run"
            elif not error.is_judgement:
                state, hint = "failed", "mend what it names, and start again"
        elif isinstance(error, ProgramFailed):
            hint = _reword(error.hint or "mend that", self.row)
        elif isinstance(error, ToolMissing) and error.is_path:  # the pre-flight looks for others
            state, hint = "failed", _reword(error.hint or "", self.row)
        elif error.code is ErrorCode.LINT_FAILED:
            state, hint = "failed", f"mend the hook on {base}, and start again"
        reason = f": {error.reason}" if isinstance(error, HooksFailed) else ""
        text = self._rename(f"{error.message.rstrip('.')}{reason}")
        code = error.code if state == "failed" else None
        return Check(self.row.repo, "lint", state, text, hint, code)

    def build(self, rows: Sequence[RowRehearsal]) -> Iterator[Check]:
        """What a build would fail by; a warning of what would not install. ``rows`` as for lint."""
        if self.is_stuck:
            return
        yield from filter(None, [self._try_to_resolve()])  # it leaves a lock, so not before LINT
        if self.tree.world.config.publishes(self.row.repo):
            yield from self._try_build([row.tree for row in rows])

    def _try_phase(self, phase: Phase, ctx: Context) -> Check | None:
        step, handler = self.tree.step, phase_handler(phase)
        try:
            output = self.tree.outputs[phase] = handler.done(step, ctx) or handler.apply(step, ctx)
            if phase is Phase.LOCK and output.owned_files():
                require_cutoff_admits(step, ctx, self.tree.stage.list_pinned(self.row))
        except ReleaseError as error:
            code = load_contract().code_in(phase, error.code)
            return self._failure(phase, code, error)
        return None

    def _try_lock(self, ctx: Context) -> Check | None:
        if self.tree.stage.offline and needs_network(self.tree.step, ctx):
            why = "not locked, for a program that does it cannot be told to use no network"
            return Check(self.row.repo, "lock", "unknown", why)
        failure = self._try_phase(Phase.LOCK, ctx)
        if failure and self.row.pins and isinstance(ctx.config.lock_for(self.row.repo), tuple):
            # It need not look into the folders where what is pinned was built.
            return failure._replace(state="unknown", code=None)
        return failure

    def _try_to_resolve(self) -> Check | None:
        """A warning for a repository that LOCK passes over, where its requirements do not fit."""
        output = self.tree.outputs.get(Phase.LOCK)
        if not isinstance(output, LockOutput) or output.locked:
            return None
        if any(pin.together for pin in self.row.pins):  # built later: there is nothing to find
            return None
        if self.tree.make_context().files.read(MANIFEST) is None:  # uv locks nothing else
            return None
        try:
            self.tree.uv.lock(self.tree.step.home, refresh=())
        except ReleaseError as error:
            return self._failure("requirements", ErrorCode.LOCK_FAILED, error)._replace(
                state="warning", code=None
            )
        return None

    def _try_build(self, trees: Collection[RehearsedTree]) -> Iterator[Check]:
        out = self.tree.stage.folder / ".out" / self.row.repo
        out.mkdir(parents=True)
        try:
            self.tree.commit(trees)
            files = self.tree.uv.build(self.tree.step.home, out)
            require_package(files, self.tree.step.distribution, self.tree.step.new)
            links = self.tree.clone.find_links(self.row.base_sha or "")
            require_own_content(files, self.tree.path, links, self.tree.step.place)
        except ReleaseError as error:
            yield self._judge_build(error)
            return
        wheel = next(file for file in files if file.suffix == ".whl")
        rows = self.tree.stage.list_released()
        yield from check_built_needs(self.row, wheel, rows, known=self._read_needs())
        clone, sha = self.tree.clone, self.row.base_sha or ""
        pointers, submodules = clone.find_pointers(sha), clone.find_submodules(sha)
        if pointers or submodules:
            workflow = self._read_workflow()
            yield from check_whole(
                self.row, wheel, workflow, pointers=pointers, submodules=submodules
            )
        for file in files:
            file.rename(self.tree.stage.wheels / file.name)

    def _judge_build(self, error: ReleaseError) -> Check:
        """What fails may lack submodules, which a rehearsal leaves out and a workflow need not."""
        check = self._failure("build", ErrorCode.PUBLISH_FAILED, error)
        missing = self.tree.clone.find_submodules(self.row.base_sha or "")
        if not missing or is_left_out(self._read_workflow(), "submodules"):
            return check
        why = f"a rehearsal checks no submodules out ({', '.join(missing)}), the workflow does"
        return check._replace(state="unknown", hint=why, code=None)

    def _read_workflow(self) -> str | None:
        """The workflow that publishes; None where the embedded forge does."""
        ctx = self.tree.make_context()
        if not ctx.forge.runs_elsewhere:
            return None
        return read_workflow(self.tree.step, ctx, self.row.base_sha or "")

    def _read_needs(self) -> set[str]:
        read = self.tree.make_context().files.read
        needs = read_requirements(read(MANIFEST) or "", where=self.row.repo, read=read)
        return {each.name for each in needs}

    def _failure(self, what: str, code: ErrorCode, error: ReleaseError) -> Check:
        text = error.message
        if isinstance(error, CommandFailed) and error.argv[0] == "uv":
            text = f"`uv {error.argv[1]}` fails: {explain_uv(error.stderr)}"
        unknown = self.tree.stage.offline and is_offline(error.detail)
        return Check(
            self.row.repo,
            what,
            "unknown" if unknown else "failed",
            self._rename(text),
            self._rename(_reword(error.hint or "", self.row)),
            None if unknown else code,
        )

    def _rename(self, text: str) -> str:
        """The text with the repository's name in place of a folder that will be gone."""
        return text.replace(str(self.tree.path), self.row.clone)


def _reword(hint: str, row: RepoPlan) -> str:
    """What to do about a failure of a step, where nothing is begun and nothing to resume."""
    base = f"{row.base_branch} of {row.clone}"
    if not hint:
        return f"mend what it names, on {base} if it is there, then start again"
    reworded = _RESUME.sub("start again", hint.replace(_COMMIT, f"land that on {base}"))
    return reworded if "start again" in reworded else f"{reworded}, then start again"


def require_own_content(
    files: Sequence[Path], tree: Path, links: Iterable[str], place: Place = WHOLE
) -> None:
    """Raise PUBLISH_FAILED where the sdist has what one of ``links`` leads to outside of ``tree``.

    Back ends pack what a link leads to; a wheel is built from the sdist. The package is the files
    of ``place``.
    """
    root = tree.resolve()
    outside = [
        link for link in links if not Path(os.path.realpath(root / link)).is_relative_to(root)
    ]
    packed = _list_content(files) if outside else ()
    inner = {link: place.inner(link) for link in outside}
    found = [
        link
        for link, path in inner.items()
        if path is not None and any(f"{name}/".startswith(f"{path}/") for name in packed)
    ]
    if found:
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the package to have files of the repository only, found"
            f" {', '.join(found)}, which leads out of it: what stands there on the machine that"
            " builds would be published.",
            hint="replace the link by a file, or by a link to one in the repository, and start"
            " again",
        )


def _list_content(files: Sequence[Path]) -> set[str]:
    """Paths in the sdist, without the folder that all of it lies in."""
    sdist = next(file for file in files if file.suffix != ".whl")
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}
