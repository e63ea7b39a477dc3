"""The names in a configuration, judged by those that will have to take them.

What git, a forge or a file system would refuse at the last step of a release is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from omninode_release.errors.excerpt import show
from omninode_release.models.names import (
    find_address_fault,
    find_ref_fault,
    has_control_character,
    is_repo_name,
)
from omninode_release.models.tag_format import fill_name, fill_version, names_package

if TYPE_CHECKING:
    from omninode_release.models.config_keys import ConfigKeys


def refuse_names(config: ConfigKeys) -> None:
    """Raise ValueError for the first name that something would refuse, with its key."""
    fault = next(_find_faults(config), None)
    if fault is not None:
        raise ValueError(fault)


def _find_faults(config: ConfigKeys) -> Iterator[str]:
    for place, text in _find_texts(config.model_dump(mode="json"), ()):
        if has_control_character(text):
            yield f"{'.'.join(place)}: expected text on one line, found {show(text)}"
    for repo in (*config.graph.repos, *config.graph.ignore):
        if not is_repo_name(repo):
            why = find_ref_fault(repo) or "it is no name"
            yield f"graph: {repo!r} cannot be part of a branch's name: {why}"
    yield from _find_tag_faults(config)
    yield from _find_place_faults(config)
    fault = find_address_fault(config.index_url) if config.index_url is not None else None
    if fault is not None:  # the address may hold a password
        yield f"index_url: expected https://HOST[/PATH], found that {fault}"
    yield from _find_file_faults(config)


def _find_tag_faults(config: ConfigKeys) -> Iterator[str]:
    some = config.graph.repos or ("name",)  # a computed graph has none yet
    places = [("tag_formats", config.tag_formats, some)]
    places += [
        (f"tag_formats_of.{repo}", of, (repo,)) for repo, of in config.tag_formats_of.items()
    ]
    for key, formats, repos in places:
        for fmt, repo in product(formats, repos):
            tag = fill_version(fill_name(fmt, repo), "1.2.3")
            fault = find_ref_fault(tag)
            if fault is not None:
                yield f"{key}: {fmt!r} makes no tag that git takes ({show(tag)}): {fault}"


def _find_place_faults(config: ConfigKeys) -> Iterator[str]:
    """Two packages of one repository need places, and tags, of their own."""
    taken: dict[tuple[str, str], str] = {}
    for name in config.packages:
        clone, folder = config.clone_of(name), config.place_of(name).folder
        other = taken.setdefault((clone, folder), name)
        if other != name:
            where = f"the folder {folder}" if folder else "the root"
            yield f"packages: {other} and {name} are both at {where} of {clone}"
        own = config.packages.get(clone)
        if clone != name and own is not None and config.clone_of(clone) != clone:
            yield f"packages: {clone} names a repository ({name}) and a package of another"
        if len({*map(config.said_base, config.list_beside(name))}) > 1:
            yield f"base_branches: expected one branch of {clone} for all of its packages"
        said = name in config.tag_formats_of or not config.needs_named_tags(name)
        if not said and not any(map(names_package, config.tag_formats)):
            yield (
                f"tag_formats: expected {{name}} in the tags of {name}, which stands in {clone}"
                f" beside other packages, found {', '.join(config.tag_formats)}"
            )


def _find_file_faults(config: ConfigKeys) -> Iterator[str]:
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


def say_override(config: ConfigKeys, repo: str, sibling: str) -> str:
    """The setting by which pins of ``repo`` on ``sibling`` go past bounds."""
    is_single = sibling in config.pins_of.get(repo, {})
    return f"pins_of: {{{repo}: {{{sibling}: override}}}}" if is_single else "pins: override"


def say_key(config: ConfigKeys, key: str, repo: str) -> str:
    """The key that decides for ``repo``: ``lock_of.alpha`` where that is written, else ``lock``."""
    return f"{key}_of.{repo}" if repo in getattr(config, f"{key}_of") else key
