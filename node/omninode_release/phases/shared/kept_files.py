"""What programs that may tidy the files of a release have taken from them, or added to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omninode_release.errors import ProgramFailed, ReleaseError
from omninode_release.phases import bump, changelog
from omninode_release.phases.changelog import ChangelogOutput
from omninode_release.phases.lock import LockOutput
from omninode_release.phases.shared.kept_meaning import open_draft_at
from omninode_release.phases.shared.owned_files import list_owned_files
from omninode_release.text.locks.any_lock import is_lock, is_same_lock
from omninode_release.text.manifests.meaning import (
    list_differences,
    read_meaning,
    read_meaning_or_fault,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.phases.ports import Context, Step


def find_lost_entry(step: Step, ctx: Context) -> Iterator[str]:
    """The changelog, where it lacks the entry that CHANGELOG wrote."""
    recorded = step.recorded(ChangelogOutput)
    if recorded is None or recorded.path is None:
        return
    found = changelog.done(step, ctx)
    if found is None or (recorded.entry.strip() and not found.entry.strip()):
        yield f"{recorded.path} without the entry of {step.new}"


def name_lock(step: Step, path: str) -> str:
    """A lock's path as its package has it; that of a workspace stands above."""
    return step.place.inner(path) or path.rpartition("/")[2]


def list_locks(step: Step) -> list[str]:
    """The locks that LOCK wrote for the package, by their path in the repository."""
    recorded = step.recorded(LockOutput)
    written = recorded.owned_files() if recorded else ()
    return [path for path in written if is_lock(name_lock(step, path))]


def list_otherwise(step: Step, ctx: Context, given: str, made: str) -> list[str]:
    """How a tree that was ``made`` of a ``given`` one is another release than that.

    Files of the release may be laid out otherwise in it.
    """
    changed, owned = ctx.clone.list_changed(given, made), list_owned_files(step)
    if not changed:
        return []
    found = [f"{path}, which is not this release's" for path in changed if path not in owned]
    for each in step.together:
        found += _list_otherwise(each, ctx.beside(each), given, made)
    return list(dict.fromkeys(found))


def _list_otherwise(step: Step, ctx: Context, given: str, made: str) -> Iterator[str]:
    was, now = (open_draft_at(step, ctx, tree) for tree in (given, made))
    yield from map(str, list_differences(read_meaning(was.read), read_meaning_or_fault(now.read)))
    drafted = replace(ctx, files=now)
    try:
        for path in bump.list_outdated(step, drafted):
            yield f"{path} without version {step.new}"
    except ProgramFailed:
        raise
    except ReleaseError as error:
        yield error.message.rstrip(".")
    yield from find_lost_entry(step, drafted)
    was, now = was.inside(""), now.inside("")
    for path in list_locks(step):
        if not is_same_lock(name_lock(step, path), was.read(path), now.read(path)):
            yield f"another {path}"
