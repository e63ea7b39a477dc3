"""From a look at the clones to the settings that a configuration needs, and where one differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.fit import Difference
from omninode_release.models.graph import Graph
from omninode_release.models.publish import Publish
from omninode_release.text.versions.tag_formats import by_prefix, read_tags
from omninode_release.text.workflows.workflow import WORKFLOW_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.planning.survey.pin_habits import Habit, HabitRule
    from omninode_release.planning.survey.survey import Found, Survey
    from omninode_release.text.workflows.uploads import Upload


class Setting(NamedTuple):
    """One top-level key of a configuration, and why it says what it says."""

    key: str
    value: Any
    why: tuple[str, ...]
    """Lines for a person."""


@dataclass(frozen=True)
class Setup:
    """What is known of the organisation beside its clones."""

    organization: str
    organization_from: str
    """Where the name comes from."""
    forge: str
    index: str
    has_slack: bool
    """Slack's credentials are there."""
    is_built_in: bool = False
    """Its pins are exact, and its changelogs have every commit."""


def derive_settings(look: Survey, around: Setup) -> list[Setting]:
    """The keys whose value differs from the default, in the order they are best read."""
    return [
        Setting("organization", around.organization, (f"from {around.organization_from}",)),
        _graph(look),
        *_packages(look),
        *_services(around),
        *_tag_formats(look),
        *_version_scheme(look),
        *(() if around.is_built_in else (*_pins(look), *_changelogs(look))),
        *_sources(look),
        *_version_files(look),
        *_publish(look),
    ]


def _graph(look: Survey) -> Setting:
    why = ("the manifests say the order: omni-release graph shows it",)
    ignored = look.left_out
    if not ignored:
        return Setting("graph", "auto", why)
    return Setting(
        "graph",
        {"tiers": "auto", "ignore": [*ignored]},
        (*why, *(f"{name} is left out: {reason}" for name, reason in ignored.items())),
    )


def _packages(look: Survey) -> Iterator[Setting]:
    if look.places:
        why = (
            "several packages of one repository share a branch and a pull request; each has tags"
            " of its own"
        )
        value = {
            name: each.model_dump(mode="json", exclude_none=True)
            for name, each in look.places.items()
        }
        yield Setting("packages", value, (why,))


def _services(around: Setup) -> Iterator[Setting]:
    origins = "the clones' origins belong to it"
    if around.forge == "local":
        origins = "the clones' origins are folders on this machine"
    if around.forge != _default("forge"):
        yield Setting("forge", around.forge, (origins,))
    if around.index != _default("index"):
        yield Setting("index", around.index, ("packages go into the folder ../index",))
    if not around.has_slack:
        why = "asks on the terminal: there are no credentials for the default, slack"
        yield Setting("gate", "console", (why,))


def _tag_formats(look: Survey) -> Iterator[Setting]:
    """Those of repositories whose newest tags have several, or that several packages have."""
    found = {name: _list_formats(each) for name, each in _to_release(look) if each.facts.refusal}
    many = "their newest tags have several formats: the next one is made in the first, the newest"
    common = "packages of one repository that have one tag are released together, as one version"
    if found:
        ways = {many if len(formats) > 1 else common for formats in found.values()}
        yield Setting("tag_formats_of", found, (*sorted(ways),))


def _version_scheme(look: Survey) -> Iterator[Setting]:
    """Versions that say the date: of all repositories, or of those where tags show it."""
    forms = {name: each.calver for name, each in _to_release(look)}
    dated = {name: {"calver": form} for name, form in forms.items() if form}
    why = tuple(f"{name}: as {', '.join(look.found[name].dated)} say" for name in dated)
    if dated and len({*forms.values()}) == 1:
        yield Setting("version_scheme", next(iter(dated.values())), why)
    elif dated:
        yield Setting("version_scheme_of", dated, why)


def _list_formats(found: Found) -> list[str]:
    """The formats that it has tags in, that of the newest first."""
    facts = found.facts
    tags = read_tags(facts.tags, by_prefix(facts.tag_formats, facts.repo))
    return list(dict.fromkeys(tag.fmt for tag in tags if tag.is_whole))


