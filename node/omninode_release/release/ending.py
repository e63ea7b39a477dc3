"""How an invocation ends: its result, its exit code, and the error that stopped it."""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from omninode_release.contract.exit_codes import exit_code, exit_code_of_result
from omninode_release.contract.load import load_contract
from omninode_release.contract.schemas import check
from omninode_release.errors import (
    ErrorCode,
    ProgramFailed,
    ReleaseError,
    Terminated,
    is_of_the_machine,
    storage_error,
)
from omninode_release.events import Note
from omninode_release.models.phase import PhaseState
from omninode_release.models.result import ModelSkillResult, ResultStatus
from omninode_release.release.result import compose_result
from omninode_release.release.state_file import read_state
from omninode_release.system.files import atomic_write_private_shared, encode_json
from omninode_release.system.presence import is_file, is_there
from omninode_release.text.next_commands import pass_token, place_commands
from omninode_release.text.run_summary import list_what_stays

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.models.plan import Plan
    from omninode_release.models.plan_file import PlanFile
    from omninode_release.models.state import RunState
    from omninode_release.release.environment import Environment
    from omninode_release.release.record import RunRecord
    from omninode_release.release.session import Session


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended, for a person, a caller and the shell."""

    result: ModelSkillResult
    exit_code: int
    error: ReleaseError | None = None
    plan: Plan | None = None
    """What was shown, where it came so far."""
    files: tuple[tuple[str, Path], ...] = ()
    """What the run has left to read, each with its name."""
    written: Path | None = None
    """The result file, where this invocation wrote it."""


def refuse(
    stopped: BaseException, environment: Environment, session: Session | None = None
) -> Outcome:
    """The outcome of an invocation that ``stopped`` ended before there was a run.

    So does a stop that comes again, and while a run is ending: what that has begun is gone on with.
    The traceback of a bug goes to stderr. Raises anything that is neither an error nor an
    interruption.
    """
    resume = _find_resume(session) if session else None
    error = _explain(stopped, resume=resume, report=partial(_print_bug, environment))
    error.hint = place_commands(error.hint or "", environment.place)
    at = environment.clock.now()
    result = compose_result(
        run_id="", status=ResultStatus.FAILED, started_at=at, finished_at=at, error=error
    )
    result = _hide_secrets(result, environment)
    return Outcome(result, _exit_code(stopped, result), error)


def _find_resume(session: Session) -> str | None:
    """What goes on with the run that the invocation was to carry out, where it has begun."""
    try:
        if session.request.dry_run or not session.store.has_state(session.run_id):
            return None
    except OSError:  # a folder that may not be read has stopped it, and is told
        return None
    resume = f"omni-release --resume {session.run_id}"
    token = session.request.gate_attestation
    return pass_token(resume, session.run_id, token, ErrorCode.INTERRUPTED)


def conclude(
    record: RunRecord,
    status: ResultStatus,
    *,
    exit_with: int | None = None,
    plan_file: PlanFile | None = None,
) -> Outcome:
    """The outcome of an invocation that nothing stopped; its result is written.

    A dry run leaves the result of a run of its name as it is, and says so.
    """
    result = _compose(record, status).model_copy(update={"plan": plan_file})
    code = exit_code_of_result(result) if exit_with is None else exit_with
    if _is_of_another(record):
        path, run_id = record.session.places.result(record.context_id), record.session.run_id
        record.session.report(
            Note(
                f"{path} is left to the run {run_id}; --json prints the result of this"
                " dry run, --context-id NAME keeps it"
            )
        )
        return Outcome(result, code, plan=record.plan)
    written = _write_result(record, result)
    return Outcome(result, code, plan=record.plan, files=_list_files(record), written=written)


def fail(record: RunRecord, stopped: BaseException, *, keeps_state: bool = False) -> Outcome:
    """The outcome of an invocation that ``stopped`` ended; its result is written, if it is its own.

    So is its state, where it has one, unless ``keeps_state`` or the error's code says that it
    stays as it was. PARTIAL once a repository was released, FAILED before. Raises anything that is
    neither an error nor an interruption.
    """
    has_state = record.state is not None and record.session.store.has_state(record.session.run_id)
    resume = f"omni-release --resume {record.session.run_id}" if has_state else None
    error = _explain(stopped, resume=resume, report=partial(_log_bug, record))
    placed = place_commands(error.hint or "", record.session.environment.place)
    token = record.session.request.gate_attestation
    error.hint = pass_token(placed, record.session.run_id, token, error.code)
    spec = load_contract().error(error.code)
    error.message = _tell_what_stays(record.state, after=error.message)
    keeps_state = keeps_state or spec.state_status not in {"failed", "partial"}
    if record.state is not None and not keeps_state:
        with contextlib.suppress(ReleaseError):  # a full disk may be what it ended by
            record.end(error)
    is_own = spec.result_file and not _is_of_another(record)
    if record.state is None and record.session.request.resume and is_own:  # what is released stays
        with contextlib.suppress(ReleaseError):
            record.state = record.session.store.load(record.session.run_id)
    repos = record.state.repos.values() if record.state else ()
    done = any(repo.phase is PhaseState.DONE for repo in repos)
    result = _compose(record, ResultStatus.PARTIAL if done else ResultStatus.FAILED, error)
    written = _write_result(record, result) if is_own else None
    files = _list_files(record) if is_own else ()
    return Outcome(result, _exit_code(stopped, result), error, files=files, written=written)


def _is_of_another(record: RunRecord) -> bool:
    """True where the result there is that of a run which this invocation does not carry out.

    A run writes its result under its lock. What is refused before that, or only looks, leaves alone
    what is at work, over, or begun; only a resume that is refused speaks for the run it was to be.
    A folder that the caller names for this invocation is the caller's.
    """
    session, request, store = record.session, record.session.request, record.session.store
    if request.context_id or (session.has_lock and record.state is not None):
        return False
    if store.is_archived(session.run_id) or store.lock.is_held_by_another(session.run_id):
        return True
    is_the_run = request.resume is not None and not request.dry_run
    return not is_the_run and _has_begun(session)


def _has_begun(session: Session) -> bool:
    """True for a name under which something was begun; also where its state cannot be read."""
    path = session.places.state(session.run_id)
    try:
        state = read_state(path, session.run_id) if is_file(path) else None
    except ReleaseError:
        return True
    return state is not None and any(repo.is_begun for repo in state.repos.values())


def _list_files(record: RunRecord) -> tuple[tuple[str, Path], ...]:
    """Result and journal, where they are: a run that is over is archived after this."""
    places, run_id = record.session.places, record.session.run_id
    journal = places.journal(run_id)
    done = record.state is not None and record.state.status == "completed"
    journal = places.archive / journal.name if done else journal
    files = (("Result", places.result(record.context_id)), ("Journal", journal))
    return files if is_there(record.session.places.state(run_id)) else ()


def _tell_what_stays(state: RunState | None, *, after: str) -> str:
    """What is said, and the releases that stopped between their merge and their publication."""
    stays = [*list_what_stays(state)] if state else []
    return f"{after.removesuffix('.')}. {'; '.join(stays)}." if stays else after


def _compose(
    record: RunRecord, status: ResultStatus, error: ReleaseError | None = None
) -> ModelSkillResult:
    session, state = record.session, record.state
    result = compose_result(
        run_id=session.run_id,
        status=status,
        started_at=state.started_at if state else session.started_at,
        finished_at=session.clock.now(),
        plan=record.plan or (state.plan if state else None),
        state=state,
        error=error,
        warnings=record.warnings,
    )
    return _hide_secrets(result, session.environment)


def _hide_secrets(result: ModelSkillResult, environment: Environment) -> ModelSkillResult:
    """The result as it may be kept and handed on, also to a caller in Python."""
    value = result.model_dump(mode="json")
    shown = environment.secrets.hide_in(value)
    return result if shown == value else ModelSkillResult.model_validate(shown)


def _write_result(record: RunRecord, result: ModelSkillResult) -> Path | None:
    """Where the result is, once it is written; trouble is a note."""
    path = record.session.places.result(record.context_id)
    try:
        if result.status is not ResultStatus.DRY_RUN:  # start-up time
            value = result.model_dump(mode="json")
            check("result", value, code=ErrorCode.OUTPUT_INVALID, where=str(path))
        atomic_write_private_shared(path, encode_json(result))  # a dry run takes no lock
    except OSError as error:
        record.session.report(Note(f"the result file could not be written: {error}"))
        return None
    return path


def _explain(
    stopped: BaseException, *, resume: str | None, report: Callable[[Exception], str]
) -> ReleaseError:
    """What stopped the invocation as an error of the table.

    ``resume`` is the command to go on with, where there is something to go on with; ``report``
    keeps the traceback of a bug and answers where it is.
    """
    match stopped:
        case ProgramFailed() if "omni-release" not in (stopped.hint or ""):
            stopped.hint = f"{stopped.hint or 'mend that'}, then {resume or 'start again'}"
            return stopped
        case ReleaseError():
            return stopped
        case KeyboardInterrupt():
            recorded = "; everything done so far is recorded" if resume else ""
            return ReleaseError(
                ErrorCode.INTERRUPTED, f"interrupted{recorded}.", hint=resume or "start it again"
            )
        case OSError() if is_of_the_machine(stopped):
            return storage_error(stopped, resume=resume)
        case Exception():
            place = report(stopped)
            return ReleaseError(
                ErrorCode.INTERNAL_ERROR,
                f"{type(stopped).__name__}: {stopped}. This is a bug; the traceback is {place}.",
                hint=f"report it with the traceback{f', then {resume}' if resume else ''}",
            )
        case _:
            raise stopped


def _log_bug(record: RunRecord, bug: Exception) -> str:
    session = record.session
    log = session.places.states / f"{session.run_id}.log"
    text = session.environment.secrets.hide("".join(traceback.format_exception(bug)))
    try:
        atomic_write_private_shared(log, text.encode(errors="backslashreplace"))
    except OSError:
        session.environment.complain(text.rstrip())
        return "on stderr"
    return f"in {log}"


def _print_bug(environment: Environment, bug: Exception) -> str:
    environment.complain("".join(traceback.format_exception(bug)).rstrip())
    return "on stderr"


def _exit_code(stopped: BaseException, result: ModelSkillResult) -> int:
    if isinstance(stopped, Terminated):
        return exit_code("terminated")
    return exit_code_of_result(result)
