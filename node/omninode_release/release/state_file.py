"""A state file, written and read: every word of it is judged before any of it is used.

It is a file that others can have written: what stands in it becomes folders, refs and arguments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from omninode_release import __version__
from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.errors.excerpt import show, start_of
from omninode_release.models.model import Model
from omninode_release.models.names import find_ref_fault, is_repo_name, is_sha
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.run_id import is_run_id
from omninode_release.models.state import SCHEMA_VERSION, RunState
from omninode_release.system.files import encode_json, read_file
from omninode_release.system.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from omninode_release.models.state import RepoState
    from omninode_release.system.paths import Places
    from omninode_release.system.secrets import Secrets

_Model = TypeVar("_Model", bound=Model)
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!]{0,63}")


@dataclass(frozen=True)
class StateWriter:
    """Writes states of one run as the bytes of a file, without a secret in them."""

    secrets: Secrets
    _written: dict[str, tuple[Model, Any]] = field(default_factory=dict, repr=False)
    """The plan and each repository as they were last: a step changes one of them."""

    def write(self, state: RunState) -> bytes:
        values = self.secrets.hide_in(state.model_dump(mode="json", exclude={"plan", "repos"}))
        values["plan"] = self._write_part("", state.plan)
        values["repos"] = {name: self._write_part(name, repo) for name, repo in state.repos.items()}
        return encode_json({name: values[name] for name in type(state).model_fields})

    def _write_part(self, name: str, part: Model) -> Any:  # noqa: ANN401 - a JSON value
        before, written = self._written.get(name, (None, None))
        if before is not part:
            written = self.secrets.hide_in(part.model_dump(mode="json"))
            self._written[name] = part, written
        return written


def read_state(path: Path, run_id: str) -> RunState:
    """Parse a state file. Raises STATE_CORRUPT, leaving the file as it is."""
    corrupt = partial(_corrupt_error, path)
    try:
        data = read_file(path)
    except OSError as error:
        raise corrupt(f"it cannot be read ({error.strerror})") from error
    return parse_state(data, run_id, corrupt)


def parse_state(data: bytes, run_id: str, corrupt: Callable[[str], ReleaseError]) -> RunState:
    """The state that a file holds; ``corrupt`` makes the error of why it cannot be used."""
    try:
        value: Any = parse_json(data)
    except ValueError as error:
        raise corrupt(f"it is not JSON ({error})") from error
    try:
        _require_readable(value)
        return fit_model("state", value, RunState, partial(_find_faults, run_id))
    except ValueError as error:
        raise _name_writer(corrupt, str(error), value, run_id) from error


def _require_readable(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Raise ValueError for a state of another schema than ours."""
    version = value.get("schema_version") if isinstance(value, dict) else None
    if version != SCHEMA_VERSION:
        found = (
            "it has no schema_version" if version is None else f"its schema_version is {version!r}"
        )
        raise ValueError(f"{start_of(found, 200)}, and this omni-release reads {SCHEMA_VERSION}")


def _name_writer(
    corrupt: Callable[[str], ReleaseError],
    why: str,
    value: Any,  # noqa: ANN401 - any JSON value
    run_id: str,
) -> ReleaseError:
    """The error of a state that does not fit; the version that wrote it may well read it."""
    writer = value.get("program_version") if isinstance(value, dict) else None
    if not isinstance(writer, str) or writer == __version__ or not _VERSION.fullmatch(writer):
        return corrupt(why)
    error = corrupt(f"{why}; omni-release {writer} wrote it, and this is {__version__}")
    install = typed(("pip", "install", f"omninode-release=={writer}"))
    error.hint = (
        f"{install}, then try again; to give the run up, with that version too: omni-release"
        f" abandon {run_id}"
    )
    return error


def fit_model(
    name: str,
    value: Any,  # noqa: ANN401 - any JSON value
    kind: type[_Model],
    find_faults: Callable[[_Model], Iterator[str]],
) -> _Model:
    """A value that fits the schema ``name`` and its model. Raises ValueError, which says why not.

    ``find_faults`` finds what the schema cannot say of it.
    """
    try:
        check(name, value, code=ErrorCode.STATE_CORRUPT, where="it")
        found = kind.model_validate(value)
        fault = next(find_faults(found), None)
    except ReleaseError as error:
        raise ValueError(error.message.rstrip(".")) from error
    except ValidationError as error:
        raise ValueError(describe_first(error)) from error
    if fault is not None:
        raise ValueError(fault)
    return found


