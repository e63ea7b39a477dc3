"""Why a version: of what a run would release next, or of what a tag says was released."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from omninode_release.console.render_plan import describe_decision, describe_skip
from omninode_release.errors import typed, usage_error
from omninode_release.errors.excerpt import show
from omninode_release.models.explanation import Explanation
from omninode_release.models.plan import PinChange, PlanStatus, RepoPlan
from omninode_release.planning.guards.seen import find_marks
from omninode_release.planning.organisation import Organisation
from omninode_release.planning.rows import missing_clone_error
from omninode_release.planning.versions.declared import read_needs
from omninode_release.planning.versions.history import judge_history
from omninode_release.planning.versions.next_version import last_version, read_formats
from omninode_release.release.plan_run import plan_run
from omninode_release.release.record import RunRecord
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.versions.tag_formats import (
    ReleaseTag,
    find_pre_release_tags,
    read_number,
    read_tags,
)
from omninode_release.text.versions.version import find_level, is_same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omninode_release.models.commit import Level
    from omninode_release.models.facts import OrgFacts, RepoFacts
    from omninode_release.release.session import Session
    from omninode_release.text.holders.ports import Read

_SHOWN = 10
"""Released versions that are told where another one was asked for."""


def explain_next(session: Session, repo: str) -> Explanation:
    """Why the next version: what a run of all repositories would do with this one."""
    record = RunRecord(session)
    facts = session.scan().read_clones(record.targets, ask_remotes=not session.request.offline)
    plan = plan_run(session, record, facts)
    row, found = plan.entry(repo), facts.repos.get(repo)
    org = Organisation.settle(session.config, facts)
    return Explanation(
        repo=repo,
        status=row.status,
        old=row.current,
        new=row.new,
        level=row.bump,
        why=_describe_row(row, _name_last(session, found)),
        since=row.last_tag,
        commit=row.base_sha,
        history=tuple(judge_history(found.commits if found else (), session.config.default_bump)),
        pins=tuple(chain.from_iterable(pin.changes for pin in row.pins)),
        needed_by=org.dependants.get(repo, ()),
        seen=tuple(each for each in plan.seen if each.repo == repo),
        problem=row.error,
    )


def _describe_row(row: RepoPlan, last: str) -> str:
    if row.status is PlanStatus.SKIP:
        return f"nothing to release: {describe_skip(row)}{last}"
    if row.bump is None:
        return f"{row.error_code}: a run would refuse"
    return describe_decision(row)


def _name_last(session: Session, found: RepoFacts | None) -> str:
    """The command that explains the last release, where there is one."""
    last = last_version(found, session.config) if found else None
    if found is None or last is None:
        return ""
    version = read_number(found.last_tag or "") or str(last)
    ask = ("omni-release", *session.environment.place, "explain", found.repo, "--version", version)
    return f"; {typed(ask)} tells why it got {version}"


def explain_released(session: Session, repo: str, version: str) -> Explanation:
    """Why a version that is released: what its tag contains and no lower release does.

    Raises USAGE_ERROR for a version without a tag, and REPO_NOT_FOUND.
    """
    facts = session.scan().read_clones((repo,), ask_remotes=False)
    found = facts.repos.get(repo)
    if found is None:
        raise missing_clone_error(repo, session.config)
    if found.problem is not None:
        raise found.problem
    formats = read_formats(found, session.config)
    tags = read_tags(found.tags, formats)
    # A pre-release has what came since the last final release, and is the base of nothing.
    early = [
        ReleaseTag(each.version, each.fmt, each.name)
        for each in find_pre_release_tags(found.tags, formats)
    ]
    tag = next((each for each in (*tags, *early) if is_same(str(each.version), version)), None)
    if tag is None:
        raise _unknown(repo, version, tags)
    return _explain_tag(session, facts, found, tag, [e for e in tags if e.version < tag.version])


def _explain_tag(
    session: Session, facts: OrgFacts, found: RepoFacts, tag: ReleaseTag, lower: list[ReleaseTag]
) -> Explanation:
    git, repo, sha = session.scan().git(found.repo), found.repo, found.tags[tag.name]
    before = lower[0] if lower else None
    start = found.tags[before.name] if before else sha
    last, git = (git.inside(git.find_place(each, found.base_sha)) for each in (start, sha))
    commits = git.commits_inside(sha, None, *dict.fromkeys(found.tags[each.name] for each in lower))
    level = find_level(before.version, tag.version) if before else None
    row = RepoPlan(repo=repo, tier=0, status=PlanStatus.DONE, bump=level)
    org = Organisation.settle(session.config, facts)
    then, now = partial(last.text, start), partial(git.text, sha)
    return Explanation(
        repo=repo,
        status=PlanStatus.DONE,
        old=before.number if before else None,
        new=tag.number,
        level=level,
        why=_describe_tag(decide(commits, default_bump=session.config.default_bump).level, level),
        since=before.name if before else None,
        commit=sha,
        history=tuple(judge_history(commits, session.config.default_bump)),
        pins=tuple(_compare_pins(org, repo, then, now)),
        needed_by=org.dependants.get(repo, ()),
        seen=tuple(find_marks(row, replace(found, commits=tuple(commits)), org)),
    )


def _describe_tag(asked: Level | None, level: Level | None) -> str:
    """What its commits ask for, and what became of it."""
    said = f"its commits ask for {asked or 'no release'}"
    if level is None:
        return f"the first release; {said}"
    return f"{level}: {said}" if asked is level else f"{level}, though {said}"


def _compare_pins(org: Organisation, repo: str, before: Read, now: Read) -> Iterator[PinChange]:
    """Requirements on siblings of two manifests, where they are not the same in both."""
    old = {
        (each.name, each.table): each.raw
        for each in read_needs(before, repo)
        if each.name in org.siblings
    }
    for each in read_needs(now, repo):
        was = old.get((each.name, each.table), "")
        if each.name in org.siblings and was != each.raw:
            yield PinChange(name=each.name, table=each.table, before=was, after=each.raw)


def _unknown(repo: str, version: str, tags: list[ReleaseTag]) -> Exception:
    known = list(dict.fromkeys(each.number for each in tags))
    more = f" and {len(known) - _SHOWN} older" if len(known) > _SHOWN else ""
    return usage_error(
        f"explain: expected a version of {repo} that has a tag in its clone"
        f" ({', '.join(known[:_SHOWN]) or 'none has'}{more}), found {show(version)}.",
        hint=f"omni-release explain {repo} explains the next one",
    )