def _pins(look: Survey) -> Iterator[Setting]:
    """What most requirements are today, and the others."""
    habits = _list_habits(look)
    votes = Counter(each.rule for each in habits)
    usual = max(_RULES, key=lambda rule: (votes[rule], rule != _default("pins")))
    if habits and usual != _default("pins"):
        like = next(each for each in habits if each.rule == usual)
        yield Setting("pins", usual, (_RULES[usual], f"as now: {like.where}"))
    others: dict[str, dict[str, str]] = {}
    for each in habits:
        if each.rule != usual:
            others.setdefault(each.repo, {})[each.sibling] = each.rule
    if others:
        why = [f"{rule}: {_RULES[rule]}" for rule in _RULES if rule != usual and votes[rule]]
        yield Setting("pins_of", others, ("as these stand in their manifests now", *why))


def _changelogs(look: Survey) -> Iterator[Setting]:
    """Where people write the entries: of all changelogs, or of some."""
    ways = {name: each.by_hand for name, each in _to_release(look)}
    by_hand = {name: where for name, where in ways.items() if where}
    value = {"unreleased": "as_is"}
    told = "people write the entries: no commit is added to what stands under Unreleased"
    why = (told, *by_hand.values())
    if by_hand and len(by_hand) == len(ways):
        yield Setting("changelog", value, why)
    elif by_hand:
        yield Setting("changelog_of", {name: dict(value) for name in by_hand}, why)


def _sources(look: Survey) -> Iterator[Setting]:
    """Where a requirement gives way to one that can be published."""
    found = [f"{each.where}, from {each.source}" for each in _list_habits(look) if each.source]
    if found:
        why = "gives way to a requirement from the index, which stays on the base branch"
        yield Setting("sources", "replace", (why, *found))


def _list_habits(look: Survey) -> list[Habit]:
    """Those between packages that are to be released."""
    return [each for each in look.habits if not {each.repo, each.sibling} & {*look.left_out}]


_RULES: Mapping[HabitRule, str] = {
    "exact": "a release requires the very version of a sibling that it was released with; users get"
    " no other",
    "raise": "a release requires at least the version of a sibling that it was released with",
    "keep": "a release requires what is written by hand; a sibling's new version has to fit it",
}
"""What each word of ``pins`` promises users, for a person."""


def _default(key: str) -> object:
    return ReleaseConfig.model_fields[key].default


def _version_files(look: Survey) -> Iterator[Setting]:
    found = {name: [*each.version_files] for name, each in _to_release(look) if each.version_files}
    if found:
        why = 'hold the version, too, and are raised with it; "!PATH" is left alone'
        yield Setting("version_files", found, (why,))


def _publish(look: Survey) -> Iterator[Setting]:
    """The workflow that most repositories publish by, and those of the others."""
    first = {name: each.uploads[0] for name, each in _to_release(look) if each.uploads}
    usual = (Publish().workflow, None)
    votes = Counter(map(_key, first.values()))
    ranked = sorted(votes, key=lambda key: (-votes[key], key != usual, key[0]))
    if ranked and ranked[0] != usual:
        like = {name: each for name, each in first.items() if _key(each) == ranked[0]}
        value = _say_publish(next(iter(like.values())))
        by = [_place(name, each) for name, each in like.items()]
        yield Setting("publish", value, (f"it uploads: {', '.join(by)}",))
    others = {
        name: each
        for name, each in first.items()
        if _key(each) != ranked[0]
        and (each.inputs or ranked[0][1] or not look.found[name].is_published_by(ranked[0][0]))
    }
    if others:
        general = {} if ranked[0][1] is None else {"inputs": None}
        value = {name: {**general, **_say_publish(each)} for name, each in others.items()}
        by = [_place(name, each) for name, each in others.items()]
        yield Setting("publish_of", value, (f"these upload: {', '.join(by)}",))


def _key(upload: Upload) -> tuple[str, str | None]:
    return upload.workflow, None if upload.inputs is None else repr(upload.inputs)


