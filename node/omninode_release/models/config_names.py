"""The names in a configuration, judged by those that will have to take them.

What git, a forge or a file system would refuse at the last step of a release is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.models.names import (
    find_address_fault,
    find_ref_fault,
    has_control_character,
    is_repo_name,
)

if TYPE_CHECKING:
    from omninode_release.models.config import ReleaseConfig


def refuse_names(config: ReleaseConfig) -> None:
    """Raise ValueError for the first name that something would refuse, with its key."""
    fault = next(_find_faults(config), None)
    if fault is not None:
        raise ValueError(fault)


def _find_faults(config: ReleaseConfig) -> Iterator[str]:
    for place, text in _find_texts(config.model_dump(mode="json"), ()):
        if has_control_character(text):
            yield f"{'.'.join(place)}: expected text on one line, found {text!r:.80}"
    for repo in (*config.graph.repos, *config.graph.ignore):
        if not is_repo_name(repo):
            why = find_ref_fault(repo) or "it is no name"
            yield f"graph: {repo!r} cannot be part of a branch's name: {why}"
    yield from _find_tag_faults(config)
    workflow = config.publish.workflow
    if not workflow or "/" in workflow or workflow.startswith("."):
        yield f"publish.workflow: expected the name of a file, found {workflow!r:.80}"
    fault = find_address_fault(config.index_url) if config.index_url is not None else None
    if fault is not None:  # the address may hold a password
        yield f"index_url: expected https://HOST[/PATH], found that {fault}"
    yield from _find_file_faults(config)


def _find_tag_faults(config: ReleaseConfig) -> Iterator[str]:
    for fmt in config.tag_formats or ():
        for repo in config.graph.repos:
            tag = fmt.replace("{repo}", repo).replace("{version}", "1.2.3")
            fault = find_ref_fault(tag)
            if fault is not None:
                yield f"tag_formats: {fmt!r} makes no tag that git takes ({tag!r:.80}): {fault}"


def _find_file_faults(config: ReleaseConfig) -> Iterator[str]:
    for repo, paths in config.version_files.items():
        for path in paths:
            parts = PurePosixPath(path).parts
            if not parts or any(part.lower() == ".git" for part in parts):
                yield f"version_files of {repo}: {path!r} leaves the repository"


def _find_texts(value: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text, keys among them, with its place."""
    if isinstance(value, str):
        yield place, value
    items = value.items() if isinstance(value, dict) else ()
    listed = enumerate(value) if isinstance(value, list) else ()
    for key, each in (*items, *listed):
        yield (*place, str(key)[:80]), str(key)
        yield from _find_texts(each, (*place, str(key)[:80]))
