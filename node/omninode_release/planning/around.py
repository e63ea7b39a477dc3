"""What a repository has beside the package that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.facts import Tree
from omninode_release.models.place import WHOLE
from omninode_release.planning.tree import make_tree
from omninode_release.text.changelog_files import find_all_changelogs
from omninode_release.text.hook_files import PRE_COMMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.models.commit import Commit
    from omninode_release.models.config import ReleaseConfig


def read_around(git: Git, base: str) -> Tree:
    """The files at the repository's root, for a package in one of its folders."""
    if not git.place.folder:
        return Tree()
    whole = git.inside(WHOLE)
    paths = tuple(path for path in whole.paths(base) if "/" not in path)
    told = find_all_changelogs(paths)
    read = [path for path in paths if path == PRE_COMMIT or path in told]
    return make_tree(paths, {path: whole.file(base, path) for path in read})


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
