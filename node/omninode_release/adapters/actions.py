"""A publish workflow whose triggers are read as GitHub reads them."""

from __future__ import annotations

from dataclasses import dataclass

from omninode_release.text.workflows.workflow import WORKFLOW_FOLDER, is_started_by


class ReadsActions:
    """Where a workflow of GitHub Actions stands, and what starts it."""

    workflow: str
    """Its file's name."""

    @property
    def workflow_path(self) -> str:
        return f"{WORKFLOW_FOLDER}/{self.workflow}"

    def is_started_by(self, tag: str, workflow: str) -> bool:
        """True when pushing ``tag`` starts the publish workflow, whose text is ``workflow``."""
        return is_started_by(workflow, tag)


@dataclass(frozen=True)
class ActionsWorkflow(ReadsActions):
    """Such a workflow alone, without the forge that it runs on."""

    workflow: str
    runs_elsewhere: bool
