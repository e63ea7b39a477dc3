"""Making the plan of a run, with a word on every other run it could get in the way of.

The package index is asked about the versions on which a plan turns and which tags do not settle:
one that a manifest declares and no tag has, and one tagged on another branch. In an ordinary plan
nothing is asked. An index that does not answer leaves the question open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.contract.load import load_config
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.forge import VersionUse
from omninode_release.models.phase import PhaseState
from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.planning.organisation import Organisation
from omninode_release.planning.planner import Planner
from omninode_release.planning.versions.next_version import is_ahead, last_version
from omninode_release.release.owners.worktree_owner import find_other_root
from omninode_release.release.progress import list_companions
from omninode_release.system.children import work_together
from omninode_release.text.next_commands import find_resume, place_commands
from omninode_release.text.origins import name_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from omninode_release.adapters.ports import Index
    from omninode_release.models.facts import OrgFacts, RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.state import RepoState, RunState
    from omninode_release.release.record import RunRecord
    from omninode_release.release.session import Session

_STALE_AFTER = timedelta(hours=24)
_SECONDS = 10.0
_PARALLEL = 8


def plan_run(session: Session, record: RunRecord, facts: OrgFacts) -> Plan:
    """The plan, which the record keeps. Raises GRAPH_DRIFT."""
    record.warnings = tuple(_warn_of_other_runs(session, record))
    words = record.state.words if record.state else session.request.words
    today = (record.state or session).started_at.date()  # a resume goes on with what was approved
    repos = {name: replace(each, today=today) for name, each in facts.repos.items()}
    facts = replace(facts, repos=repos, environment=session.environment.variables)
    kept = _choose_rows_to_keep(record.state)
    facts = ask_index(session, facts, [repo for repo in record.targets if repo not in kept])
    built_in, is_over = lambda: load_config(None).graph, session.store.is_taken
    planner = Planner(session.config, facts, words, kept, built_in, is_over)
    plan = _place_refusals(planner.plan(session.run_id, record.targets), session)
    before = record.state.plan if record.state else Plan(run_id=session.run_id, entries=())
    # A run that only has to write down its end says what it said before.
    told = () if plan.remaining or plan.errors else before.warnings
    record.plan = plan.model_copy(
        update={
            "configuration": session.configuration,
            "warnings": tuple(dict.fromkeys((*told, *plan.warnings, *record.warnings))),
            "seen": (*(each for each in before.seen if each.repo in kept), *plan.seen),
            "rehearsal": before.rehearsal,
        }
    )
    if record.before is not None:
        record.plan = _mark_moved(
            record.plan, record.before, lambda repo: session.scan().git(repo).remote_url()
        )
    return record.plan


def _place_refusals(plan: Plan, session: Session) -> Plan:
    """The plan with what a person types for each refused row, from wherever they stand."""
    place = session.environment.place
    if not place:
        return plan
    placed = [
        row.model_copy(update={"error": place_commands(row.error, place)}) if row.error else row
        for row in plan.entries
    ]
    return plan.model_copy(update={"entries": tuple(placed)})


def is_refused_by_other_runs(record: RunRecord) -> bool:
    """True when a real run would be refused: one of its id has begun, or one is at work."""
    refusals = (ErrorCode.RUN_EXISTS, ErrorCode.RUN_LOCKED)
    return any(warning.startswith(refusals) for warning in record.warnings)


def _warn_of_other_runs(session: Session, record: RunRecord) -> Iterator[str]:
    """A warning for every unfinished run that has to do with the same repositories."""
    if session.request.run_id and session.store.is_archived(session.run_id):
        over = f"{session.run_id} is complete already; a real run is refused"
        yield f"RUN_EXISTS: {over}: choose another --run-id, or leave it out"
    at_work = session.store.lock.find_other_run()
    if at_work is not None:
        wait = f": omni-release wait {at_work.run_id}" if at_work.run_id else ""
        yield f"RUN_LOCKED: {at_work} is at work; a real run is refused until it has ended{wait}"
    root = find_other_root(session.places, session.run_id)
    if root is not None:
        there = f"{session.run_id} is not over in the state folder {root}"
        yield f"RUN_EXISTS: {there}; a real run is refused: choose another --run-id"
    for run_id in session.store.list_runs():
        own = run_id == session.run_id
        if own and record.state is not None:
            continue
        try:
            state = session.store.load(run_id)
        except ReleaseError as error:
            yield error.message
            continue
        if own:
            yield from _warn_of_same_run(session, state)
        else:
            yield from _warn_of_unfinished(session, record, state)


def _warn_of_same_run(session: Session, state: RunState) -> Iterator[str]:
    """A dry run's warning of what a real run of this id would be refused for."""
    if any(repo.is_begun for repo in state.repos.values()):
        resume = typed(find_resume(state))
        yield f"RUN_EXISTS: {session.run_id} has begun; a real run is refused: {resume}"


def _warn_of_unfinished(session: Session, record: RunRecord, state: RunState) -> Iterator[str]:
    shared = sorted(
        repo for repo in record.targets if repo in state.repos and state.repos[repo].is_begun
    )
    if shared and state.status != "completed":
        what = "stale" if session.started_at - state.updated_at > _STALE_AFTER else "unfinished"
        yield (
            f"the {what} run {state.run_id} ({state.updated_at:%Y-%m-%d %H:%M} UTC) has to do with"
            f" {', '.join(shared)} too"
        )


