"""Repositories with nothing to release whose exact pins would stay behind a sibling of the run.

What counts is what an installed package requires, with or without an extra: an exact pin in a
development group reaches no user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from omninode_release.models.plan import PlanStatus
from omninode_release.planning.planned_pins import is_released
from omninode_release.planning.rows import Following, follow_row
from omninode_release.text.requirements.ranges import find_exact_version, read_range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.version_words import VersionWords
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements.declared import DeclaredRequirement


class _Behind(NamedTuple):
    """A requirement on a sibling of which the run releases a newer version."""

    sibling: str
    declared: DeclaredRequirement
    version: str


def cascade(
    rows: dict[str, RepoPlan],
    org: Organisation,
    words: VersionWords,
    *,
    kept: Collection[str],
) -> None:
    """Turn rows with nothing to release into patches, where the configuration says so.

    In the order of the release: what follows a sibling is followed in turn. Rows that are ``kept``
    of an earlier invocation stay as they were approved.
    """
    if org.config.cascade == "off":
        return
    for repo in (each for each in org.order if each not in kept):
        siblings = tuple(dict.fromkeys(each.sibling for each in find_behind(repo, rows, org)))
        if siblings:
            follows = Following(siblings, words.find(repo), words.pre)
            rows[repo] = follow_row(rows[repo], follows, org.facts.repos[repo], org.config)


def warn_of_behind(row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation) -> Iterator[str]:
    """What stays behind, for a row that keeps having nothing to release."""
    behind = [*find_behind(row.repo, rows, org)]
    for each in behind:
        yield (
            f"{row.repo}: nothing to release, and its exact pin {each.declared.raw!r}"
            f" ({each.declared.table}) stays behind {each.sibling} {each.version};"
            " `cascade: patch` in the release configuration releases it along"
        )
    for each in _find_passed(row.repo, rows, org):
        admitted = read_range(each.declared)
        is_passed = admitted is not None and not admitted.admits(each.version)
        if is_passed and each not in behind and org.may_need(row.repo, each.declared):
            yield (
                f"{row.repo}: nothing to release, and its {each.declared.raw!r}"
                f" ({each.declared.table}) does not admit {each.sibling} {each.version}: the two"
                " will not install together"
            )


def find_behind(repo: str, rows: Mapping[str, RepoPlan], org: Organisation) -> Iterator[_Behind]:
    """The exact pins of a row with nothing to release that PIN would write anew."""
    for each in _find_passed(repo, rows, org):
        exact = find_exact_version(each.declared)
        is_stale = exact is not None and exact < Version(each.version)
        if is_stale and org.config.pin_rule(repo, each.sibling) != "keep":
            yield each


def _find_passed(repo: str, rows: Mapping[str, RepoPlan], org: Organisation) -> Iterator[_Behind]:
    """What a package with nothing to release requires of siblings that the run releases."""
    row = rows.get(repo)
    if row is None or row.status is not PlanStatus.SKIP:
        return
    for each in org.requirements.get(repo, ()):
        sibling = org.siblings[each.name]
        if each.is_published and org.comes_before(sibling, repo) and is_released(sibling, rows):
            yield _Behind(sibling, each, rows[sibling].versions[1])
