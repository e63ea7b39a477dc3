"""What a release of one row will make, found by the code that makes it, and without a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.adapters.registry import FORGES
from omninode_release.errors import ReleaseError
from omninode_release.phases.changelogs import preview_entry
from omninode_release.phases.ports import EntryContext
from omninode_release.phases.shared.tags import release_tags
from omninode_release.release.scanned_clone import ScannedClone, SeenClone
from omninode_release.system.worktree_files import Tree

if TYPE_CHECKING:
    from omninode_release.adapters.tool_ports import Collector
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.session import Session
    from omninode_release.release.steps import Stage
    from omninode_release.system.process import Runner


def foresee(
    row: RepoPlan,
    stage: Stage,
    session: Session,
    facts: RepoFacts | None,
    collector: Collector | None,
) -> dict[str, Any]:
    """The tags and the changelog entry that a release will make: fields of ``PlannedRow``.

    ``facts`` are what the scan has read, ``collector`` takes the place of the one that runs a
    program. Raises what a phase does.
    """
    config, place = session.config, session.config.place_of(row.repo)
    run, seconds = session.programs.at(f"{row.repo}/rehearsal"), config.timeouts.git_seconds
    path = session.scan().git(row.repo).path
    clone = (
        ScannedClone(path, run, seconds, place=place)
        if facts is None
        else SeenClone(path, run, seconds, place=place, seen=facts)
    )
    step = stage.step(row, config, {})
    ctx = EntryContext(
        config=config,
        clone=clone,
        files=Tree(step.path, step.place.folder),
        forge=FORGES[config.forge]().workflows(config.publish_for(row.repo)),
        collector=collector or _open_towncrier(run, seconds),
    )
    tags = release_tags(step, ctx, row.base_sha or "")
    try:
        return {"tags": tags, "entry": preview_entry(step, ctx)}
    except ReleaseError as error:
        return {"tags": tags, "entry_problem": error.text}


def _open_towncrier(run: Runner, seconds: float) -> Collector:
    # Only a rehearsal may run it.
    from omninode_release.adapters.towncrier import Towncrier  # noqa: PLC0415

    return Towncrier(run, seconds)
