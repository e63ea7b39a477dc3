"""Workflows: what one listens to, what its jobs are, and what a dispatch of it is given.

A namespaced tag starts nothing where the workflow listens to ``v*`` only: in GitHub's tag filters
``*`` does not cross a ``/`` (GitHub Docs, "Filter pattern cheat sheet").
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from omninode_release.models.template import fill_template
from omninode_release.text.formats.toml_document import table_at, value_at
from omninode_release.text.formats.yaml_reader import try_read_foreign_yaml
from omninode_release.text.workflows.tag_globs import matches_glob

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from omninode_release.models.publish import Publish

_PUBLISHING = ("published", "created")
"""What happens to a Release that is made at once, and is no draft; and one of the next two."""
_FINAL, _EARLY = "released", "prereleased"
_PULL_ACTIONS = ("opened", "synchronize", "reopened")
"""What is listened to of a pull request where nothing else is said."""
_REF_FILTERS = frozenset({"branches", "branches-ignore", "tags", "tags-ignore"})
"""Keys of ``on.push``; one that filters by path is not asked for a tag."""
WORKFLOW_FOLDER = ".github/workflows"
_VERSION = re.compile(r"(?:^|[^0-9A-Za-z.])v?(\d[0-9A-Za-z.+!]*)$")


def is_started_by(workflow: str, tag: str) -> bool:
    """True when pushing ``tag`` starts the workflow; the last pattern that matches decides."""
    return _is_matched(_tag_patterns(workflow), tag)


def _is_matched(patterns: Sequence[str], name: str) -> bool:
    matched = False
    for pattern in patterns:
        if matches_glob(pattern.removeprefix("!"), name):
            matched = not pattern.startswith("!")
    return matched


def is_started_by_branch(workflow: str, branch: str) -> bool:
    """True when pushing ``branch`` starts the workflow, whatever files it changes."""
    push = read_events(workflow).get("push", False)
    if not isinstance(push, dict) or _REF_FILTERS.isdisjoint(push):
        return push is not False
    if "branches-ignore" in push:
        return not any(matches_glob(each, branch) for each in _list_words(push["branches-ignore"]))
    return _is_matched(_list_words(push.get("branches")), branch)


def list_pull_actions(workflow: str, base: str) -> tuple[str, ...]:
    """What it listens to of a pull request into ``base``."""
    found: list[str] = []
    for event in ("pull_request", "pull_request_target"):
        pull = read_events(workflow).get(event, False)
        told = table_at(pull, ())
        bases = _list_words(told.get("branches")) or ("**",)
        ignored = _list_words(told.get("branches-ignore"))
        if pull is not False and _is_matched((*bases, *(f"!{each}" for each in ignored)), base):
            types = _list_words(told.get("types")) or _PULL_ACTIONS
            found += [each for each in types if each in {*_PULL_ACTIONS, "closed"}]
    return tuple(dict.fromkeys(found))


def list_release_actions(workflow: str, tag: str) -> tuple[str, ...]:
    """What it listens to of a GitHub Release of ``tag`` that is no draft; empty where nothing.

    ``on: release`` without types listens to all of it (GitHub Docs, "Events that trigger
    workflows"). A Release of a version such as 1.0rc1 is a pre-release.
    """
    events = read_events(workflow)
    if "release" not in events:
        return ()
    types = value_at(events, ("release", "types"))
    happening = (*_PUBLISHING, _EARLY if is_early(tag) else _FINAL)
    return tuple(each for each in happening if types is None or each in _list_words(types))


def is_early(tag: str) -> bool:
    found = _VERSION.search(tag)
    try:
        return found is not None and Version(found[1]).is_prerelease
    except InvalidVersion:
        return False


def dispatch_trouble(workflow: str, given: Collection[str] = ("tag",)) -> str | None:
    """Why a dispatch with the inputs ``given`` would be refused; None when it would start.

    GitHub refuses inputs that are not declared and wants those that are required.
    """
    events = read_events(workflow)
    if "workflow_dispatch" not in events:
        return "it has no workflow_dispatch" if events else "nothing that it listens to can be read"
    known = read_inputs(workflow)
    unknown = [name for name in given if name not in known]
    if unknown:
        return f"its workflow_dispatch has no input {', '.join(unknown)}"
    required = [
        name
        for name, spec in known.items()
        if name not in given and spec.get("required") and "default" not in spec
    ]
    return f"its workflow_dispatch requires {', '.join(required)}, too" if required else None


def read_inputs(workflow: str) -> dict[str, Mapping[str, Any]]:
    """The inputs that a dispatch of it takes, each with what is said of it."""
    known = table_at(read_events(workflow), ("workflow_dispatch", "inputs"))
    return {str(name): table_at(spec, ()) for name, spec in known.items()}


def list_awaited(workflow: str) -> tuple[str, ...]:
    """The workflows, by name, at whose end it starts."""
    return _list_words(value_at(read_events(workflow), ("workflow_run", "workflows")))


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
def _parse(workflow: str) -> Mapping[Any, Any]:
    return table_at(try_read_foreign_yaml(workflow), ())


def read_events(workflow: str) -> Mapping[str, Any]:
    """What the workflow listens to, with the filters of each; empty where it cannot be read."""
    parsed = _parse(workflow)
    # YAML 1.1 reads the key `on` as true.
    events = parsed.get("on", parsed.get(True))
    if isinstance(events, str):
        return {events: None}
    if isinstance(events, list):
        return {str(event): None for event in events}
    return table_at(events, ())


def read_name(workflow: str) -> str | None:
    """How other workflows name it; None where it has no name but its path."""
    name = _parse(workflow).get("name")
    return str(name) if name else None


def read_jobs(workflow: str) -> dict[str, dict[Any, Any]]:
    """Its jobs by name; none where it cannot be read."""
    found = table_at(_parse(workflow), ("jobs",)).items()
    return {str(name): job for name, job in found if isinstance(job, dict)}


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


def is_workflow(path: str) -> bool:
    """True for a file that the forge takes for a workflow."""
    folder, _, name = path.rpartition("/")
    return folder == WORKFLOW_FOLDER and name.endswith((".yml", ".yaml"))


def is_action(path: str) -> bool:
    """True for a file that says what an action of the repository does."""
    return path.rpartition("/")[2] in {"action.yml", "action.yaml"}
