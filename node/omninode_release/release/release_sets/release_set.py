"""release-set.json: what a run has released, with what tells each thing from any other.

It is written once there is something released, beside the result. That it cannot be written never
changes how a run ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.events import Note
from omninode_release.models.check import CannotTell
from omninode_release.models.phase import PhaseState
from omninode_release.models.release_set import NotReleased, Released, ReleasedFile, ReleaseSet
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.publish import PublishOutput
from omninode_release.phases.registry import read_outputs
from omninode_release.phases.tag import TagOutput
from omninode_release.system.files import atomic_write_private_shared, encode_json
from omninode_release.system.secrets import drop_credentials
from omninode_release.text.formats.sealed_json import seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.state import RepoState, RunState
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World


def keep_release_set(record: RunRecord, world: World) -> None:
    """Write down what is released so far; nothing where nothing is, and trouble is a note."""
    state = record.state
    if state is None or not any(repo.phase is PhaseState.DONE for repo in state.repos.values()):
        return
    path = record.session.places.release_set(record.context_id)
    try:
        value = _compose(state, world)
        check("release-set", value, code=ErrorCode.OUTPUT_INVALID, where=str(path))
        atomic_write_private_shared(path, encode_json(value))
    except (ReleaseError, OSError, ValueError) as error:
        record.session.report(Note(f"{path} could not be written: {error}"))


def _compose(state: RunState, world: World) -> dict[str, Any]:
    order = [row.repo for row in state.plan.entries if row.repo in state.repos]
    done = [name for name in order if state.repos[name].phase is PhaseState.DONE]
    left = {name: state.repos[name] for name in order if name not in done}
    whole = ReleaseSet(
        run_id=state.run_id,
        organization=world.config.organization,
        started_at=state.started_at,
        written_at=world.clock.now(),
        complete=not left,
        plan_hash=state.plan_hash,
        released=tuple(_describe(name, state, world) for name in done),
        not_released=tuple(
            NotReleased(
                repo=name,
                version=repo.new_version,
                phase=repo.completed_phase,
                error_code=repo.error_code,
            )
            for name, repo in left.items()
        ),
        digest=f"sha256:{'0' * 64}",
    )
    return seal(world.programs.secrets.hide_in(whole.model_dump(mode="json")))


def _describe(name: str, state: RunState, world: World) -> Released:
    repo = state.repos[name]
    # Of a repository that is done every phase has left one.
    left: dict[type, Any] = {type(each): each for each in read_outputs(repo.outputs).values()}
    merged, tagged, published = left[MergeOutput], left[TagOutput], left[PublishOutput]
    distribution = repo.distribution or name
    files, problem = _ask_index(world, name, distribution, repo.new_version)
    return Released(
        repo=name,
        remote=drop_credentials(world.site(name).origin),
        distribution=distribution,
        version=repo.new_version,
        commit=merged.merge_sha,
        tags=tagged.tags,
        pr_url=repo.pr_url,
        workflow_run=published.url,
        approver=_find_approver(state, repo),
        plan_hash=repo.approved_hash,
        pypi_status=published.pypi_status,
        files=files,
        files_problem=problem,
    )


def _find_approver(state: RunState, repo: RepoState) -> str | None:
    """Who gave the approval that the repository is released under."""
    found = (each for each in state.approvals if each.plan_hash == repo.approved_hash)
    return next((each.approver for each in found), None)


def _ask_index(
    world: World, name: str, distribution: str, version: str
) -> tuple[tuple[ReleasedFile, ...], str | None]:
    """The files of a version, or why they are not known."""
    if not world.config.publishes(name):
        return (), None
    try:
        return tuple(list_released(world, distribution, version)), None
    except (CannotTell, ReleaseError) as error:
        return (), f"the index did not tell its files: {error}"


def list_released(world: World, distribution: str, version: str) -> Iterator[ReleasedFile]:
    """The files of a version as the index has them now.

    Raises PUBLISH_FAILED for an answer that is not an index's, and CannotTell where none came.
    """
    for each in world.index.list_files(distribution, version):
        yield ReleasedFile(
            **{name: value for name, value in each._asdict().items() if name != "yanked"}
        )