def _say_publish(upload: Upload) -> dict[str, Any]:
    said: dict[str, Any] = {"workflow": upload.workflow}
    return said if upload.inputs is None else {**said, "inputs": dict(upload.inputs)}


def find_differences(look: Survey, config: ReleaseConfig) -> Iterator[Difference]:
    """Where a configuration says something else than the clones, apart from order and forge."""
    yield from _differ_in_repositories(look, config)
    yield from _differ_in_places(look, config)
    for name, each in _to_release(look):
        if name in config.graph.ignore or name not in config.graph.repos:
            continue
        listed = config.version_files.get(name, ())
        for path in each.version_files:
            if path not in listed and not config.is_other_version(name, path):
                text = f"{name}/{path} holds its version and is not listed"
                yield Difference(key=f"version_files.{name}", text=text, repo=name)
        if each.calver and config.find_calver(name) is None:
            text = f"{name} has versions that say the date ({each.calver}): {', '.join(each.dated)}"
            yield Difference(key=f"version_scheme_of.{name}", text=text, repo=name)
        yield from _differ_in_workflow(name, each, config)


def _differ_in_repositories(look: Survey, config: ReleaseConfig) -> Iterator[Difference]:
    graph = config.graph
    for name, each in look.found.items():
        if name in look.places and not each.private:  # judged by its place
            continue
        if each.private and name in graph.repos and config.publishes(name):
            text = f"{each.private.rstrip('.')}: it belongs into graph.ignore"
            yield Difference(key="graph.ignore", text=text, repo=name)
        elif not each.private and name not in (*graph.repos, *graph.ignore):
            text = f"{name} is a package under omni_home, and stands neither in a tier nor here"
            yield Difference(key="graph.ignore", text=text, repo=name)
    here = (*look.found, *look.others, *config.packages)
    for key, names in (("graph.tiers", graph.repos), ("graph.ignore", graph.ignore)):
        for name in names:
            if name not in here:
                text = f"expected a clone of {name} under omni_home, found none"
                yield Difference(key=key, text=text, repo=name)


def _differ_in_places(look: Survey, config: ReleaseConfig) -> Iterator[Difference]:
    """Packages in folders that the configuration does not name, and those that are not there."""
    there = ReleaseConfig(organization="-", graph=Graph(), packages=dict(look.places))
    known = {(config.clone_of(name), config.place_of(name).folder) for name in config.packages}
    for name in look.places:
        clone, folder = there.clone_of(name), there.place_of(name).folder
        ignored = {name, clone} & {*config.graph.ignore}
        if (clone, folder) not in known and not ignored:
            text = f"{clone}/{folder or '.'} holds the package {name} and is not listed"
            yield Difference(key="packages", text=text, repo=clone)


def _differ_in_workflow(repo: str, found: Found, config: ReleaseConfig) -> Iterator[Difference]:
    """A repository that the configured workflow does not publish, where the forge has to run it."""
    name, key = config.publish_for(repo).workflow, f"publish_of.{repo}.workflow"
    if config.forge == "local" or not config.publishes(repo) or found.is_published_by(name):
        return
    if found.uploads:
        text = f"{repo} is published by {_place(repo, found.uploads[0])}, and not by {name}"
        yield Difference(key=key, text=text, repo=repo)
    elif name not in found.workflows:  # what is there may upload in a way that is not known here
        text = f"expected {repo}/{WORKFLOW_FOLDER}/{name}, found no workflow that uploads a package"
        text += f"; with publish_of: {{{repo}: {{trigger: none}}}} its tag is all there is"
        yield Difference(key=key, text=text, repo=repo)


def _to_release(look: Survey) -> Iterator[tuple[str, Found]]:
    return ((name, each) for name, each in look.found.items() if not each.private)


def _place(repo: str, upload: Upload) -> str:
    return f"{repo}/{WORKFLOW_FOLDER}/{upload.workflow}:{upload.line}"


def as_mapping(settings: list[Setting]) -> Mapping[str, Any]:
    """The settings as a configuration file holds them."""
    return {each.key: each.value for each in settings}
