"""One row of the plan from the facts of its repository: level and version, or the refusal."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.plan import PlanStatus, Reason, RepoPlan
from omninode_release.planning.versions.by_date import (
    choose_by_date,
    describe_date,
    refuse_day_number,
    refuse_level,
)
from omninode_release.planning.versions.declared import read_base
from omninode_release.planning.versions.news import read_news
from omninode_release.planning.versions.next_version import (
    choose_next,
    choose_said,
    find_current,
    last_version,
)
from omninode_release.planning.versions.pre_releases import hear_pre_releases, make_pre_release
from omninode_release.planning.versions.tag_refusals import (
    refuse_after_series,
    refuse_below_a_tag,
    refuse_uncountable,
    refuse_unknown_tags,
    refuse_what_came,
)
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.commits.release_footers import find_release_word
from omninode_release.text.manifests.manifest import MANIFEST, require_releasable
from omninode_release.text.versions.version import find_level, parse_version

if TYPE_CHECKING:
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.version_words import PreKind, Word
    from omninode_release.planning.versions.news import News
    from omninode_release.planning.versions.next_version import NextVersion
    from omninode_release.text.manifests.manifest import Manifest


def plan_row(
    repo: str,
    facts: RepoFacts | None,
    config: ReleaseConfig,
    word: Word | None,
    pre: PreKind | None = None,
) -> RepoPlan:
    """The row of ``repo``, without its pins; ``word`` is what the caller said of its version.

    ``pre`` is the kind of pre-release that was asked for.
    """
    clone = config.clone_of(repo)
    row = RepoPlan(
        repo=repo,
        tier=config.graph.tier_of(repo),
        status=PlanStatus.RELEASE,
        repository=clone if clone != repo else None,
        path=config.place_of(repo).folder or None,
    )
    if facts is None:
        return refuse_row(row, missing_clone_error(repo, config))
    if facts.problem is not None:
        return refuse_row(row, facts.problem)
    row = row.model_copy(
        update={
            "base_branch": facts.base_branch,
            "base_sha": facts.base_sha,
            "last_tag": facts.last_tag,
            "merged_tag": facts.merged_tag,
            "commits": len(facts.commits),
        }
    )
    try:
        row = _decide_version(row, facts, config, word)
        return _hear_pre(row, facts, config, word, pre)
    except ReleaseError as error:
        return refuse_row(row, error)


class Following(NamedTuple):
    """Why a row is released beside its own commits."""

    siblings: tuple[str, ...]
    word: Word | None
    """What was said of its version."""
    pre: PreKind | None


def follow_row(
    row: RepoPlan, follows: Following, facts: RepoFacts, config: ReleaseConfig
) -> RepoPlan:
    """A row as the patch that follows its siblings, or the refusal of it.

    A word on its level or version goes before that.
    """
    word = follows.word
    try:
        if word is None:
            refuse_uncountable(facts)
        manifest, level = read_base(facts, config), (word and word.level) or Level.PATCH
        released = _release_row(row, facts, manifest, config, level=level, word=word)
        released = released.model_copy(update={"cascaded_from": follows.siblings})
        return _hear_pre(released, facts, config, word, follows.pre)
    except ReleaseError as error:
        return refuse_row(row, error)


def _hear_pre(
    row: RepoPlan,
    facts: RepoFacts,
    config: ReleaseConfig,
    word: Word | None,
    pre: PreKind | None,
) -> RepoPlan:
    """The row with what pre-releases say of its version, and as one where that was asked for."""
    if row.status is not PlanStatus.RELEASE:
        return row
    manifest = read_base(facts, config)
    row = hear_pre_releases(row, facts, manifest, config, word)
    return make_pre_release(row, facts, manifest, config, pre) if pre else row


def refuse_row(row: RepoPlan, error: ReleaseError) -> RepoPlan:
    """The row of a repository that a real run would refuse to release."""
    return row.model_copy(
        update={"status": PlanStatus.ERROR, "error_code": error.code, "error": error.text}
    )


def _decide_version(
    row: RepoPlan, facts: RepoFacts, config: ReleaseConfig, word: Word | None
) -> RepoPlan:
    _require_manifest(facts, config)
    refuse_unknown_tags(facts, config)
    try:
        manifest = read_base(facts, config)
    except ReleaseError:
        _refuse_links(facts)  # what git shows of a link is where it leads, and no manifest
        raise
    refuse_what_came(facts, manifest, config)
    row = row.model_copy(
        update={
            "distribution": manifest.distribution,
            "current": str(find_current(facts, manifest, config)),
        }
    )
    decision = decide(facts.commits, default_bump=config.default_bump)
    news = read_news(facts, config, last_version(facts, config), manifest.distribution)
    if word is None:
        refuse_uncountable(facts)
        word = find_release_word(facts.commits)
    if decision.level is None and (word is None or word.version is None):
        return _skip_row(row, facts, manifest, config)
    if config.find_calver(row.repo) and (word is None or word.version is None):
        refuse_level(row.repo, word)
        word = None
    level = (word and word.level) or news.raise_level(decision.level) or config.default_bump
    released = _release_row(row, facts, manifest, config, level=level, word=word)
    commit = decision.commit
    released = released.model_copy(
        update={"decided_by": Reason(sha=commit.sha, subject=commit.subject) if commit else None}
    )
    return released if word else _hear_news(news, released, decision.level)


def _skip_row(
    row: RepoPlan, facts: RepoFacts, manifest: Manifest, config: ReleaseConfig
) -> RepoPlan:
    """The row of what has nothing to release, and the version that a person could say of it."""
    offered = None
    with suppress(ReleaseError):  # then none can be said
        released = _release_row(row, facts, manifest, config, level=Level.PATCH, word=None)
        offered = hear_pre_releases(released, facts, manifest, config, None).new
    update = {"status": PlanStatus.SKIP, "error_code": ErrorCode.NOTHING_TO_RELEASE}
    return row.model_copy(update={**update, "offered": offered})


def _release_row(
    row: RepoPlan,
    facts: RepoFacts,
    manifest: Manifest,
    config: ReleaseConfig,
    *,
    level: Level,
    word: Word | None,
) -> RepoPlan:
    """The row with the version that a release of ``level`` gets, or the one that was said."""
    _refuse_links(facts)
    publishes, where = config.publishes(facts.repo), f"{facts.repo}/{MANIFEST}"
    require_releasable(facts.manifest or "", where=where, publishes=publishes)
    chosen, level, by = _choose(facts, manifest, config, level=level, word=word)
    refuse_below_a_tag(facts, chosen.new, config)
    refuse_after_series(facts, chosen.new, config)
    return row.model_copy(
        update={
            "status": PlanStatus.RELEASE,
            "error_code": None,
            "offered": None,
            "current": str(chosen.current),
            "new": str(chosen.new),
            "tag_format": _choose_tag_format(facts, config),
            "bump": level,
            "forced": word is not None,
            "word": word and word.said,
            "declared_by": by,
        }
    )


def _choose(
    facts: RepoFacts, manifest: Manifest, config: ReleaseConfig, *, level: Level, word: Word | None
) -> tuple[NextVersion, Level, str | None]:
    """The version of a release, its level, and what decided it if not commits or a person."""
    form, by = config.find_calver(facts.repo), None
    if word is not None and word.version is not None:
        chosen = choose_said(facts, manifest, word.version, word.said, config)
        level = find_level(last_version(facts, config) or manifest.version, chosen.new)
    elif form is not None:
        chosen = choose_by_date(facts, manifest, form, config)
        level, by = find_level(chosen.current, chosen.new), describe_date(facts, form)
    else:
        chosen = choose_next(facts, manifest, level, config)
        refuse_day_number(facts.repo, chosen, manifest.version)
        if word is None and manifest.develops and chosen.new == manifest.version:
            level, by = _raise_level(level, chosen, manifest)
    return chosen, level, by


def _raise_level(level: Level, chosen: NextVersion, manifest: Manifest) -> tuple[Level, str | None]:
    """What of the version is raised to the one in development, and by what, if not by commits."""
    step = find_level(chosen.current, chosen.new)
    if step.rank <= level.rank:
        return level, None
    return step, f"{manifest.holder} ({manifest.version})"


def _refuse_links(facts: RepoFacts) -> None:
    if facts.link_fault is not None:
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected files of {facts.repo} that stand by themselves, found that"
            f" {facts.link_fault}.",
            hint=f"put a file or folder of its own in the link's place on {facts.base_branch}",
        )


def _require_manifest(facts: RepoFacts, config: ReleaseConfig) -> None:
    if facts.manifest is None:
        folder = config.place_of(facts.repo).folder
        inside = f" (packages.{facts.repo} says {folder} of {facts.path.name})" if folder else ""
        raise ReleaseError(
            ErrorCode.SCAN_FAILED,
            f"expected {facts.repo}/{MANIFEST} on {facts.base_branch}, found none{inside}.",
            hint=f"{f'correct packages.{facts.repo}, ' if folder else ''}add one, or take"
            f" {facts.repo} out of the graph (graph.tiers, graph.ignore)",
        )


def _hear_news(news: News, row: RepoPlan, of_commits: Level | None) -> RepoPlan:
    """The row with the version that a heading of the changelog declares, and where it does."""
    current, new = (parse_version(each) for each in row.versions)
    declared = news.find_declared(new)
    if declared is not None:
        level = find_level(current, declared.version)
        if declared.version == new and row.bump is not None:
            level = max(level, row.bump, key=lambda each: each.rank)
        changes = {"new": str(declared.version), "bump": level}
        return row.model_copy(update={**changes, "declared_by": news.describe(declared)})
    asked = news.fragment if row.declared_by is None else None
    if asked is not None and asked.level is row.bump is not of_commits:
        return row.model_copy(update={"declared_by": asked.path})
    return row


def _choose_tag_format(facts: RepoFacts, config: ReleaseConfig) -> str | None:
    """The format to make, where it is not the one the configuration makes."""
    made = next(iter(facts.tag_formats), None)
    return None if made == config.tag_formats[0] else made


def missing_clone_error(repo: str, config: ReleaseConfig) -> ReleaseError:
    """What is said of a repository of the graph that is not there."""
    other = f"; or correct packages.{repo}" if repo in config.packages else ""
    return ReleaseError(
        ErrorCode.REPO_NOT_FOUND,
        f"expected a clone of {config.clone_of(repo)} under omni_home, found none.",
        hint=f"clone {config.organization}/{config.clone_of(repo)} there, or name the repositories"
        f" to release without it{other}",
    )
