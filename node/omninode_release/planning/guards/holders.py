"""Files that would still say the old version after BUMP: refused where they would be published."""

from __future__ import annotations

from contextlib import suppress
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.seen import SeenKind, make_seen
from omninode_release.planning.clones.around import find_noted_around
from omninode_release.text.changelogs.choice import find_all_changelogs
from omninode_release.text.formats.toml_document import parse_toml, value_at
from omninode_release.text.holders.bump_tools import find_named
from omninode_release.text.holders.registry import write_held
from omninode_release.text.holders.version_files import (
    bump_literal,
    decides_beside_project,
    find_second_versions,
    guess_init_paths,
    is_generated,
)
from omninode_release.text.holders.version_holders import (
    edit_version_file,
    find_holders,
    find_other_literals,
    find_unwritable,
    list_old_versions,
)
from omninode_release.text.manifests.inner_packages import find_inner_packages
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.manifests.package_files import (
    find_likely_holders,
    find_released_folders,
    is_in_package,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.seen import Seen
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.holders.version_holders import Holder

_WORDS = 60  # a compact JSON file is one line


class Stale(NamedTuple):
    """A place that would still say the old version."""

    path: str
    place: str
    is_published: bool


def refuse_stale_versions(row: RepoPlan, facts: RepoFacts, org: Organisation) -> None:
    """Raise BUMP_FAILED for an old version that would be published beside the new one."""
    _check_version_files(row, facts, org)
    found = [each for each in _find_stale(row, facts, org) if each.is_published]
    if found:
        paths = dict.fromkeys(each.path for each in found)
        places = "; ".join(f"{each.path} {each.place}" for each in found)
        raise ReleaseError(
            ErrorCode.BUMP_FAILED,
            f"expected {row.current} of {row.repo} in no file but those BUMP writes, found"
            f" {places}: {row.new} would be published with it.",
            hint=f"write {_name_setting(row.repo, [*paths], org)} into the release configuration"
            f' (or "!{found[0].path}", where that is the version of something else)',
        )


def list_stale_files(row: RepoPlan, facts: RepoFacts, org: Organisation) -> tuple[str, ...]:
    """The files with the old version that BUMP can write, whatever else the row says.

    Published or not: of 64 such places in releases of known packages 63 were raised with the
    package, and one had been forgotten.
    """
    paths = dict.fromkeys(each.path for each in _find_stale(row, facts, org))
    return tuple(each for each in paths if _is_file_of_bump(each, row, facts, org))


def _is_file_of_bump(path: str, row: RepoPlan, facts: RepoFacts, org: Organisation) -> bool:
    """True where BUMP can write it, and where the row says itself what keeps BUMP from that."""
    try:
        return _find_fault(path, row, facts, org) is None
    except ReleaseError:
        return True


def find_stale_versions(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """Old versions that stay in the repository and are not published."""
    with suppress(ReleaseError):  # of a version that cannot be written: the row says so
        for each in _find_stale(row, facts, org):
            if not each.is_published:
                what, paths = f"{each.path} {each.place}", [each.path]
                why = f"BUMP does not write it; {_name_setting(row.repo, paths, org)} lets it"
                yield make_seen(row.repo, SeenKind.VERSION, what, why)
        yield from _find_other_literals(row, facts, org)
    yield from _find_unwritable(row, facts)
    yield from find_noted_around(row, facts, org, _list_old(row, facts, org))


def _check_version_files(row: RepoPlan, facts: RepoFacts, org: Organisation) -> None:
    """Each file of ``version_files`` is one that BUMP will change, or that is right already."""
    for path in org.config.version_files_of(row.repo):
        fault = _find_fault(path, row, facts, org)
        if fault is not None:
            raise ReleaseError(
                ErrorCode.BUMP_FAILED,
                f"version_files of {row.repo} names {path}, {fault}.",
                hint=f"correct version_files.{row.repo} in the release configuration",
            )


def _find_fault(path: str, row: RepoPlan, facts: RepoFacts, org: Organisation) -> str | None:
    """Why BUMP could not write a file of ``version_files``."""
    old, new = _list_old(row, facts, org), str(row.new)
    text = facts.beside.get(path, facts.tree.texts.get(path))
    if text is None:
        return "which is not UTF-8 text"
    if path == MANIFEST:
        is_held = find_second_versions(text, [*old, new])
        versions = " or ".join(old) or "the version"
        return None if is_held else f"no table of which but its own holds {versions}"
    edited, named = _edit_by_itself(row, facts, org).get(path), find_named(facts.tree.texts.get)
    try:
        edit_version_file(path, text, edited, old=old, new=new, named=named)
    except ValueError as error:
        return str(error)
    return None


def _find_stale(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Stale]:
    """Every place that holds an old version and that BUMP leaves as it is."""
    manifest, old = facts.manifest or "", _list_old(row, facts, org)
    texts, named = _read_after_bump(row, facts, org), find_named(facts.tree.texts.get)
    for at in find_second_versions(texts.pop(MANIFEST, ""), old):
        yield Stale(MANIFEST, ".".join(map(str, at)), decides_beside_project(manifest, at))
    for path, text in texts.items():
        for each in (each for version in old for each in find_holders(path, text, version, named)):
            yield Stale(path, _describe(each), _is_published(path, row, facts))


def _find_unwritable(row: RepoPlan, facts: RepoFacts) -> Iterator[Seen]:
    """What a bump tool writes and BUMP cannot: no form of a version that it knows stands there."""
    named = find_named(facts.tree.texts.get)
    for path in _list_named(facts):
        found = find_unwritable(path, facts.tree.texts[path], row.current or "", named)
        for each in found[:1]:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            what = f"{path} {_describe(each)}{more}"
            why = (
                "the settings of a bump tool name it, and BUMP cannot write it; a command of"
                f" after_bump.{row.repo} can"
            )
            yield make_seen(row.repo, SeenKind.VERSION, what, why)


def _list_named(facts: RepoFacts) -> list[str]:
    """The files that a bump tool's settings name; CHANGELOG cares for changelogs."""
    paths = dict.fromkeys(each.path for each in find_named(facts.tree.texts.get))
    changelogs = find_all_changelogs(facts.tree.paths)
    return [each for each in paths if each in facts.tree.texts and each not in changelogs]


def _describe(holder: Holder) -> str:
    return f"line {holder.line} ({shorten(holder.words, _WORDS, placeholder='…')})"


def _find_other_literals(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[Seen]:
    """A ``__version__`` of the package that is neither the old version nor written."""
    known = [*_list_old(row, facts, org), str(row.new)]
    for path, text in _read_after_bump(row, facts, org).items():
        for words in find_other_literals(text, known) if path.endswith(".py") else ():
            if _is_published(path, row, facts):
                setting = _name_setting(row.repo, [path], org)
                what = f"{path}: {shorten(words, _WORDS, placeholder='…')}"
                why = f"it is not {' or '.join(known)}; {setting} lets BUMP write it"
                yield make_seen(row.repo, SeenKind.VERSION, what, why)


def _read_after_bump(row: RepoPlan, facts: RepoFacts, org: Organisation) -> dict[str, str]:
    """The files that ``version_files`` does not name, as BUMP leaves them.

    Those of a package inside this one hold a version of its own.
    """
    written = org.config.version_files_of(row.repo)
    inner = [f"{each}/" for each in find_inner_packages(facts.tree.paths, facts.tree.texts)]

    def is_settled(path: str) -> bool:
        is_other = org.config.is_other_version(row.repo, path)
        return path in written or is_other or path.startswith(tuple(inner))

    # A changelog tells of versions that were, and of one that will be.
    likely = {*find_likely_holders(facts.tree.paths), *_list_named(facts), MANIFEST}
    texts = facts.tree.texts
    texts = {path: texts[path] for path in texts if path in likely and not is_settled(path)}
    held = org.manifests[row.repo].held
    if held.by_tag:  # a literal may be what the build fills in
        return {path: text for path, text in texts.items() if not is_generated(text)}
    edited = _edit_by_itself(row, facts, org)
    return texts | {path: text for path, text in edited.items() if not is_settled(path)}


def _edit_by_itself(row: RepoPlan, facts: RepoFacts, org: Organisation) -> dict[str, str]:
    """What BUMP writes beside the manifest without ``version_files``."""
    held, new = org.manifests[row.repo].held, str(row.new)
    if held.by_tag:
        return {}
    edited = {}
    if held.path in facts.beside:
        edited[held.path] = write_held(held, facts.beside[held.path], new, where=held.path)
    for path in guess_init_paths(facts.manifest or "", row.repo):
        text = edited.get(path, facts.tree.texts.get(path))
        if text is not None and bump_literal(text, "0") != text:
            edited[path] = bump_literal(text, new)
    return edited


def _is_published(path: str, row: RepoPlan, facts: RepoFacts) -> bool:
    """True for a file of the package, and for the crate of one that maturin builds."""
    manifest = facts.manifest or ""
    if path.endswith("Cargo.toml"):
        return value_at(parse_toml(manifest), ("build-system", "build-backend")) == "maturin"
    return is_in_package(path, find_released_folders(manifest, row.repo, facts.tree.paths))


def _list_old(row: RepoPlan, facts: RepoFacts, org: Organisation) -> list[str]:
    manifest = org.manifests[row.repo]
    declared = manifest.held.literal or manifest.version
    return list_old_versions(declared, facts.last_tag, current=row.current, new=row.new)


def _name_setting(repo: str, paths: Sequence[str], org: Organisation) -> str:
    """The setting as it must be, with what it holds already."""
    listed = dict.fromkeys((*org.config.version_files.get(repo, ()), *paths))
    return f"version_files.{repo}: [{', '.join(listed)}]"
