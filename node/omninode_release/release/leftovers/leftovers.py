"""What runs have left on this machine that none of them needs any more: found, shown, removed.

A run that is neither finished nor given up needs what is its own. A commit or a change that stands
nowhere else is named, and kept under ``refs/omni-release/kept/`` when what held it goes.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.git import Git
from omninode_release.errors import CommandFailed, ReleaseError, typed, typed_git
from omninode_release.planning.clones.folders import is_clone, list_clones
from omninode_release.release.leftovers.refused_runs import list_logs
from omninode_release.release.owners.worktree_owner import find_other_root
from omninode_release.release.requests.find_organisation import recall_worktrees
from omninode_release.release.session import make_programs
from omninode_release.system.presence import find_inside, is_file, is_folder, is_there
from omninode_release.system.scratch import (
    clear,
    is_free,
    list_scratch_folders,
    list_temporary_folders,
    remove_scratch_folder,
)
from omninode_release.text.control_characters import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from omninode_release.adapters.git_ports import WorktreeEntry
    from omninode_release.models.state import RunState
    from omninode_release.release.environment import Environment
    from omninode_release.system.paths import Places

_BRANCHES = ("refs/heads/release/", "refs/heads/after-release/")
_SHOWN = 5
_ASKED_SECONDS = 30.0
"""How long a remote has to answer; a command that only tells what is left waits no longer."""


@dataclass(frozen=True)
class Leftover:
    """One thing that was left, and how it goes."""

    title: str
    """What it is and where, and what stands nowhere else."""
    remove: Callable[[], str | None]
    """Removes it; answers where it kept what stood nowhere else."""
    run_id: str = ""
    """Whose it is; empty of what belongs to no run."""
    commands: tuple[str, ...] = ()
    """What a person types to remove it by hand."""
    kind: str = ""
    """What there may be many of, in the plural; empty of what is told one by one."""
    path: Path | None = None
    """Where it is, of such a kind."""


def find_left_of_run(environment: Environment, state: RunState) -> Iterator[Leftover]:
    """The worktrees and branches of one run, of repositories that it finished as well."""
    home = Path(state.omni_home)
    if is_folder(home):
        places = recall_worktrees(environment, state).places_of_runs(home)
        found = find_left_by_runs(environment, places, state.repos)
        yield from (each for each in found if each.run_id == state.run_id)


class OnRemote(NamedTuple):
    """What a run has left on the remote of a clone, or why that is not known."""

    title: str
    commands: tuple[str, ...] = ()
    """What a person types to remove it."""


def find_left_on_remotes(environment: Environment, state: RunState) -> Iterator[OnRemote]:
    """The branches of one run that its remotes have now; each remote is asked."""
    rows = (row for row in state.plan.entries if row.repo in state.repos)
    begun = {row.clone for row in rows if state.repos[row.repo].is_begun}
    names = [f"{each}{state.run_id}/*" for each in _BRANCHES]
    for path in _list_clones(Path(state.omni_home), begun):
        if path.name.removesuffix(".git") in begun:
            yield from _ask_remote(Git(path, make_programs(environment)), names)


def _ask_remote(git: Git, names: Sequence[str]) -> Iterator[OnRemote]:
    try:
        refs = git.ls_remote(*names, seconds=_ASKED_SECONDS).refs
    except ReleaseError as error:
        said = error.last_words if isinstance(error, CommandFailed) else error.message
        look = typed_git(git.path, "ls-remote", "origin", *names)
        why = f"which branches of it the remote of {git.path} has is not known: {plain(said)}"
        yield OnRemote(f"{why.rstrip('.')}; {look} tells")
        return
    for ref in sorted(each for each in refs if each.startswith(_BRANCHES)):
        branch = ref.removeprefix("refs/heads/")
        remove = typed_git(git.path, "push", "origin", "--delete", branch)
        yield OnRemote(f"branch {branch} on the remote of {git.path}", (remove,))


def _list_clones(home: Path, names: Collection[str]) -> Iterator[Path]:
    """The clones in a folder, and of the bare ones those that have such a name."""
    if is_folder(home):
        bare = (home / f"{name}.git" for name in sorted(names))
        yield from (*list_clones(home), *filter(is_clone, bare))


def find_left_by_runs(
    environment: Environment, places: Places, repos: Collection[str]
) -> Iterator[Leftover]:
    """Every worktree, branch and folder of a run, whichever, in and beside the clones.

    What an open run of another state root has there is none of them. ``repos`` are names that runs
    have; a bare clone is looked into only where it has such a name.
    """
    found = _find_beside_clones(environment, places, repos)
    is_other = cache(lambda run_id: find_other_root(places, run_id) is not None)
    yield from (each for each in found if not is_other(each.run_id))
    for run_id, path in list_logs(places):
        yield Leftover(f"log {path}", _remover(path), run_id, (typed(("rm", str(path))),))


def _find_beside_clones(
    environment: Environment, places: Places, repos: Collection[str]
) -> Iterator[Leftover]:
    worktrees = places.worktrees / "release"
    for path in _list_clones(places.omni_home, repos):
        git = Git(path, make_programs(environment))
        try:
            entries = [each for each in git.worktrees() if _first_part(each.path, worktrees)]
            yield from (
                _describe_worktree(git, each, _first_part(each.path, worktrees)) for each in entries
            )
            branches = [ref.name.removeprefix("refs/heads/") for ref in git.refs(*_BRANCHES)]
            yield from (_describe_branch(git, name) for name in branches if name.count("/") > 1)
        except ReleaseError as error:
            environment.complain(f"note: {path} cannot be looked at: {plain(error.message)}")
    for folder in sorted(worktrees.glob("*/*")):
        # One with a .git is a worktree, perhaps of a clone that stands elsewhere.
        if not is_there(folder / ".git"):
            run_id, title = folder.parent.name, f"folder {folder}, which is no worktree"
            yield Leftover(title, _remover(folder), run_id, (typed(("rm", "-r", str(folder))),))


def find_temporary(places: Places) -> Iterator[Leftover]:
    """What processes left that were killed: temporary folders and half-written files."""
    for folder in list_scratch_folders(places.worktrees / "rehearsal"):
        remove = partial(remove_scratch_folder, folder)
        yield Leftover(f"rehearsal {folder}", remove, kind="rehearsals", path=folder)
    for folder in list_temporary_folders():
        title = f"temporary folder {folder}"
        yield Leftover(title, _remover(folder), kind="temporary folders", path=folder)
    for parent in (
        places.states,
        places.archive,
        *sorted((places.root / "skill-results").glob("*")),
    ):
        for path in sorted(parent.glob(".*.tmp")):
            if is_file(path) and is_free(path):
                title = f"half-written file {path}"
                yield Leftover(title, _remover(path), kind="half-written files", path=path)


def _remover(path: Path) -> Callable[[], None]:
    def remove() -> None:
        if is_folder(path) and not path.is_symlink():
            clear(path)
            if is_there(path):  # which says why it cannot be removed
                shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    return remove


def _first_part(path: Path, folder: Path) -> str:
    """The folder of ``folder`` that ``path`` is in; empty where it is in none."""
    inside = find_inside(path, folder)
    return inside.parts[0] if inside else ""


# Worktrees and branches.


def _describe_worktree(git: Git, entry: WorktreeEntry, run_id: str) -> Leftover:
    there = git.at(entry.path)
    is_here = is_folder(entry.path) and not entry.half_made
    is_whole = is_here and is_there(entry.path / ".git")
    changed = _list_changes(there) if is_whole else []
    ref = _kept_ref(entry.branch or f"release/{run_id}/{entry.path.name}", "changes")

    def remove() -> str | None:
        if changed:
            there.keep_changes(ref)
        git.remove_worktree(entry.path)
        if is_folder(entry.path.parent) and not any(entry.path.parent.iterdir()):
            entry.path.parent.rmdir()
        return typed_git(git.path, "show", ref) if changed else None

    named = f", with changes that are not committed: {_join(changed)}" if changed else ""
    force = ["--force", *(["--force"] if entry.half_made else [])]
    by_hand = typed_git(git.path, "worktree", "remove", *force, str(entry.path))
    if is_here and not is_whole:  # git removes no folder that has lost its .git
        by_hand = typed_git(git.path, "worktree", "prune")
    return Leftover(f"worktree {entry.path}{named}", remove, run_id, (by_hand,))


def _list_changes(there: Git) -> list[str]:
    """What is not committed in a worktree. Raises ReleaseError where git cannot tell."""
    try:
        return there.changes()
    except ReleaseError:
        link = there.path / ".git"
        if is_folder(link):
            raise
        named = link.read_text(encoding="utf-8", errors="replace")
        if is_there(there.path / named.removeprefix("gitdir: ").strip()):
            raise
        return []  # what its .git names is gone: git has nothing to say of it


def _describe_branch(git: Git, branch: str) -> Leftover:
    lonely = git.commits_nowhere_else(branch)
    ref = _kept_ref(branch, lonely[0].sha[:12] if lonely else "")

    def remove() -> str | None:
        if lonely:
            git.keep_commit(ref, lonely[0].sha)
        git.delete_branch(branch)
        return typed_git(git.path, "log", ref) if lonely else None

    told = [f"{each.sha[:12]} ({each.subject})" for each in lonely]
    named = f", with commits that are nowhere else: {_join(told)}" if told else ""
    by_hand = typed_git(git.path, "branch", "-D", branch)
    title = f"branch {branch} of {git.path}{named}"
    return Leftover(title, remove, branch.split("/")[1], (by_hand,))


def _kept_ref(branch: str, last: str) -> str:
    return f"refs/omni-release/kept/{branch.removeprefix('release/')}/{last}"


def _join(words: Collection[str]) -> str:
    shown = ", ".join(list(words)[:_SHOWN])
    return f"{shown} and {len(words) - _SHOWN} more" if len(words) > _SHOWN else shown
