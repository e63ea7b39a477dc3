"""The gate's thread in Slack, told of every repository that ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_release.events import Note, RepoDone, StepFailed
from omninode_release.models.phase import Phase
from omninode_release.text.slack.blocks import make_line_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.events import Event
    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.state import RepoState
    from omninode_release.release.record import RunRecord


@dataclass
class ThreadUpdates:
    """Subscribes to a run; a Slack that takes no update never changes how the run ends."""

    record: RunRecord
    slack: SlackGate
    has_failed: bool = False
    """It is said once."""

    def __call__(self, event: Event) -> None:
        if isinstance(event, RepoDone | StepFailed):
            self._tell(event.repo)

    def _tell(self, name: str) -> None:
        state = self.record.state
        gate = state.gate if state else None
        repo = state.repos.get(name) if state else None
        if gate is None or repo is None or gate.decision != "approved" or not gate.posted_ts:
            return
        # Before it is cut into blocks: half a secret is not known for one.
        text = self.record.session.environment.secrets.hide(" ".join(_describe(name, repo)))
        blocks = make_line_blocks(text, [*_list_links(repo)])
        failure = self.slack.update(gate.posted_ts, text, blocks)
        if failure is not None and not self.has_failed:
            self.has_failed = True
            self.record.session.report(Note(f"the thread was not updated: {failure.message}"))


def _describe(name: str, repo: RepoState) -> Iterator[str]:
    """How a repository ended, in the words of the summary."""
    yield f"{name} {repo.old_version} → {repo.new_version}: {repo.error_code or repo.phase}"
    yield from filter(None, (repo.stays, repo.pr_url, repo.tag))
    status = repo.outputs.get(Phase.PUBLISH, {}).get("pypi_status")
    if status is not None:
        yield f"index: {status}"
    if repo.error is not None:
        yield f"— {' '.join(repo.error.split())}"


def _list_links(repo: RepoState) -> Iterator[tuple[str, str | None]]:
    yield f"pull request #{repo.pr_number}", repo.pr_url
    yield "workflow run", repo.outputs.get(Phase.PUBLISH, {}).get("url")