def _choose_rows_to_keep(state: RunState | None) -> Mapping[str, RepoPlan]:
    """Rows of this run that are not planned afresh: finished, begun, or skipped."""
    if state is None:
        return {}
    kept = {}
    for row in state.plan.entries:
        repo = state.repos.get(row.repo)
        if repo is None:
            kept[row.repo] = row
        elif repo.phase is PhaseState.DONE:
            kept[row.repo] = row.model_copy(update={"status": PlanStatus.DONE})
        elif repo.is_begun and repo.error_code is not ErrorCode.PLAN_STALE:
            kept[row.repo] = row
    # What shares a branch with a row that stands is released from it, begun or not.
    beside = {
        each.repo: each
        for row in state.plan.remaining
        if row.repo in kept
        for each in list_companions(state, row)
        if not state.repos[each.repo].is_begun
    }
    return kept | beside


def _mark_moved(plan: Plan, before: RunState, find_origin: Callable[[str], str | None]) -> Plan:
    """The plan with ``moved_to`` in each row that is released elsewhere than it was planned for.

    ``before`` is what an earlier invocation of its run has left. An approval is of a release to one
    place: such a row is another, and no earlier approval covers it.
    """
    moved = {
        repo: name_origin(find_origin(repo) or "")
        for repo in (row.repo for row in plan.remaining)
        if repo in before.repos and before.repos[repo].origin
    }
    moved = {repo: now for repo, now in moved.items() if now != before.repos[repo].origin}
    entries = [row.model_copy(update={"moved_to": moved.get(row.repo)}) for row in plan.entries]
    lines = [_describe_move(repo, now, before.repos[repo]) for repo, now in moved.items()]
    return plan.model_copy(update={"entries": tuple(entries)}).with_warnings(lines)


def _describe_move(repo: str, now: str, state: RepoState) -> str:
    made = f", {state.pr_url} among it" if state.pr_url else ""
    stays = f"; what it has made there stays there{made}" if state.is_begun else ""
    return f"{repo}: origin leads to {now}, and the run was planned for {state.origin}{stays}"


class _Question(NamedTuple):
    repo: str
    field: str
    """Where the answer belongs in the facts."""
    distribution: str
    version: str


def ask_index(session: Session, facts: OrgFacts, repos: Iterable[str]) -> OrgFacts:
    """The facts with what the index says of the versions in doubt, of these repositories."""
    if session.request.offline:
        return facts
    org = Organisation(session.config, facts)
    questions = [each for repo in repos for each in _list_questions(repo, org)]
    published = [each for each in questions if session.config.publishes(each.repo)]
    # Where nothing is published a tag is all there is of a release, and without one there is none.
    found = {each: VersionUse(taken=each.field == "tagged_use") for each in questions}
    answers: dict[str, dict[str, VersionUse]] = {}
    for question, answer in (found | _ask(session, published)).items():
        answers.setdefault(question.repo, {})[question.field] = answer
    return replace(facts, repos=_add_answers(facts.repos, answers))


def _list_questions(repo: str, org: Organisation) -> Iterator[_Question]:
    manifest, facts = org.manifests.get(repo), org.facts.repos.get(repo)
    if manifest is None or facts is None or not facts.commits:
        return
    name, tagged = manifest.distribution, last_version(facts, org.config)
    if org.config.ahead == "auto" and is_ahead(manifest, tagged):
        yield _Question(repo, "declared_use", name, str(manifest.version))
    if tagged is not None and not facts.on_base:
        yield _Question(repo, "tagged_use", name, str(tagged))


def _ask(session: Session, questions: list[_Question]) -> dict[_Question, VersionUse]:
    if not questions:  # only a version in doubt pays for the start of all that
        return {}
    from omninode_release.release.world import World  # noqa: PLC0415

    world = World.of(session)
    try:
        index = world.index_provider.open_index(replace(world.index_site, seconds=_SECONDS))
    except ReleaseError as error:
        return dict.fromkeys(questions, VersionUse(None, error.message.rstrip(".")))
    except Exception as error:  # noqa: BLE001 - an index in the making: the pre-flight names it
        return dict.fromkeys(questions, _broken(error))
    used = work_together(partial(_find_use, index), questions, threads=_PARALLEL)
    return dict(zip(questions, used, strict=True))


def _find_use(index: Index, question: _Question) -> VersionUse:
    try:
        return index.find_use(question.distribution, question.version)
    except Exception as error:  # noqa: BLE001 - as above
        return _broken(error)


def _broken(error: Exception) -> VersionUse:
    return VersionUse(None, f"{type(error).__name__} {error}".strip())


def _add_answers(
    repos: Mapping[str, RepoFacts], answers: Mapping[str, Mapping[str, VersionUse]]
) -> dict[str, RepoFacts]:
    return {
        repo: replace(
            facts,
            declared_use=answers.get(repo, {}).get("declared_use"),
            tagged_use=answers.get(repo, {}).get("tagged_use"),
        )
        for repo, facts in repos.items()
    }
