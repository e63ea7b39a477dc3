"""Packages that always share one version: those that edges with ``pins: lockstep`` join, or a tag.

A group is released as a whole, with the highest version that one of its members would get; a member
without commits comes along. What cannot hold for the whole group is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlanStatus
from omninode_release.models.version_words import Word
from omninode_release.planning.planned_pins import is_released
from omninode_release.planning.rows import Following, follow_row, refuse_row
from omninode_release.text.versions.version import is_same, tag_name, write_whole
from omninode_release.text.workflows.workflow import fill_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.version_words import VersionWords
    from omninode_release.planning.organisation import Organisation


_START_AFRESH = "omni-release abandon RUN_ID, and a fresh run plans all of them"


def keep_step(
    rows: dict[str, RepoPlan],
    org: Organisation,
    words: VersionWords,
    *,
    kept: Mapping[str, RepoPlan],
) -> bool:
    """Give the rows of each group one version, or the refusal of it; True where any was changed."""
    before = dict(rows)
    for group in find_groups(org):
        here = [repo for repo in group if repo in rows]
        begun = [kept[repo].new or "" for repo in here if is_released(repo, kept)]
        planned = [r for r in here if r not in kept and not _is_there(rows[r], begun)]
        asking = {PlanStatus.RELEASE, *([PlanStatus.SKIP] if begun else [])}
        changed = [rows[repo] for repo in planned if rows[repo].status in asking]
        if not changed:
            continue
        try:
            _require_whole(group, here, rows)
            _require_one_run(group, org)
            version = _choose_version(group, rows, words, kept)
        except ReleaseError as error:
            for row in changed:
                rows[row.repo] = refuse_row(row, error)
            continue
        for repo in planned:
            if rows[repo].new != version:
                rows[repo] = _follow(rows[repo], version, group, org, words, is_begun=bool(begun))
    return rows != before


def _is_there(row: RepoPlan, begun: Sequence[str]) -> bool:
    """True of a member without commits that has the version which the run has begun with."""
    current = row.current if row.status is PlanStatus.SKIP else None
    return any(is_same(current, version) for version in begun) if current else False


def find_groups(org: Organisation) -> Iterator[tuple[str, ...]]:
    """The packages that have one version, in the order of the release."""
    joined = {repo: {repo} for repo in org.order}
    edges = ((repo, sibling) for repo in org.order for sibling in org.needs_of(repo))
    held = (edge for edge in edges if org.config.pin_rule(*edge) == "lockstep")
    for repo, sibling in (*held, *_list_common_tags(org)):
        if sibling not in joined:
            continue
        both = joined[repo] | joined[sibling]
        for each in both:
            joined[each] = both
    for repo, group in joined.items():
        if len(group) > 1 and repo == min(group, key=org.places.__getitem__):
            yield tuple(sorted(group, key=org.places.__getitem__))


def _list_common_tags(org: Organisation) -> Iterator[tuple[str, str]]:
    """Packages of one repository whose next releases would have the same tag."""
    first: dict[tuple[str, str], str] = {}
    for repo in org.order:
        facts = org.facts.repos.get(repo)
        made = facts and facts.tag_formats[:1]
        if made:
            tag = tag_name(made[0], repo, "1.2.3")
            yield repo, first.setdefault((org.config.clone_of(repo), tag), repo)


def _require_whole(group: tuple[str, ...], here: list[str], rows: Mapping[str, RepoPlan]) -> None:
    """Raise PIN_CONFLICT where a member is not part of the run, or cannot be released."""
    missing = [repo for repo in group if repo not in here]
    if missing:
        raise ReleaseError(
            ErrorCode.PIN_CONFLICT,
            f"expected all of {', '.join(group)} in the run, whose versions are in lockstep, found"
            f" no {', '.join(missing)}.",
            hint=f"omni-release {' '.join(group)}",
        )
    failed = [repo for repo in here if rows[repo].status is PlanStatus.ERROR]
    if failed:
        raise ReleaseError(
            ErrorCode.PIN_CONFLICT,
            f"expected all of {', '.join(group)} to be released, whose versions are in lockstep,"
            f" found that {', '.join(failed)} cannot be.",
            hint=f"mend what the plan says of {', '.join(failed)}",
        )


def _require_one_run(group: tuple[str, ...], org: Organisation) -> None:
    """Raise TAG_CONFLICT where a workflow would have to be run several times for one tag."""
    runs: dict[tuple[str, str], tuple[str, Mapping[str, str]]] = {}
    for repo, first in _list_common_tags(org):
        if repo not in group or not org.config.publishes(repo):
            continue
        workflow, inputs = _describe_run(repo, org)
        other, first_inputs = runs.setdefault((first, workflow), (repo, inputs))
        if inputs != first_inputs:
            fmt = org.facts.repos[repo].tag_formats[0]
            raise ReleaseError(
                ErrorCode.TAG_CONFLICT,
                f"expected one run of {workflow} to publish {other} and {repo}, which have"
                f" their tags ({fmt}) together, found other inputs for each: the run of the first"
                " would be taken for that of both.",
                hint=f'write tag_formats_of: {{{repo}: ["{{name}}-v{{version}}", "{fmt}"]}} into'
                " the release configuration, and its next tags are its own",
            )


def _describe_run(repo: str, org: Organisation) -> tuple[str, Mapping[str, str]]:
    """The workflow that publishes it, and what a dispatch would be given."""
    publish, fmt = org.config.publish_for(repo), org.facts.repos[repo].tag_formats[0]
    return publish.workflow, fill_inputs(publish, repo, tag_name(fmt, repo, "1.2.3"))


def _choose_version(
    group: tuple[str, ...],
    rows: Mapping[str, RepoPlan],
    words: VersionWords,
    kept: Mapping[str, RepoPlan],
) -> str:
    """The highest; raises VERSION_INVALID where a person said another one for a member."""
    version = write_whole(max(Version(row.new) for repo in group if (row := rows[repo]).new))
    final = Version(version).base_version
    for repo in group:
        said = words.versions.get(repo)
        begun = rows[repo].new if repo in kept else None
        if (said and said != final) or (begun and not is_same(begun, version)):
            raise ReleaseError(
                ErrorCode.VERSION_INVALID,
                f"expected one version of {', '.join(group)}, which are in lockstep, found"
                f" {said or begun} of {repo} and {version}.",
                hint=_START_AFRESH if begun else "pass one --version, of the one that is to lead",
            )
    return version


def _follow(
    row: RepoPlan,
    version: str,
    group: tuple[str, ...],
    org: Organisation,
    words: VersionWords,
    *,
    is_begun: bool,
) -> RepoPlan:
    """The row with the version of its group."""
    others = tuple(repo for repo in group if repo != row.repo)
    final = Version(version).base_version
    word = Word(f"{version}, lockstep with {', '.join(others)}", version=final)
    facts = org.facts.repos[row.repo]
    found = follow_row(row, Following(others, word, words.pre), facts, org.config)
    if found.new is None and found.error_code is not ErrorCode.VERSION_INVALID:
        return found
    if found.new is None or Version(found.new) > Version(version):
        return refuse_row(row, _too_low(found, version, group, words, is_begun=is_begun))
    has_own = row.status is PlanStatus.RELEASE
    alone = {"cascaded_from": ()} if has_own else {}
    return found.model_copy(update={"new": version, "decided_by": row.decided_by, **alone})


def _too_low(
    row: RepoPlan, version: str, group: tuple[str, ...], words: VersionWords, *, is_begun: bool
) -> ReleaseError:
    others = ", ".join(repo for repo in group if repo != row.repo)
    own = f"its next one is {row.new}" if row.new else f"it is at {row.current}"
    pre = f" --pre {words.pre}" if words.pre else ""
    return ReleaseError(
        ErrorCode.VERSION_INVALID,
        f"expected {version}, the version of {others}, to be free for {row.repo}, which is in"
        f" lockstep with them, found that {own}.",
        hint=_START_AFRESH
        if is_begun
        else f"omni-release {' '.join(group)} --version {row.repo}=X.Y.Z{pre} says a higher one for"
        " all of them",
    )
