"""Which exit code an ending has; contract.yaml owns the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode
from omninode_release.models.result import ResultStatus

if TYPE_CHECKING:
    from omninode_release.models.result import ModelSkillResult
    from omninode_release.models.state import RunState

EXIT_OK = 0
"""By convention of every shell, and known without reading the contract."""


def exit_code(name: str) -> int:
    """The exit code that contract.yaml lists under ``name``."""
    return next(each.code for each in load_contract().exit_codes if each.name == name)


def exit_code_of_error(code: ErrorCode, *, partial: bool) -> int:
    """The exit code of an error; ``partial`` where a repository was released before it."""
    plain = load_contract().error(code).exit_code
    return exit_code("partial") if partial and plain == exit_code("failed") else plain


def exit_code_of_result(result: ModelSkillResult) -> int:
    """The exit code of a run that has ended (spec, Status Values)."""
    if result.status in {ResultStatus.SUCCESS, ResultStatus.DRY_RUN}:
        return EXIT_OK
    code = result.error_code or ErrorCode.INTERNAL_ERROR
    return exit_code_of_error(code, partial=result.status is ResultStatus.PARTIAL)


def exit_code_of_state(state: RunState) -> int:
    """The exit code of a run that nothing carries out any more, from what it wrote last."""
    if state.status == "completed":
        return EXIT_OK
    if state.status == "in_progress" or state.error_code is None:  # killed: it wrote no end
        return exit_code("interrupted")
    return exit_code_of_error(state.error_code, partial=state.status == "partial")
