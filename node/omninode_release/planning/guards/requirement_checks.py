"""Every requirement between siblings, as it will be after PIN, admits what will be there.

What the manifests say plainly is judged here, for every dry run; the resolver has the last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.config_names import say_override
from omninode_release.planning.guards.kept_advice import advise_on_kept, say_where
from omninode_release.planning.guards.outsiders import (
    advise_on_outsider,
    describe_outsider,
    find_pins_to_lock,
)
from omninode_release.planning.planned_pins import is_released
from omninode_release.planning.rows import refuse_row
from omninode_release.planning.versions.next_version import read_formats
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.pins.changes import Conflict, find_breach
from omninode_release.text.requirements.declared import brings_along
from omninode_release.text.requirements.python_versions import find_unsupported
from omninode_release.text.requirements.ranges import find_exact_version, read_range
from omninode_release.text.versions.tag_formats import read_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.markers import Marker

    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements.declared import DeclaredRequirement
    from omninode_release.text.requirements.ranges import VersionRange


class Begun(NamedTuple):
    """The repositories that an earlier invocation of the run began, and the run."""

    run_id: str
    repos: frozenset[str]


def prove_requirements(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation, *, begun: Begun
) -> RepoPlan:
    """The row, or PIN_CONFLICT with all that does not fit.

    What ``begun`` rows require cannot change any more, so the row they forbid is refused.
    """
    found = [
        *_check_pinned(row, org),
        *_check_kept(row, rows, org),
        *_check_outsiders(row, rows, org),
        *_check_python(row, org),
        *_ask_begun(row, rows, org, begun),
    ]
    if not found:
        return row
    mends = dict.fromkeys(each.mend for each in found)
    message = " Also ".join(f"{each.what}." for each in found)
    return refuse_row(row, ReleaseError(ErrorCode.PIN_CONFLICT, message, hint="; ".join(mends)))


def _check_pinned(row: RepoPlan, org: Organisation) -> Iterator[Conflict]:
    """Pins that leave what their requirement admitted."""
    versions = {pin.distribution: pin.version for pin in row.pins}
    for need in org.requirements[row.repo]:
        if need.name in versions:
            edge = (row.repo, org.siblings[need.name])
            rule, setting = org.config.pin_rule(*edge), say_override(org.config, *edge)
            breach = find_breach(need, versions[need.name], rule, setting=setting)
            if breach is not None:
                what = f"{row.repo}/{need.file}, {breach.what}"
                yield Conflict(what, f"{breach.mend} ({say_where(row, org, need.file)})")


def _check_kept(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation
) -> Iterator[Conflict]:
    """Requirements that PIN leaves alone, on what this run releases with the row or after it."""
    pinned = {pin.distribution for pin in row.pins}
    refused: dict[str, DeclaredRequirement] = {}
    for need in org.requirements[row.repo]:
        sibling = org.siblings[need.name]
        is_kept = need.name not in pinned and org.may_need(row.repo, need)
        if is_kept and is_released(sibling, rows):
            version = rows[sibling].versions[1]
            what = _describe_refusal(row.repo, need, version, org)
            if what is None and org.config.pin_rule(row.repo, sibling) == "keep":
                what = _describe_left_out(row.repo, need, version)
            if what is not None:
                refused[f"{what}, which this run releases and PIN leaves as it is"] = need
    mend = advise_on_kept(row, refused.values(), rows, org)
    yield from (Conflict(what, mend) for what in refused)


def _check_outsiders(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation
) -> Iterator[Conflict]:
    """Requirements on siblings outside the run, of which there are the releases that there are."""
    needs: dict[str, list[_Need]] = {}
    for need in _list_needs_outside(row, rows, org):
        needs.setdefault(org.siblings[need.declared.name], []).append(need)
    for sibling, several in needs.items():
        released = _list_releases(sibling, org)
        known = [need for need in several if need.names_development or (need.is_plain and released)]
        alone = [need for need in known if need.repo == row.repo and not need.find_in(released)]
        # Markers may keep two apart; those are left to the resolver.
        together = [need for need in known if need.marker is None]
        newest = f" (the newest is {released[-1]})" if released else ""
        end = f"release of {sibling}{newest}, which {describe_outsider(sibling, rows)}"
        for need in alone:
            yield Conflict(f"{need} admits no {end}", advise_on_outsider(sibling, rows, org))
        if together and not alone and not _find_common(together, released):
            words = " and ".join(map(str, together))
            yield Conflict(f"{words} together admit no {end}", "let them admit the same release")


class _Need(NamedTuple):
    """A requirement of one repository, and what it admits."""

    repo: str
    declared: DeclaredRequirement
    admitted: VersionRange

    def __str__(self) -> str:
        return f"{_place(self.repo, self.declared)}: {self.declared.raw!r}"

    @property
    def marker(self) -> Marker | None:
        return self.declared.requirement.marker if self.declared.requirement else None

    @property
    def is_plain(self) -> bool:
        """True where release tags tell all that it admits, and no pre-release does."""
        return not self.admitted.names_prereleases

    @property
    def names_development(self) -> bool:
        """True where it admits one version in development alone, which nothing releases."""
        exact = find_exact_version(self.declared)
        return exact is not None and exact.is_devrelease

    def find_in(self, released: Iterable[str]) -> list[str]:
        """The releases that it admits."""
        return [version for version in released if self.admitted.admits(version)]


def _list_needs_outside(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation
) -> Iterator[_Need]:
    """What the row, and all that it pins, directly or not, require of siblings outside the run."""
    pins = find_pins_to_lock(row, rows).values()
    repos = {row.repo: row} | {pin.repo: rows[pin.repo] for pin in pins}
    for repo, each in repos.items():
        pinned = {pin.distribution for pin in each.pins}
        for need in org.requirements.get(repo, ()):
            sibling, admitted = org.siblings[need.name], read_range(need)
            counts = need.runtime or repo == row.repo
            is_outside = need.name not in pinned and not is_released(sibling, rows)
            if counts and is_outside and sibling in org.facts.repos and admitted is not None:
                yield _Need(repo, need, admitted)


def _find_common(needs: Iterable[_Need], released: list[str]) -> list[str]:
    for need in needs:
        released = need.find_in(released)
    return released


def _check_python(row: RepoPlan, org: Organisation) -> Iterator[Conflict]:
    """Pins on a version that needs a newer Python than the row supports."""
    supported = org.python_of(row.repo)
    pins = {pin.distribution: pin for pin in row.pins}
    for need in filter(brings_along, org.requirements[row.repo]):
        pin = pins.get(need.name)
        needed = org.python_of(pin.repo) if pin else None
        if pin is None or supported is None or needed is None:
            continue
        marker = need.requirement.marker if need.requirement else None
        python = find_unsupported(supported, needed, marker)
        if python is not None:
            yield Conflict(
                f"{row.repo}/{MANIFEST} lets in Python {python} (requires-python {supported}), and"
                f" {need.name} {pin.version} ({need.table}) does not (requires-python {needed})",
                f"raise requires-python there, or lower that of {pin.repo} ({say_where(row, org)})",
            )


def _ask_begun(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation, begun: Begun
) -> Iterator[Conflict]:
    """Requirements of what this run began earlier on the row, which is planned anew."""
    for repo in sorted(begun.repos & rows.keys()):
        if not is_released(repo, rows):
            continue
        other = rows[repo]
        pinned = {pin.distribution for pin in other.pins}
        for need in org.requirements.get(repo, ()):
            if org.siblings[need.name] == row.repo and need.name not in pinned:
                what = _describe_refusal(repo, need, row.versions[1], org)
                if what is not None:
                    yield Conflict(
                        f"{what}, and {repo} {other.versions[1]} has been begun in this run",
                        f"omni-release abandon {begun.run_id}, let the requirement admit that"
                        " version, and start a fresh run",
                    )


def _describe_refusal(
    repo: str, need: DeclaredRequirement, version: str, org: Organisation
) -> str | None:
    """How a requirement does not admit a planned version; None where it does, or is a URL.

    Of what a setup.py makes of a string such as ``name>=%s`` the rehearsal tells, by its build.
    """
    admitted = read_range(need)
    if need.direct or (admitted is not None and admitted.admits(version)):
        return None
    if admitted is None and need.guessed and org.config.rehearse:
        return None
    verb = "cannot be read and has to admit" if admitted is None else "does not admit"
    return f"{_place(repo, need)}: {need.raw!r} {verb} {need.name} {version}"


def _describe_left_out(repo: str, need: DeclaredRequirement, version: str) -> str | None:
    """How an installer passes a pre-release by that the requirement does not name (PEP 440)."""
    admitted = read_range(need)
    if need.direct or admitted is None or admitted.lets_in(version):
        return None
    return f"{_place(repo, need)}: {need.raw!r} names no pre-release such as {version}"


def _list_releases(repo: str, org: Organisation) -> list[str]:
    """Every version that a release tag of the repository names, lowest first."""
    facts = org.facts.repos[repo]
    found = read_tags(facts.tags, read_formats(facts, org.config))
    return list(dict.fromkeys(str(tag.version) for tag in reversed(found)))


def _place(repo: str, need: DeclaredRequirement) -> str:
    return f"{repo}/{need.file}, {need.table}"
