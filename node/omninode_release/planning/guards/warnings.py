"""What a person should know before approving a plan that nothing forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from omninode_release.models.config_names import say_key
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.cascade import warn_of_behind
from omninode_release.planning.former_names import warn_of_former_names
from omninode_release.planning.versions.declared import base_reader
from omninode_release.planning.versions.next_version import (
    choose_next,
    describe_declared,
    is_ahead,
    last_version,
    read_formats,
)
from omninode_release.planning.versions.tag_refusals import are_found_out, find_unused_tags
from omninode_release.text.commits.commit_range import decide
from omninode_release.text.commits.release_commit import list_versions, read_run_trailer
from omninode_release.text.formats.toml_document import try_parse_toml
from omninode_release.text.holders.ports import Source
from omninode_release.text.manifests.manifest import MANIFEST
from omninode_release.text.needs.registry import is_untold
from omninode_release.text.needs.setup_py import find_computed
from omninode_release.text.requirements.ranges import read_range
from omninode_release.text.versions.series import read_series
from omninode_release.text.versions.tag_formats import find_pre_release_tags, read_tags
from omninode_release.text.versions.version import is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from omninode_release.models.commit import Commit
    from omninode_release.models.facts import RepoFacts
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.version_words import VersionWords
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.manifests.manifest import Manifest

_RELEASE = ("release", "chore(release", "chore: release")


class Runs(NamedTuple):
    """What is known of the runs that may have made a release commit."""

    own: str
    """The run that plans."""
    is_over: Callable[[str], bool]
    """True for a run that cannot be resumed, complete or given up."""


def find_warnings(
    rows: Mapping[str, RepoPlan],
    org: Organisation,
    words: VersionWords,
    *,
    kept: Mapping[str, RepoPlan],
    runs: Runs,
) -> Iterator[str]:
    """The warnings of every row that is planned now, and the clones that are missing."""
    for repo, row in rows.items():
        facts = org.facts.repos.get(repo)
        if facts is not None and facts.problem is None and repo not in kept:
            yield from _warn_of_versions(row, facts, org)
            yield from _warn_of_unfinished_releases(row, facts, org, runs)
            yield from _warn_of_level(row, facts, org)
            yield from _warn_of_unused_word(row, words)
            yield from warn_of_behind(row, rows, org)
            yield from _warn_of_later_tiers(row, rows, org)
            yield from _warn_of_direct_references(row, org)
            yield from _warn_of_computed(row, facts, org)
    planned = {repo: row for repo, row in rows.items() if repo not in kept}
    yield from warn_of_former_names(planned, org)
    for repo in org.config.graph.repos:
        if repo not in org.facts.repos and repo not in rows:
            yield f"{repo}: not found under omni_home; it is not part of this run"


def _warn_of_versions(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[str]:
    declared, tagged = org.manifests.get(row.repo), last_version(facts, org.config)
    if tagged is None and row.new is not None:
        yield f"{row.repo}: it has no release tag: all {row.commits} commits count"
    for unused in find_unused_tags(facts, org.config)[:1]:
        if tagged and unused.version > tagged and not are_found_out(facts, org.config):
            yield (
                f"{row.repo}: the tag {unused.name} is above {facts.last_tag} and not used:"
                f" {say_key(org.config, 'tag_formats', row.repo)} has no {unused.fmt}"
            )
    if tagged and not facts.on_base:
        what, clone = _describe_elsewhere(facts), org.config.clone_of(row.repo)
        series = read_series(facts.base_branch)
        kept = f"; base_branches: {{{clone}: {facts.base_branch}}} counts from that branch's own"
        more = kept if series and series.ends_before(tagged) else ""
        yield f"{row.repo}: {tagged} was {what}; the next version is counted from it{more}"
    yield from _warn_of_year(row, facts)
    yield from _warn_of_series(row, facts, org)
    if declared is None or declared.held.by_tag or declared.version == tagged:
        return
    if is_ahead(declared, tagged):
        note = _explain_next(row, facts, declared, org)
        yield f"{row.repo}: {describe_declared(declared, facts.last_tag)}{note}"
    else:
        says = f"{declared.holder} says {declared.version}"
        yield f"{row.repo}: {says}, below the tag {facts.last_tag}"


def _warn_of_year(row: RepoPlan, facts: RepoFacts) -> Iterator[str]:
    """A level raises what follows the year, and the year itself no one but a person."""
    if not facts.yearly_tags or row.new is None or facts.today is None:
        return
    year = facts.today.year
    if int(row.new.partition(".")[0]) not in {year, year % 100}:
        yield (
            f"{row.repo}: its versions begin with the year ({', '.join(facts.yearly_tags)}), and"
            f" {row.new} is none of {year}; --version {row.repo}=X.Y.Z says the first one"
        )


def _warn_of_series(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[str]:
    """A version that comes before all that its branch is for, as the first one there would."""
    series = read_series(org.config.said_base(row.repo))
    if series is not None and row.new is not None and series.begins_after(Version(row.new)):
        yield (
            f"{row.repo}: {row.new} comes before {series.words}, which the branch"
            f" {facts.base_branch} is for by its name; --version {row.repo}={series.first} begins"
            " with it"
        )


def _describe_elsewhere(facts: RepoFacts) -> str:
    use = facts.tagged_use
    if use is not None and use.taken is False:
        return f"tagged on another branch ({facts.last_tag}) and is not on the index"
    return f"released on another branch (tag {facts.last_tag})"


def _explain_next(row: RepoPlan, facts: RepoFacts, declared: Manifest, org: Organisation) -> str:
    """How the declared version led to the next one; nothing where there is none."""
    if row.new is None or row.bump is None:
        return ""
    if row.pre_release_of:
        return f"; {row.new} is a pre-release of {row.pre_release_of}"
    if row.word and row.new in row.word:
        return f"; it becomes {row.new} by {row.word}"
    declares_another = declared.version != Version(row.new)
    if (row.declared_by and declares_another) or org.config.find_calver(row.repo):
        return f"; it becomes {row.new} by {row.declared_by}"
    return f"; {choose_next(facts, declared, row.bump, org.config).note}"


def _warn_of_unfinished_releases(
    row: RepoPlan, facts: RepoFacts, org: Organisation, runs: Runs
) -> Iterator[str]:
    """A commit that released a version which no tag names: a run was left in the middle."""
    read = ((commit, _read_released_versions(commit, facts.repo)) for commit in facts.commits)
    releases = [(commit, named) for commit, named in read if named]
    if not releases:  # as nearly always
        return
    tagged = last_version(facts, org.config)
    formats = read_formats(facts, org.config)
    made = {tag.version for tag in read_tags(facts.tags, formats)}
    made |= {tag.version for tag in find_pre_release_tags(facts.tags, formats)}
    is_shared = org.config.is_shared(facts.repo)
    for commit, named in releases:
        above = {each for each in named if tagged is None or each > tagged}
        version = max(above, default=None)
        # The subject of a shared commit may name the versions of all packages, and not whose.
        if version is None or (above & made if is_shared else version in made):
            continue
        if row.new and is_same(str(version), row.new) and read_run_trailer(commit.body) is None:
            continue  # it was announced, and this run releases it
        yield (
            f"UNFINISHED_RELEASE {facts.repo}: {commit.sha[:12]} ({commit.subject}) released"
            f" {version}, which has no tag; {_say_what_to_resume(commit, runs)}"
        )


def _say_what_to_resume(release: Commit, runs: Runs) -> str:
    made_by = read_run_trailer(release.body)
    if made_by is None:
        return "resume the run it belongs to, or tag it where a person made it"
    if made_by == runs.own:
        return "this run merged it under a plan that went stale, and leaves it without one"
    if runs.is_over(made_by):
        return f"it belongs to the run {made_by}, which is over"
    return f"it belongs to the run {made_by}: omni-release --resume {made_by} finishes that"


def _read_released_versions(commit: Commit, repo: str) -> list[Version]:
    """The versions that a commit says it releases; none of a date."""
    is_own = read_run_trailer(commit.body) is not None
    if not is_own and not commit.subject.lower().startswith(_RELEASE):
        return []
    found = list_versions(commit.subject, repo, is_own=is_own)
    # `commit_subject` may name the version before it as well.
    return found if is_own else found[:1]


def _warn_of_level(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[str]:
    if row.forced and row.bump:
        meant = decide(facts.commits, default_bump=org.config.default_bump)
        if meant.level and meant.level.rank > row.bump.rank:
            what = f"{meant.commit.sha[:12]} {meant.commit.subject}" if meant.commit else ""
            yield f"{row.repo}: {row.word}, but its commits say {meant.level}: {what}"
    if row.new in {"1.0", "1.0.0"} and row.current and row.current.startswith("0."):
        commit = repr(row.decided_by.subject) if row.decided_by else None
        decided = row.word or row.declared_by or commit
        cause = f", decided by {decided}" if decided else ""
        yield f"{row.repo}: this release leaves 0.x: {row.current} → {row.new}{cause}"


def _warn_of_unused_word(row: RepoPlan, words: VersionWords) -> Iterator[str]:
    """A word on one repository that has nothing to release; a word on all of them revives none."""
    word = words.find(row.repo)
    if row.status is PlanStatus.SKIP and word is not None and row.repo in words.repos:
        yield (
            f"{row.repo}: {word.said} is not used, since there is nothing to release;"
            f" --version {row.repo}=X.Y.Z releases it all the same"
        )


def _warn_of_later_tiers(
    row: RepoPlan, rows: Mapping[str, RepoPlan], org: Organisation
) -> Iterator[str]:
    """An edge against the tiers that does no harm; one that does is refused.

    What is kept anyway, and needed neither to run nor by a build, is as it should be.
    """
    pinned = {pin.repo for pin in row.pins}  # one beside it, in the same commit
    for need in org.requirements.get(row.repo, ()):
        sibling = org.siblings[need.name]
        if sibling in pinned:
            continue
        if org.config.pin_rule(row.repo, sibling) == "keep" and not (need.runtime or need.guessed):
            continue
        later = org.config.graph.tier_of(sibling)
        planned = rows[sibling].new if sibling in rows else None
        admitted = read_range(need)
        fits = planned is None or admitted is None or admitted.admits(planned)
        if later > row.tier and fits:
            yield (
                f"{row.repo} (tier {row.tier}) requires {need.raw!r} ({row.repo}/{MANIFEST},"
                f" {need.table}), which {sibling} of tier {later} releases: it keeps its specifier"
            )


def _warn_of_direct_references(row: RepoPlan, org: Organisation) -> Iterator[str]:
    """A sibling from elsewhere than the index; on one that is pinned it is refused."""
    pinned = {pin.distribution for pin in row.pins}
    for need in org.requirements.get(row.repo, ()):
        if need.direct and need.name not in pinned and row.status is PlanStatus.RELEASE:
            yield (
                f"{row.repo} requires {need.name} from elsewhere than the index"
                f" ({row.repo}/{MANIFEST}, {need.table}: {need.raw!r}): its version is not checked"
            )


def _warn_of_computed(row: RepoPlan, facts: RepoFacts, org: Organisation) -> Iterator[str]:
    """Requirements of which only strings in a setup.py can be seen, or nothing at all."""
    if row.status is not PlanStatus.RELEASE or len(org.siblings) < 2:
        return
    source = Source(try_parse_toml(facts.manifest), base_reader(facts), row.repo)
    if is_untold(source):
        yield (
            f"{row.repo}: its dependencies are dynamic, and no file that a plan reads has them: a"
            " build says what it requires"
        )
    found = find_computed(source)
    if found is not None:
        yield (
            f"{row.repo}: setup.py computes {found[0]} (line {found[1]}): of what it requires, a"
            " plan sees the strings in it and the lists it names; a build says the rest"
        )
