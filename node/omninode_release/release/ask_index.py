"""Ask the package index about the versions on which a plan turns and which tags do not settle.

That is a version that a manifest declares and no tag has, and one tagged on another branch;
in an ordinary plan nothing is asked. Asking changes nothing; an index that does not answer leaves
the question open.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ReleaseError
from omninode_release.models.forge import VersionUse
from omninode_release.planning.next_version import is_ahead, last_version
from omninode_release.planning.organisation import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from omninode_release.adapters.ports import Index
    from omninode_release.models.facts import OrgFacts, RepoFacts
    from omninode_release.release.session import Session

_SECONDS = 10.0
_PARALLEL = 8


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
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return dict(zip(questions, pool.map(partial(_find_use, index), questions), strict=True))


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
