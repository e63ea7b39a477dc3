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
from omninode_release.text.version_ranges import find_exact_version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.version_words import VersionWords
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.requirements import DeclaredRequirement


class _Behind(NamedTuple):
    """A requirement that names an older version than the run releases of its sibling."""

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
    for each in find_behind(row.repo, rows, org):
        yield (
            f"{row.repo}: nothing to release, and its exact pin {each.declared.raw!r}"
            f" ({each.declared.table}) stays behind {each.sibling} {each.version};"
            " `cascade: patch` in the release configuration releases it along"
        )


def find_behind(repo: str, rows: Mapping[str, RepoPlan], org: Organisation) -> Iterator[_Behind]:
    """The exact pins of a row with nothing to release that PIN would write anew."""
    row = rows.get(repo)
    if row is None or row.status is not PlanStatus.SKIP:
        return
    for each in org.requirements.get(repo, ()):
        sibling = org.siblings[each.name]
        if not org.comes_before(sibling, repo) or not is_released(sibling, rows):
            continue
        exact, version = find_exact_version(each), rows[sibling].versions[1]
        is_stale = each.is_published and exact is not None and exact < Version(version)
        if is_stale and org.config.pin_rule(repo, sibling) != "keep":
            yield _Behind(sibling, each, version)
