"""A workflow together with what it calls in its repository: its jobs may stand in other files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from omninode_release.text.formats.toml_document import table_at, value_at
from omninode_release.text.formats.yaml_reader import try_read_foreign_yaml
from omninode_release.text.workflows.conditions import PLACE, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    _Table = Mapping[Any, Any]

_DEEPEST = 4
"""As many workflows GitHub lets call each other in a row; beyond, a call stays as it is."""
_MOST_CALLS = 200
_ACTIONS = ("action.yml", "action.yaml")
_LONGEST = 2_000
_INPUT = re.compile(r"(?<![\w.-])inputs(?:\.([A-Za-z_][\w-]*)|\['([^']*)'\])")
_LITERAL = re.compile(r"\$\{\{\s*'([^']*)'\s*\}\}")
_UNTOLD = "untold"
"""A name that no fact has."""
_EMPTY = {"boolean": False, "number": 0}


def read_with_calls(read: Callable[[str], str | None], path: str) -> str | None:
    """The text of a workflow with the jobs and steps that it calls in the place of the calls.

    ``read`` reads the repository's files. What calls nothing there is as it was written.
    """
    text = read(path)
    parsed = _parse(text)
    jobs = _Calls(read).expand_jobs(parsed, 0)
    if text is None or jobs == parsed.get("jobs"):
        return text
    return yaml.safe_dump({**parsed, "jobs": jobs}, sort_keys=False)


def list_needs(job: Mapping[Any, Any]) -> list[str]:
    needs = job.get("needs") or []
    return [*map(str, needs if isinstance(needs, list) else [needs])]


@dataclass
class _Calls:
    """What is called, each time it is."""

    read: Callable[[str], str | None]
    left: int = _MOST_CALLS

    def expand_jobs(self, workflow: _Table, depth: int) -> object:
        """Each job that calls a workflow stays, to be waited for, and that one's follow it."""
        jobs = workflow.get("jobs")
        if not isinstance(jobs, dict):
            return jobs
        found: dict[Any, Any] = {}
        for name, job in jobs.items():
            called = self._open(job, depth)
            inner = self.expand_jobs(called, depth + 1)
            if isinstance(inner, dict) and isinstance(job, dict):
                found[name] = {key: each for key, each in job.items() if key != "uses"}
                given = _list_given(job, _list_declared(called))
                found |= _place_under(str(name), job, _give(inner, given))
            else:
                found[name] = self._expand_steps(job)
        return found

    def _expand_steps(self, job: object) -> object:
        steps = value_at(job, ("steps",))
        if not isinstance(job, dict) or not isinstance(steps, list):
            return job
        return {**job, "steps": [inner for each in steps for inner in self._list_steps(each, 0)]}

    def _list_steps(self, step: object, depth: int) -> Iterator[object]:
        action = self._open(step, depth, *_ACTIONS)
        inner = value_at(action, ("runs", "steps"))
        if not isinstance(inner, list) or not isinstance(step, dict):
            yield step
            return
        given = _list_given(step, action.get("inputs"), as_text=True)
        for each in inner:
            for one in self._list_steps(each, depth + 1):
                found = _give(one, given)
                yield {**found, "if": _join(step, found)} if isinstance(found, dict) else found

    def _open(self, caller: object, depth: int, *names: str) -> _Table:
        """What a job or a step uses of its own repository; empty where that is nothing."""
        uses = value_at(caller, ("uses",))
        if not isinstance(uses, str) or not uses.startswith("./") or ".." in uses:
            return {}
        self.left -= 1
        if self.left < 0 or depth >= _DEEPEST:
            return {}
        path = uses.removeprefix("./").rstrip("/")
        paths = [f"{path}/{name}" for name in names] or [path]
        return _parse(next(filter(None, map(self.read, paths)), None))


def _place_under(name: str, caller: _Table, called: _Table) -> _Table:
    """The jobs of a called workflow, each by its name under that of the caller."""
    return {
        f"{name} / {key}": {
            **job,
            "if": _join(caller, job),
            "needs": [name, *(f"{name} / {each}" for each in list_needs(job))],
        }
        for key, job in called.items()
        if isinstance(job, dict)
    }


def _list_declared(called: _Table) -> object:
    """The inputs that a workflow takes where another calls it; YAML 1.1 reads `on` as true."""
    events = called.get("on", called.get(True))
    return value_at(events, ("workflow_call", "inputs"))


def _list_given(caller: _Table, declared: object, *, as_text: bool = False) -> dict[str, str]:
    """What stands for each input in an expression; ``as_text``: an action takes texts alone."""
    values = {
        name: spec.get("default", _EMPTY.get(str(spec.get("type")), ""))
        for name, spec in table_at(declared, ()).items()
        if isinstance(spec, dict)
    } | {**table_at(caller, ("with",))}
    return {str(name): _express(each, as_text=as_text) for name, each in values.items()}


def _express(value: object, *, as_text: bool) -> str:
    said = str(value).lower() if isinstance(value, bool) else str("" if value is None else value)
    if isinstance(value, int | float) and not as_text:
        return said
    if "${{" not in said:
        return "'{}'".format(said.replace("'", "''"))
    whole = PLACE.fullmatch(said.strip())
    is_told = whole is not None and not as_text and len(said) <= _LONGEST
    return f"({said.strip()[3:-2].strip()})" if is_told else _UNTOLD


def _give(value: Any, given: Mapping[str, str], key: object = None) -> Any:  # noqa: ANN401 - any YAML
    """What is called, with what its caller gives it in the place of its inputs."""
    if isinstance(value, dict):
        return {name: _give(each, given, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_give(each, given) for each in value]
    if not isinstance(value, str):
        return value

    def put(text: str) -> str:
        return _INPUT.sub(lambda found: given.get(found[1] or found[2], "''"), text)

    if key == "if" and "${{" not in value:
        return put(value)
    filled = PLACE.sub(lambda found: put(found[0]), value)
    return filled if key == "if" else _LITERAL.sub(lambda found: found[1], filled)


def _join(caller: _Table, called: _Table) -> str:
    return join(str(caller.get("if", "")), str(called.get("if", "")))


def _parse(text: str | None) -> _Table:
    return table_at(try_read_foreign_yaml(text or ""), ())
