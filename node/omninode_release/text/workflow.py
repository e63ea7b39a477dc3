"""Publish workflows: which one uploads, what starts it, and what a dispatch of it is given.

A namespaced tag starts nothing where the workflow listens to ``v*`` only: in GitHub's tag filters
``*`` does not cross a ``/`` (GitHub Docs, "Filter pattern cheat sheet").
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import yaml

from omninode_release.models.template import fill_template
from omninode_release.text.tag_globs import matches_glob
from omninode_release.text.yaml_reader import read_foreign_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from omninode_release.models.publish import Publish

_PUBLISHING = frozenset({"created", "published", "released"})
"""What happens to a Release that is made at once, and is neither draft nor pre-release."""
_REF_FILTERS = frozenset({"branches", "branches-ignore", "tags", "tags-ignore"})
"""Keys of ``on.push``; one that filters by path is not asked for a tag."""
WORKFLOW_FOLDER = ".github/workflows"
Start = Literal["tag", "dispatch", "release", "none"]
_VERSION = re.compile(r"(?:^|[^0-9A-Za-z.])v?(\d[0-9A-Za-z.+!]*)$")
_TO_TRY = re.compile(r"\btest[.-]?pypi\b")
"""What the index to try things on is called."""
# The action of the packaging authority, and what the usual programs call it.
_UPLOAD = re.compile(
    r"""
    gh-action-pypi-publish
    | \b twine \s+ (?:[^\n]*\s)? upload \b
    | \b (?: uv | poetry | flit | hatch | pdm | rye | maturin ) \s+ (?:-\S+\s+)* publish \b
    | \b maturin \s+ upload \b
    | command: \s* (?: upload | publish ) \b
    """,
    re.VERBOSE,
)
_CALL = re.compile(r"uses:\s*[\"']?\./\.github/workflows/(?P<file>[\w.-]+)")
_FOR_RELEASE = re.compile(
    r"github\.event_name\s*==\s*'release'|github\.event\.action\s*==\s*'(?:published|created|released)'"
)
# Events by which a release can start a workflow.
_STARTED = frozenset({"push", "release", "workflow_dispatch"})
_USUAL = "release.yml"


def is_started_by(workflow: str, tag: str) -> bool:
    """True when pushing ``tag`` starts the workflow; the last pattern that matches decides."""
    started = False
    for pattern in _tag_patterns(workflow):
        if matches_glob(pattern.removeprefix("!"), tag):
            started = not pattern.startswith("!")
    return started


def listens_to_release(workflow: str) -> bool:
    """True when publishing a GitHub Release that is no draft starts the workflow.

    ``on: release`` without types listens to all of them (GitHub Docs, "Events that trigger
    workflows").
    """
    events = read_events(workflow)
    if "release" not in events:
        return False
    release = events["release"] or {}
    types = release.get("types") if isinstance(release, dict) else None
    if types is None:
        return True
    return not _PUBLISHING.isdisjoint(_list_words(types))


def dispatch_trouble(workflow: str, given: Collection[str] = ("tag",)) -> str | None:
    """Why a dispatch with the inputs ``given`` would be refused; None when it would start.

    GitHub refuses inputs that are not declared and wants those that are required.
    """
    events = read_events(workflow)
    if "workflow_dispatch" not in events:
        return "it has no workflow_dispatch" if events else "nothing that it listens to can be read"
    trigger = events["workflow_dispatch"] or {}
    inputs = (trigger.get("inputs") if isinstance(trigger, dict) else None) or {}
    known = inputs if isinstance(inputs, dict) else {}
    unknown = [name for name in given if name not in known]
    if unknown:
        return f"its workflow_dispatch has no input {', '.join(unknown)}"
    others = {name: spec for name, spec in known.items() if isinstance(spec, dict)}
    required = [
        name
        for name, spec in others.items()
        if name not in given and spec.get("required") and "default" not in spec
    ]
    return f"its workflow_dispatch requires {', '.join(required)}, too" if required else None


def _tag_patterns(workflow: str) -> tuple[str, ...]:
    """The patterns of ``on.push.tags``; none where pushing a tag starts nothing.

    ``on: push`` without filters listens to every tag, and one that filters branches alone to none
    (GitHub Docs, "Workflow syntax").
    """
    events = read_events(workflow)
    if "push" not in events:
        return ()
    push = events["push"] or {}
    if not isinstance(push, dict) or _REF_FILTERS.isdisjoint(push):
        return ("**",)
    if "tags-ignore" in push:
        return ("**", *(f"!{each}" for each in _list_words(push["tags-ignore"])))
    return _list_words(push.get("tags"))


def _list_words(value: object) -> tuple[str, ...]:
    """What a key says that takes one word or a list of them."""
    return tuple(map(str, value if isinstance(value, list) else [] if value is None else [value]))


@lru_cache(maxsize=64)  # one workflow is asked about once a tag and once a question
def read_events(workflow: str) -> Mapping[str, Any]:
    """What the workflow listens to, with the filters of each; empty where it cannot be read."""
    try:
        parsed = read_foreign_yaml(workflow)
    except yaml.YAMLError:
        return {}
    # YAML 1.1 reads the key `on` as true.
    events: Any = parsed.get("on", parsed.get(True)) if isinstance(parsed, dict) else None
    if isinstance(events, str):
        return {events: None}
    if isinstance(events, list):
        return {str(event): None for event in events}
    return events if isinstance(events, dict) else {}


def list_environments(workflow: str) -> tuple[str, ...]:
    """The environments that its jobs deploy to, in its order; names made of expressions aside."""
    try:
        parsed = read_foreign_yaml(workflow)
    except yaml.YAMLError:
        return ()
    jobs = parsed.get("jobs") if isinstance(parsed, dict) else None
    said = [job.get("environment") for job in _mappings(jobs)]
    names = [each.get("name") if isinstance(each, dict) else each for each in said]
    told = (str(name) for name in names if isinstance(name, str | int) and "${{" not in str(name))
    return tuple(dict.fromkeys(told))


def _mappings(value: Any) -> list[dict[Any, Any]]:  # noqa: ANN401 - any YAML value
    found = value.values() if isinstance(value, dict) else ()
    return [each for each in found if isinstance(each, dict)]


def choose_start(publish: Publish, workflow: str, tags: Sequence[str], *, released: bool) -> Start:
    """What starts ``workflow`` for these tags; ``released``: they become a GitHub Release anyway.

    A Release that is made anyway starts what listens to it, so nothing else may.
    """
    if publish.trigger != "auto":
        return publish.trigger
    awaits_release = listens_to_release(workflow) and uploads_on_release_alone(workflow)
    if any(is_started_by(workflow, tag) for tag in tags) and not awaits_release:
        return "tag"
    if awaits_release:
        return "release"
    if listens_to_release(workflow):
        can_dispatch = dispatch_trouble(workflow, list_inputs(publish)) is None
        return "release" if released or not can_dispatch else "dispatch"
    return "dispatch"


def list_inputs(publish: Publish) -> tuple[str, ...]:
    """The names of the inputs of a dispatch."""
    return ("tag",) if publish.inputs is None else tuple(publish.inputs)


def fill_inputs(publish: Publish, repo: str, tag: str) -> dict[str, str]:
    """The inputs of a dispatch at ``tag``.

    Release workflows compare the input with the version in pyproject.toml and take only a leading
    ``v`` off, so it is given without what stands before the last slash.
    """
    if publish.inputs is None:
        return {"tag": tag.rpartition("/")[2]}
    version = _VERSION.search(tag)
    values = {"repo": repo, "tag": tag, "version": version[1] if version else tag}
    return {name: fill_template(value, values) for name, value in publish.inputs.items()}


def find_named_tag(publish: Publish, workflow: str, tag: str, *, released: bool) -> str | None:
    """The tag that a dispatch names and that is not ``tag``: a workflow may check it out.

    None where something else starts the workflow, and where the configuration says the inputs.
    """
    named = tag.rpartition("/")[2]
    if named == tag or publish.inputs is not None or is_started_by(workflow, named):
        return None
    start = choose_start(publish, workflow, (tag,), released=released)
    return named if start == "dispatch" else None


class Upload(NamedTuple):
    """A workflow that publishes."""

    workflow: str
    """Its file name."""
    line: int
    """Where it uploads, or calls what does."""


def uploads_on_release_alone(workflow: str) -> bool:
    """True where every job or step that uploads says that it is for a GitHub Release.

    Such a workflow may listen to tags as well, to build and test. What goes to TestPyPI is no
    upload.
    """
    try:
        parsed = read_foreign_yaml(workflow)
    except yaml.YAMLError:
        return False
    found = [*_list_conditions(parsed.get("jobs") if isinstance(parsed, dict) else None)]
    return bool(found) and all(_FOR_RELEASE.search(each) and "||" not in each for each in found)


def _list_conditions(jobs: Any) -> Iterator[str]:  # noqa: ANN401 - any YAML value
    """What each job that uploads says under ``if``, and its step that does."""
    for job in _mappings(jobs):
        steps = job.get("steps")
        for step in steps if isinstance(steps, list) else ():
            if _is_upload(step if isinstance(step, dict) else {}):
                yield f"{job.get('if', '')} {step.get('if', '')}"


def _is_upload(step: Mapping[str, Any]) -> bool:
    """True for a step that uploads to another index than one to try things on."""
    given = step.get("with")
    said = {key: step.get(key, "") for key in ("uses", "run")}
    said |= given if isinstance(given, dict) else {}
    written = "\n".join(f"{key}: {value}" for key, value in said.items())
    return _find(_UPLOAD, written) is not None and not _TO_TRY.search(str(step))


def find_uploads(workflows: Mapping[str, str]) -> list[Upload]:
    """The workflows that publish, by path and text; the one that a release would start first."""
    direct = {path: line for path, text in workflows.items() if (line := _find(_UPLOAD, text))}
    found = dict(direct)
    for path, text in workflows.items():
        for called in _CALL.finditer(text):
            if f"{WORKFLOW_FOLDER}/{called['file']}" in direct:
                found.setdefault(path, text.count("\n", 0, called.start()) + 1)
    ranked = sorted(found, key=lambda path: _rank(path, workflows[path]))
    return [Upload(path.rpartition("/")[2], found[path]) for path in ranked]


def is_workflow(path: str) -> bool:
    """True for a file that the forge takes for a workflow."""
    folder, _, name = path.rpartition("/")
    return folder == WORKFLOW_FOLDER and name.endswith((".yml", ".yaml"))


def _find(pattern: re.Pattern[str], text: str) -> int | None:
    """The first line that matches, counted from 1; what follows a ``#`` is a comment."""
    for number, line in enumerate(text.split("\n"), start=1):
        if pattern.search(re.sub(r"(^|\s)#.*", "", line)):
            return number
    return None


def _rank(path: str, text: str) -> tuple[bool, bool, str]:
    name = path.rpartition("/")[2]
    return _STARTED.isdisjoint(read_events(text)), name != _USUAL, name