def move_state(state: RunState, places: Places) -> RunState:
    """The state of a run that was at work elsewhere, with the folders that are its own here."""
    clones = {row.repo: row.clone for row in state.plan.entries}
    repos = {
        name: repo.model_copy(update=_move(repo, str(places.worktree(state.run_id, clones[name]))))
        for name, repo in state.repos.items()
    }
    return state.model_copy(update={"omni_home": str(places.omni_home), "repos": repos})


def _move(repo: RepoState, worktree: str) -> dict[str, object]:
    if Phase.WORKTREE not in repo.outputs:
        return {}
    output = repo.outputs[Phase.WORKTREE] | {"worktree_path": worktree}
    return {"worktree_path": worktree, "outputs": repo.outputs | {Phase.WORKTREE: output}}


def _find_faults(run_id: str, state: RunState) -> Iterator[str]:
    if state.run_id != run_id:
        yield f"it belongs to the run {state.run_id}, not {run_id}"
    if not is_run_id(state.context_id):
        yield f"context_id: expected the name of a folder, found {state.context_id!r}"
    rows = {row.repo for row in state.plan.entries}
    for name in (*rows, *state.repos, *state.targets):
        if not is_repo_name(name):
            yield f"expected names of repositories, found {show(name)}"
    yield from _find_plan_faults(state)
    for name, repo in state.repos.items():
        if name not in rows:
            yield f"plan: expected a row of {name}, which is under repos, found none"
        yield from _find_output_faults(name, repo.outputs)
        lacking = [phase for phase in Phase if phase not in repo.outputs]
        if repo.phase is PhaseState.DONE and lacking:
            none = f"found none of {', '.join(lacking)}"
            yield f"repos/{name}: expected the evidence of each phase of what is DONE, {none}"
    yield from find_odd_names(state.model_dump(mode="json"))


def _find_plan_faults(state: RunState) -> Iterator[str]:
    for row in state.plan.remaining:
        if row.repo not in state.repos:
            yield f"repos: expected {row.repo}, which is planned, found none"
        if row.current is None or row.new is None or row.bump is None:
            yield f"plan: expected versions and a level of {row.repo}, found none"


def _find_output_faults(name: str, outputs: Mapping[Phase, Mapping[str, Any]]) -> Iterator[str]:
    """What is not the evidence that its phase leaves."""
    for phase, output in outputs.items():
        from omninode_release.phases.registry import read_outputs  # noqa: PLC0415 - start-up time

        try:
            read_outputs({phase: output})
        except ValidationError as error:
            yield f"repos/{name}/outputs/{phase}/{describe_first(error)}"


def find_odd_names(value: object, place: tuple[str, ...] = ()) -> Iterator[str]:
    """Commits and refs, wherever they stand, that git could take for something else."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from find_odd_names(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from find_odd_names(each, (*place, str(number)))
    elif isinstance(value, str) and place:
        key = place[-2] if place[-1].isdigit() and len(place) > 1 else place[-1]
        if key.endswith("sha") and not is_sha(value):
            yield f"{'/'.join(place)}: expected a commit, found {show(value)}"
        if key in {"tag", "tags", "last_tag", "branch", "base_branch"} and find_ref_fault(value):
            yield f"{'/'.join(place)}: expected a name of git's, found {show(value)}"


def describe_first(error: ValidationError) -> str:
    """Where a value does not fit its model first, and why."""
    problem = error.errors(include_url=False)[0]
    return f"{'/'.join(map(str, problem['loc'])) or '(top level)'}: {problem['msg']}"


def _corrupt_error(path: Path, why: str) -> ReleaseError:
    move = typed(("mv", str(path), f"{path}.broken"))
    return ReleaseError(
        ErrorCode.STATE_CORRUPT,
        f"the state file {path} cannot be used: {why}. It is left as it was.",
        hint=f"restore it, or move it away ({move}) and start a fresh run",
    )
