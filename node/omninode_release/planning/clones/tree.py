"""The files of a commit that a plan looks at, beside the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.facts import Tree
from omninode_release.text.changelogs.choice import find_all_changelogs, list_telling
from omninode_release.text.hook_files import PRE_COMMIT
from omninode_release.text.locks.requirements_files import find_requirements_files
from omninode_release.text.manifests.inner_packages import list_inner_manifests
from omninode_release.text.manifests.package_files import find_likely_holders

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


def list_worth_reading(paths: Collection[str]) -> Iterator[str]:
    """The files whose text may have a part in a release."""
    yield from find_likely_holders(tuple(paths))
    yield from find_requirements_files(paths)
    yield from find_all_changelogs(paths)
    yield from list_inner_manifests(paths)
    yield from list_telling(paths)
    if PRE_COMMIT in paths:
        yield PRE_COMMIT


def make_tree(paths: tuple[str, ...], files: Mapping[str, bytes | None]) -> Tree:
    """The tree with the text of what was read; what is not UTF-8 is no text."""
    texts, unreadable = {}, []
    for path, data in files.items():
        try:
            texts[path] = (data or b"").decode("utf-8")
        except UnicodeDecodeError:
            unreadable.append(path)
    return Tree(paths, texts, tuple(unreadable))
