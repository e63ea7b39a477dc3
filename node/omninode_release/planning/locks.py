"""Locks that LOCK does not write: refused where the pins make them stale, named where not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.facts import RepoFacts
from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.models.seen import Seen, SeenKind
from omninode_release.planning.organisation import Organisation
from omninode_release.text.lock_files import (
    HASHED,
    find_dynamic_requirements,
    find_generator,
    find_locks_beside,
    find_other_locks,
    find_requirements_files,
    find_requirements_in,
)
from omninode_release.text.manifest import MANIFEST
from omninode_release.text.manifest_edit import find_planned_pins
from omninode_release.text.pin_lines import describe_requirement

_ALONE = "LOCK writes uv.lock alone"


def refuse_stale_locks(
    row: RepoPlan, facts: RepoFacts, rows: Mapping[str, RepoPlan], org: Organisation
) -> None:
    """Raise LOCK_FAILED for a lock that the pins would leave stale.

    poetry and pdm refuse to install from one, so that a pull request could not pass. Raises
    PIN_FAILED for a requirement on a sibling of this run that no pin would reach.
    """
    for path, tool in HASHED.items():
        if path in facts.tree.paths and _are_requirements_changed(row, facts):
            pins = ", ".join(map(describe_requirement, row.pins))
            raise ReleaseError(
                ErrorCode.LOCK_FAILED,
                f"expected no lock of {row.repo} that pins make stale, found {path}: PIN writes"
                f" {pins} into {MANIFEST}, and {_ALONE}; {tool} refuses the old lock.",
                hint=f"omni-release {row.repo} releases it by itself, with nothing to pin; or lock"
                f" {row.repo} with uv and remove {path} on {facts.base_branch}",
            )
    siblings = {name: repo for name, repo in org.siblings.items() if repo != row.repo}
    released = {name for name, repo in siblings.items() if _is_released(repo, rows)}
    for path in find_dynamic_requirements(facts.manifest or ""):
        for each in find_requirements_in(facts.tree.texts.get(path, ""), released):
            raise ReleaseError(
                ErrorCode.PIN_FAILED,
                f"expected the requirements of {row.repo} in {MANIFEST}, found that a build takes"
                f" them from {path}, line {each.line} ({each.words}), where PIN does not write.",
                hint=f"write them into [project] of {row.repo}/{MANIFEST} on the base branch",
            )


def find_unwritten_locks(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Every lock beside uv.lock, and the pins of requirements files that become old."""
    paths = facts.tree.paths
    for path in (each for each in HASHED if each in paths):
        if not _are_requirements_changed(row, facts):
            yield _make_seen(row, path, f"{_ALONE}; no requirement of this release changes it")
    for path in find_other_locks(paths):
        yield _make_seen(row, path, f"{_ALONE}; it stays as it is")
    written = (*org.config.version_files_of(row.repo), org.manifests[row.repo].holder)
    for path in find_locks_beside(written, paths):
        yield _make_seen(row, path, f"{_ALONE}; it keeps {row.current} of the file beside it")
    pins = {str(pin.distribution): pin for pin in row.pins}
    for path in find_requirements_files(paths):
        text = facts.tree.texts.get(path, "")
        for each in find_requirements_in(text, pins):
            if each.version is not None and each.version != pins[each.name].version:
                program = find_generator(text)
                again = f"; run {program} again afterwards" if program else ""
                what = f"{path} line {each.line} ({each.words})"
                requirement = describe_requirement(pins[each.name])
                why = f"PIN writes {requirement} into {MANIFEST} alone{again}"
                yield _make_seen(row, what, why)


def _are_requirements_changed(row: RepoPlan, facts: RepoFacts) -> bool:
    try:
        found = find_planned_pins(facts.manifest or "", row.pins, where=MANIFEST)
    except ReleaseError:  # its own refusal
        return False
    sourced = any(pin.source for pin in row.pins)
    return sourced or any(each.before != each.after for each in found.values())


def _is_released(repo: str, rows: Mapping[str, RepoPlan]) -> bool:
    return repo in rows and rows[repo].status in {PlanStatus.RELEASE, PlanStatus.DONE}


def _make_seen(row: RepoPlan, what: str, why: str) -> Seen:
    return Seen(repo=row.repo, kind=SeenKind.LOCK, what=what, why=why)
