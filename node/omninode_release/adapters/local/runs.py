"""The publish workflow on the embedded forge: a tag's tree is built and published at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError
from omninode_release.models.forge import WorkflowRun
from omninode_release.system.presence import is_there

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from omninode_release.adapters.local.repository import BareRepository
    from omninode_release.models.forge import WorkflowRunState


@dataclass(frozen=True)
class LocalRuns:
    """The publish workflow of one repository."""

    origin: BareRepository
    repo: str
    package: str
    publish: Callable[[Path], None]
    """Builds the tree it is given and puts the files on the index."""

    def find(
        self,
        tags: Sequence[str],
        sha: str,
        *,
        pushed: bool = True,  # noqa: ARG002 - nothing starts it but ``dispatch``
    ) -> WorkflowRun | None:
        """The run for one of ``tags``, if there is one."""
        for tag in tags:
            name = self._name_record(tag)
            found = self.origin.read(name) if is_there(self.origin.record(name)) else {}
            if found.get("sha") == sha:
                # It runs inside ``dispatch``: one that is seen running was killed.
                state: WorkflowRunState = "success" if found["state"] == "success" else "failure"
                return WorkflowRun(f"local://{self.repo}/runs/{tag}", state, found["detail"])
        return None

    def dispatch(self, tag: str) -> None:
        """Build the tag's tree and publish it, there and then."""
        sha = self.origin.git.commit_of(f"refs/tags/{tag}")
        if sha is None:
            raise ReleaseError(
                ErrorCode.PUBLISH_FAILED, f"expected the tag {tag} in {self.origin.path}."
            )
        name, run = self._name_record(tag), {"tag": tag, "sha": sha, "package": self.package}
        killed = {"state": "running", "detail": "it was killed before its end"}
        self.origin.write(name, run | killed)
        outcome = {"state": "success", "detail": ""}
        with self.origin.repository_at(sha) as tree:
            try:
                self.publish(tree)
            except ProgramFailed as error:
                outcome = {"state": "failure", "detail": error.detail or error.message}
        self.origin.write(name, run | outcome)

    def _name_record(self, tag: str) -> str:
        """A record of its own for each package of a repository that have the tag together."""
        name = f"runs/{tag.replace('/', '--')}"
        is_others = is_there(self.origin.record(name)) and (
            self.origin.read(name).get("package", self.package) != self.package
        )
        return f"{name}@{self.package}" if is_others else name
