"""What a package requires in the end: its build says it, whatever its files made of it.

A setup.py or a hook of a build back end may compute requirements. The plan knows those that stand
in a file; here the metadata of the wheel is held against what the run releases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode
from omninode_release.models.check import Check
from omninode_release.text.requirements.python_versions import can_apply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from packaging.metadata import RawMetadata

    from omninode_release.models.plan import RepoPlan


def check_built_needs(
    row: RepoPlan, wheel: Path, rows: Sequence[RepoPlan], *, known: Collection[str]
) -> Iterator[Check]:
    """What a wheel requires of ``rows``, and no file says that the plan reads.

    A failure where it does not admit what the run releases, or nothing can read it. A warning
    where it is no one of the ``known`` names and comes later in ``rows``, the order of the release:
    nothing knew of it.
    """
    metadata = parse_email(_read_metadata(wheel))[0]
    yield from _check_form(row, metadata)
    released = {canonicalize_name(each.package): each for each in rows}
    places = [each.repo for each in rows]
    for need in _read_needs(metadata):
        sibling = released.get(canonicalize_name(need.name))
        if sibling is None or sibling.repo == row.repo or sibling.new is None or need.url:
            continue
        said = f"its build says that it requires {str(need)!r}"
        if not need.specifier.contains(sibling.new, prereleases=True):
            yield Check(
                row.repo,
                "requirements",
                "failed",
                f"{said}, which does not admit {sibling.new}, which this run releases",
                f"let it admit that version on {row.base_branch} of {row.clone}, or leave"
                f" {sibling.repo} out of the run",
                ErrorCode.PIN_CONFLICT,
            )
        elif canonicalize_name(need.name) not in known and (
            places.index(sibling.repo) > places.index(row.repo)
        ):
            yield Check(
                row.repo,
                "requirements",
                "warning",
                f"{said}, which no file says that the plan reads: {sibling.repo} comes after it",
                "write it into [project] of pyproject.toml, or both into graph.tiers of the release"
                " configuration, in the right order",
            )


def _check_form(row: RepoPlan, metadata: RawMetadata) -> Iterator[Check]:
    """Poetry builds ``^1.3 || ^2`` into one of these; an index turns it down once it is tagged."""
    for raw in metadata.get("requires_dist", []):
        try:
            Requirement(raw)
        except InvalidRequirement:
            yield Check(
                row.repo,
                "requirements",
                "failed",
                f"its build says that it requires {raw!r}, which no index and no installer reads",
                f"write that requirement otherwise on {row.base_branch} of {row.clone}",
                ErrorCode.PUBLISH_FAILED,
            )


def _read_needs(metadata: RawMetadata) -> Iterator[Requirement]:
    """The requirements in a wheel's metadata that some Python it supports may ask for."""
    try:
        python = SpecifierSet(metadata.get("requires_python", ""))
    except InvalidSpecifier:
        python = SpecifierSet()
    for raw in metadata.get("requires_dist", []):
        try:
            need = Requirement(raw)
        except InvalidRequirement:  # which is told by itself
            continue
        if can_apply(need.marker, python):
            yield need


def _read_metadata(wheel: Path) -> bytes:
    try:
        with ZipFile(wheel) as archive:
            names = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
            return archive.read(names[0]) if names else b""
    except BadZipFile:
        return b""
