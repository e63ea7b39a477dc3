"""State that outlives the machine: runs in a branch of a control repository (``state: git``).

    runs/RUN/state.json     the run's state, byte for byte as it stands in its owner's state root
    runs/RUN/lease.json     who is at work on it; not there while none is
    archive/RUN.json        the state of a run that is over

Here is asked what stands there; ``control.py`` writes.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError
from omninode_release.models.lease import Lease
from omninode_release.release.state_file import parse_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.adapters.git.branch_files import BranchFiles
    from omninode_release.models.state import RunState


@dataclass(frozen=True)
class ControlBranch:
    """The branch as it was fetched last."""

    files: BranchFiles
    url: str

    @property
    def name(self) -> str:
        """The branch and its repository, for a message."""
        return f"the branch {self.files.branch} of {self.url}"

    def fetch(self) -> None:
        """See what is there. Raises STORAGE_FAILED."""
        with self.reach("be read"):
            self.files.open(self.url)
            self.files.fetch()

    def find_state(self, run_id: str, *, over: bool = False) -> RunState | None:
        """The state of a run that is not over, or of one that is. Raises STATE_CORRUPT."""
        path = over_path(run_id) if over else state_path(run_id)
        data = self.files.read(path)
        if data is None:
            return None
        return parse_state(data, run_id, partial(self._corrupt_error, path))

    def is_over(self, run_id: str) -> bool:
        """True for the name of a run that is over."""
        return self.files.read(over_path(run_id)) is not None

    def list_runs(self) -> list[str]:
        """The names of all runs that are not over."""
        paths = (each.split("/") for each in self.files.list_files())
        return [each[1] for each in paths if each[0] == "runs" and each[2:] == ["state.json"]]

    def find_lease(self, run_id: str) -> Lease | None:
        """Who is at work on a run. Raises STORAGE_FAILED where that cannot be read."""
        data = self.files.read(lease_path(run_id))
        if data is None:
            return None
        try:
            return Lease.model_validate_json(data)
        except ValidationError as error:
            raise ReleaseError(
                ErrorCode.STORAGE_FAILED,
                f"expected {lease_path(run_id)} on {self.name} to say who is at work on {run_id},"
                f" found what cannot be read ({error.errors(include_url=False)[0]['msg']}).",
                hint=f"delete that file on the branch {self.files.branch} by an ordinary commit,"
                " once no process is at work on the run",
            ) from None

    def _corrupt_error(self, path: str, why: str) -> ReleaseError:
        return ReleaseError(
            ErrorCode.STATE_CORRUPT,
            f"{path} on {self.name} cannot be used: {why}. It is left as it was.",
            hint=f"{self.files.type_log(path)} shows who wrote it;"
            " commit an earlier one there again",
        )

    @contextmanager
    def reach(self, what: str, *, resume: str | None = None) -> Iterator[None]:
        """Raise STORAGE_FAILED where git cannot reach or change the branch."""
        try:
            yield
        except ProgramFailed as error:
            remedy = error.hint or "see that the control repository can be reached"
            raise ReleaseError(
                ErrorCode.STORAGE_FAILED,
                f"expected {self.name} to {what} (state of the release configuration), found:"
                f" {error.last_words.rstrip('.')}.",
                hint=f"{remedy}, then {resume}" if resume else remedy,
                detail=error.detail,
            ) from error


def folder_path(run_id: str) -> str:
    return f"runs/{run_id}"


def state_path(run_id: str) -> str:
    return f"runs/{run_id}/state.json"


def lease_path(run_id: str) -> str:
    return f"runs/{run_id}/lease.json"


def over_path(run_id: str) -> str:
    return f"archive/{run_id}.json"
