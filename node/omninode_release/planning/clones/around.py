"""What a repository has beside the package that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.facts import Tree
from omninode_release.models.place import WHOLE
from omninode_release.models.seen import SeenKind, make_seen
from omninode_release.planning.clones.tree import make_tree
from omninode_release.text.changelogs.choice import find_all_changelogs
from omninode_release.text.holders.bump_tools import SETTINGS, find_named
from omninode_release.text.hook_files import PRE_COMMIT
from omninode_release.text.locks.choice import UV_LOCK
from omninode_release.text.locks.uv_lock import read_folder_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.models.commit import Commit
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.seen import Seen
    from omninode_release.planning.organisation import Organisation


def read_around(git: Git, base: str) -> Tree:
    """The files at the repository's root, for a package in one of its folders."""
    if not git.place.folder:
        return Tree()
    whole = git.inside(WHOLE)
    paths = tuple(path for path in whole.paths(base) if "/" not in path)
    told = find_all_changelogs(paths)
    read = [path for path in paths if path in {PRE_COMMIT, *SETTINGS, *told}]
    return make_tree(paths, {path: whole.file(base, path) for path in read})


def find_locks_around(git: Git, base: str) -> Iterator[tuple[str, str]]:
    """Each uv.lock of another folder that takes the package from this one, and its version there.

    Of a package whose version is dynamic it has none.
    """
    whole, folder = (git if git.place == WHOLE else git.inside(WHOLE)), git.place.folder
    for path in whole.paths(base):
        at, _, name = path.rpartition("/")
        if name == UV_LOCK and at != folder:
            version = read_folder_version(whole.text(base, path), at, folder)
            if version is not None:
                yield path, version


def find_noted_around(
    row: RepoPlan, facts: RepoFacts, org: Organisation, old: Sequence[str]
) -> Iterator[Seen]:
    """Settings of a bump tool at the repository's root that note the ``old`` version of a folder.

    That of release-please has it by the folder; others name the files in it that they change.
    """
    place, texts = org.config.place_of(row.repo), facts.around.texts
    for path in SETTINGS if place.folder else ():
        text = texts.get(path, "")
        by_folder = any(f'"{place.folder}": "{each}"' in text for each in old)
        named = any(place.inner(each.path) for each in find_named({path: text}.get))
        if by_folder or (named and any(f'"{each}"' in text for each in old)):
            what = f"{path} of the repository, which notes {row.current} for {place.folder}"
            why = f"BUMP does not write it; where a tool goes by it, write {row.new} there by hand"
            yield make_seen(row.repo, SeenKind.VERSION, what, why)


def find_commits_elsewhere(
    git: Git, config: ReleaseConfig, repo: str, base: str, without: Sequence[str]
) -> tuple[Commit, ...]:
    """Commits that change no package of the repository: told once, with the first of them."""
    beside = config.list_beside(repo)
    if repo != beside[0] or git.place == WHOLE:
        return ()
    places = [config.place_of(each) for each in beside]
    changed = git.changed_paths(base, None, *without)

    commits = git.commits(base, None, *without)
    told: set[str] = set()
    for place in places:
        told |= git.inside(place).find_changing(commits, changed, base, without)
    return tuple(each for each in commits if each.sha not in told)
