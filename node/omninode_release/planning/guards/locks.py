"""Locks that LOCK does not write, by name, and settings that no lock answers to."""

from __future__ import annotations

from pathlib import PurePosixPath
from posixpath import relpath
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.seen import Seen, SeenKind
from omninode_release.planning.planned_pins import is_released
from omninode_release.text.locks.choice import (
    FILES,
    UV_LOCK,
    find_fault,
    find_locks,
    find_locks_beside,
    find_other_locks,
    find_stale,
)
from omninode_release.text.locks.requirements_files import (
    find_requirements_files,
    find_requirements_in,
)
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.pins.lines import describe_requirement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.locks.choice import Locks


def refuse_locks(row: RepoPlan, facts: RepoFacts, org: Organisation) -> None:
    """Raise LOCK_FAILED where ``lock_of`` names a kind that the repository does not have."""
    said = org.config.lock_of.get(row.repo)
    if isinstance(said, str) and said != "none" and not _find_locks(row, facts, org):
        faults = "; ".join(_describe_faults(facts)) if said == "requirements" else ""
        raise ReleaseError(
            ErrorCode.LOCK_FAILED,
            f"expected {FILES.get(said, 'a requirements file that can be made again')} in"
            f" {row.repo}, as lock_of says, found {faults or 'none'}.",
            hint=f"correct lock_of.{row.repo} in the release configuration",
        )


def find_unwritten_locks(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Every lock that is left as it is, and the pins of requirements files that become old."""
    paths = facts.tree.paths
    setting = org.config.lock_for(row.repo)
    if setting is not None and not isinstance(setting, str):
        return  # what the command changes is named when it has
    locks = _find_locks(row, facts, org)
    pins = {str(pin.distribution): pin.version for pin in row.pins}
    edited = row.repo in org.config.after_bump
    stale = find_stale(locks, facts.tree.texts, pins, edited=edited)
    for name, path in FILES.items():
        if path in paths and name not in locks:
            yield _make_seen(row, path, f"lock of the release configuration says {setting}")
        elif path in paths and name not in stale:
            yield _make_seen(row, path, "no requirement of this release changes it")
    for path in find_other_locks(paths):
        yield _make_seen(row, path, f"it stays as it is; {_name_setting(row)}")
    written = (*org.config.version_files_of(row.repo), org.manifests[row.repo].holder)
    for path in find_locks_beside(written, paths):
        why = f"it keeps {row.current} of the file beside it; {_name_setting(row)}"
        yield _make_seen(row, path, why)
    pinned = {each.file for each in org.requirements.get(row.repo, ())}
    yield from _find_old_pins(row, facts, {*locks.get("requirements", ()), *pinned}, setting)


def find_locks_left_around(
    row: RepoPlan, rows: Mapping[str, RepoPlan], facts: RepoFacts, org: Organisation
) -> Iterator[Seen]:
    """Locks of other folders that keep the old version, which `uv lock --check` then refuses."""
    if row.repo in org.config.after_bump:
        return  # what its commands change is named when they have
    folder = org.config.place_of(row.repo).folder
    beside = [each for each in org.config.list_beside(row.repo) if is_released(each, rows)]
    written = {org.config.place_of(each).outer(UV_LOCK) for each in beside}
    if folder and UV_LOCK not in facts.tree.paths:  # LOCK writes the one above, as of a workspace
        written |= {str(each / UV_LOCK) for each in PurePosixPath(folder).parents}
    for path, version in facts.locks_around.items():
        if path not in written and version != row.new:
            way = relpath(path.rpartition("/")[0] or ".", folder or ".")
            why = (
                f"it keeps {version} of {row.repo}, which `uv lock --check` refuses then;"
                f" after_bump: {{{row.repo}: [[uv, lock, --project, {way}]]}} writes it"
            )
            yield _make_seen(row, path, why)


def _find_old_pins(
    row: RepoPlan, facts: RepoFacts, written: Collection[str], setting: str | None
) -> Iterator[Seen]:
    """The pins of requirements files that LOCK does not write."""
    pins = {str(pin.distribution): pin for pin in row.pins}
    for path in find_requirements_files(facts.tree.paths):
        text = facts.tree.texts.get(path, "")
        for each in () if path in written else find_requirements_in(text, pins):
            if each.version is not None and each.version != pins[each.name].version:
                what = f"{path} line {each.line} ({each.words})"
                requirement = describe_requirement(pins[each.name])
                fault = find_fault(path, text, frozenset(facts.tree.paths))
                why = fault or f"lock of the release configuration says {setting}"
                mend = f"PIN writes {requirement} into {MANIFEST} alone; {_name_setting(row)}"
                yield _make_seen(row, what, f"{why}; {mend}")


def _name_setting(row: RepoPlan) -> str:
    return f"lock_of.{row.repo} can name a command that writes it"


def _find_locks(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Locks:
    paths = frozenset(facts.tree.paths)
    return find_locks(paths, facts.tree.texts, org.config.lock_for(row.repo))


def _describe_faults(facts: RepoFacts) -> Iterator[str]:
    paths = frozenset(facts.tree.paths)
    for path in find_requirements_files(facts.tree.paths):
        fault = find_fault(path, facts.tree.texts.get(path, ""), paths)
        if fault is not None:
            yield f"{path}: {fault}"


def _make_seen(row: RepoPlan, what: str, why: str) -> Seen:
    return Seen(repo=row.repo, kind=SeenKind.LOCK, what=what, why=why)
