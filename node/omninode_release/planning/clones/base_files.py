"""The files that a plan reads: at a repository's base, and the manifest of its last release."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.planning.clones.tree import list_worth_reading, make_tree
from omninode_release.text.holders.bump_tools import find_named
from omninode_release.text.manifests.files_beside import read_beside
from omninode_release.text.manifests.manifest import MANIFEST, OLDER
from omninode_release.text.workflows.workflow import WORKFLOW_FOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from omninode_release.adapters.git import Git
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import Tree


class BaseFiles(NamedTuple):
    """What was read, by the names that ``RepoFacts`` has for it."""

    manifest: str | None
    published: str | None
    tree: Tree
    workflows: Mapping[str, str]
    missing_version_files: tuple[str, ...]
    """Configured ``version_files`` that are not there."""


def read_files(
    git: Git, config: ReleaseConfig, repo: str, base: str, last: str | None, *, wanted: bool
) -> BaseFiles:
    """Read them, by one question; ``last`` is the commit of the last release.

    Of a repository that is not ``wanted`` only what its version and its requirements are.
    """
    paths = git.paths(base) if wanted else ()
    versioned = config.version_files_of(repo)
    named = (path for path in (config.changelog_for(repo).path,) if path in paths)
    read = dict.fromkeys((MANIFEST, *OLDER, *versioned, *named, *list_worth_reading(paths)))
    workflow = f"{WORKFLOW_FOLDER}/{config.publish_for(repo).workflow}"
    there = _list_all(git, base) if wanted else {*read}
    found = git.files(
        [
            *((base, path) for path in (*read, workflow) if path in there),
            *([(last, MANIFEST)] if last else []),
        ]
    )
    at_base = {path: data for (revision, path), data in found.items() if revision == base}
    flow = at_base.pop(workflow, None)
    tree = make_tree(paths, {path: at_base.get(path) for path in read})
    more = sorted({each.path for each in find_named(tree.texts.get)} & {*paths} - {*read})
    if more:  # which only a bump tool's settings tell of
        beside = git.files((base, each) for each in more)
        at_base |= {path: data for (_, path), data in beside.items()}
        tree = make_tree(paths, {path: at_base.get(path) for path in (*read, *more)})
    manifest = _decode(at_base.get(MANIFEST), git.path)
    if manifest is None and any(path in at_base for path in OLDER):
        manifest = ""
    return BaseFiles(
        manifest=manifest,
        published=_decode(found.get((last, MANIFEST)), git.path) if last else None,
        tree=tree,
        workflows={} if flow is None else {workflow: flow.decode("utf-8", errors="replace")},
        missing_version_files=tuple(path for path in versioned if path not in at_base),
    )


def _list_all(git: Git, base: str) -> Collection[str]:
    """The package's files and links: to ask for one that is not there costs another question."""
    return {git.place.inner(each.path) or "" for each in git.list_files(base)}


def read_base_beside(git: Git, base: str, manifest: str | None, *, wanted: bool) -> dict[str, str]:
    """What ``read_beside`` finds at the base.

    Raises SCAN_FAILED where one of a repository that is ``wanted`` is no text: it would count as
    one that requires nothing.
    """
    read: dict[str, bytes | None] = {}

    def read_file(path: str) -> bytes | None:
        read[path] = git.file(base, path)
        return read[path]

    found = read_beside(manifest or "", read_file)
    for path, data in read.items():
        if wanted and not path.endswith(".py"):  # which may say another encoding, and be built
            _decode(data, git.path, path)
    return found


def _decode(data: bytes | None, folder: Path, name: str = MANIFEST) -> str | None:
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"{name} of {folder} is not UTF-8 at byte {error.start}.",
            hint=f"save {name} as UTF-8 on the base branch",
        ) from error
