"""The plan as a file: written whole, and held against the plan a run makes itself.

Nothing of a file is ever carried out. A run makes its own plan, of the world as it is, and the file
can only refuse that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.contract.load import config_digest
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.errors.excerpt import start_of
from omninode_release.models.plan import PlanStatus
from omninode_release.models.plan_file import PlanFile, PlannedRow
from omninode_release.planning.organisation import Organisation
from omninode_release.planning.versions.history import judge_history
from omninode_release.release.steps import NoCollector, Stage, foresee
from omninode_release.text.formats.sealed_json import digest_of, seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from omninode_release.models.facts import OrgFacts, RepoFacts
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.release.record import RunRecord
    from omninode_release.release.session import Session
    from omninode_release.system.secrets import Secrets

_SHOWN = 5
"""Differences of one row that are told."""


def describe_plan(record: RunRecord, plan: Plan, facts: OrgFacts) -> PlanFile:
    """The plan with what led to it and what will come of it; changes nothing."""
    session, state = record.session, record.state
    words = state.words if state else session.request.words
    org = Organisation.settle(session.config, facts)
    stage = Stage(
        session.places.worktrees / "rehearsal" / plan.run_id,
        plan=plan,
        started_at=state.started_at if state else session.started_at,
        ticket=state.ticket if state else session.request.ticket,
        offline=session.request.offline,
    )
    value = {
        "schema_version": 1,
        "run_id": plan.run_id,
        "made_at": session.clock.now(),
        "organization": session.config.organization,
        "configuration": plan.configuration,
        "config_digest": config_digest(session.rules.written),
        "targets": record.targets,
        "bump_override": words.bump,
        "bump_overrides": dict(words.bumps),
        "version_overrides": dict(words.versions),
        "pre": words.pre,
        "ticket": stage.ticket,
        "plan_hash": plan.plan_hash,
        "entries": [_describe_row(row, org, stage, session) for row in plan.entries],
        "warnings": plan.warnings,
        "seen": plan.seen,
        "rehearsal": plan.rehearsal,
        "digest": f"sha256:{'0' * 64}",
    }
    return _seal(PlanFile.model_validate(value), session.environment.secrets)


def _seal(plan_file: PlanFile, secrets: Secrets) -> PlanFile:
    """The same with its digest, and no secret in it.

    Nearly always there is none: then no more than one row is held a second time.
    """
    found = False

    def read(value: dict[str, Any]) -> dict[str, Any]:
        nonlocal found
        found = found or secrets.hide_in(value) is not value
        return value

    head = read(plan_file.model_dump(mode="json", exclude={"entries"}))
    rows = (read(row.model_dump(mode="json")) for row in plan_file.entries)
    digest = digest_of({**head, "entries": rows})
    if found:
        return PlanFile.model_validate(seal(secrets.hide_in(plan_file.model_dump(mode="json"))))
    return plan_file.model_copy(update={"digest": digest})


def _describe_row(row: RepoPlan, org: Organisation, stage: Stage, session: Session) -> PlannedRow:
    facts = org.facts.repos.get(row.repo)
    commits = facts.commits if facts else ()
    more: dict[str, Any] = {
        "history": tuple(judge_history(commits, org.config.default_bump)),
        "needed_by": org.dependants.get(row.repo, ()),
    }
    if row.status is PlanStatus.RELEASE:
        more |= _foresee(row, stage, session, facts)
    return PlannedRow.model_validate({**dict(row), **more})


def _foresee(
    row: RepoPlan, stage: Stage, session: Session, facts: RepoFacts | None
) -> dict[str, Any]:
    """The tags and the changelog entry that a release will make; what is in their way is said."""
    left_out = NoCollector("a dry run does not", "add --rehearse to see it")
    collector = None if session.request.rehearse else left_out
    try:
        return foresee(row, stage, session, facts, collector)
    except ReleaseError as error:
        return {"entry_problem": error.text}


# Holding it against the plan that a run makes.


def require_same_plan(session: Session, plan: Plan) -> None:
    """Raise PLAN_STALE, with what differs, where the plan is not the one that was given."""
    given, path = session.given, session.given_in
    if given is None:
        return
    differences = tuple(_compare(given.plan, plan, session.environment.secrets))
    if differences:
        raise ReleaseError(
            ErrorCode.PLAN_STALE,
            f"expected the plan in {path}, of {given.made_at:%Y-%m-%d %H:%M} UTC, found another"
            f" one by now: {'; '.join(differences)}. Nothing was modified.",
            hint=f"{typed([*_make_again(given, path)])} plans anew; read that, then"
            f" {typed(['omni-release', 'release', '--plan', str(path)])}",
        )


def _make_again(given: PlanFile, path: Path | None) -> Iterator[str]:
    """The command that makes a plan of what this one was asked for."""
    yield from ("omni-release", "plan", *given.targets)
    yield from ("--bump", str(given.bump_override)) if given.bump_override else ()
    for repo, level in given.bump_overrides.items():
        yield from ("--bump", f"{repo}={level}")
    for repo, version in given.version_overrides.items():
        yield from ("--version", f"{repo}={version}")
    yield from ("--pre", given.pre) if given.pre else ()
    yield from ("--ticket", given.ticket) if given.ticket else ()
    yield from ("--out", str(path))


def _compare(given: Plan, plan: Plan, secrets: Secrets) -> Iterator[str]:
    """Every row that differs, and by what; the order of the rows is a part of a plan.

    A file has no secret in it: rows are compared as they would stand there. What is but offered is
    not released, and may be of another day.
    """
    before, now = (
        {
            row.repo: secrets.hide_in(row.model_dump(mode="json", exclude={"offered"}))
            for row in each.entries
        }
        for each in (given, plan)
    )
    for repo, row in before.items():
        if repo not in now:
            yield f"{repo} is missing"
        elif row != now[repo]:
            yield f"{repo}: {_describe_difference(row, now[repo])}"
    yield from (f"{repo} is new" for repo in now if repo not in before)
    if set(before) == set(now) and [*before] != [*now]:
        yield f"the order is {', '.join(now)}"


def _describe_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    words = [
        f"{name} was {_show(old[name])} and is {_show(new[name])}"
        for name in old
        if old[name] != new[name]
    ]
    more = f", and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


def _show(value: object) -> str:
    return start_of(_put_into_words(value) or "nothing", 80)


def _put_into_words(value: object) -> str:
    """A value of a plan as a person reads it; nothing of what is empty."""
    if isinstance(value, dict):
        told = {name: _put_into_words(each) for name, each in value.items()}
        return ", ".join(f"{name} {words}" for name, words in told.items() if words)
    if isinstance(value, list):
        return "; ".join(map(_put_into_words, value))
    return "" if value is None else str(value)
