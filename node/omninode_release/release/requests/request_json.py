"""A request in JSON, read strictly: a skill's ``args`` or the contract's own inputs, never both."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.errors.excerpt import start_of
from omninode_release.models.inputs import ModelReleaseInputs
from omninode_release.models.model import Model
from omninode_release.models.request import ModelSkillRequest, ReleaseRequest
from omninode_release.system.json_text import parse_strict_json
from omninode_release.text.versions.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_Model = TypeVar("_Model", bound=Model)
MOST_CHARACTERS = 1_000_000
"""More than any request can need; a larger one is refused unread."""
LONGEST_TEXT = 4096
"""As long as a path can be."""
HINT = "omni-release run-node --help shows both forms of a request"

_SKILL = "release"
_BOTH = frozenset({"correlation_id"})
_SKILL_KEYS = frozenset(ModelSkillRequest.model_fields) - _BOTH
_INPUT_KEYS = frozenset(ModelReleaseInputs.model_fields) - _BOTH
_FORMS = (
    f"a skill request ({', '.join(ModelSkillRequest.model_fields)}) or the contract's inputs"
    f" ({', '.join(ModelReleaseInputs.model_fields)})"
)
_FIELD_OF = {
    "bump_override": "bump",
    "bump_overrides": "bumps",
    "version_overrides": "versions",
}
_PATHS = frozenset({"config", "omni_home", "plan"})
# As on the command line: a word on one repository and a word on all have one name.
_ARGS = ({field.name for field in fields(ReleaseRequest)} - {"bumps", "versions"}) | {"version"}
_PLAIN = ReleaseRequest()
_FLAGS = {field.name for field in fields(ReleaseRequest) if field.default is False}
# An agent that copies a command line sends --json, too; the answer is JSON either way.
_IGNORED = "json"
_BARE = ("", "true")  # how a skill request writes a flag


def read_request(text: str) -> ReleaseRequest:
    """The request that ``text`` holds. Raises USAGE_ERROR, as the command line would."""
    try:
        request = _require_object(_parse(text))
        if _is_skill_request(request):
            return _read_skill_request(request)
        return _read_inputs(request)
    except RecursionError:  # of JSON, of the schema or of our own looking through it
        raise _refusal("expected a request in JSON, found it nested too deeply.") from None


def write_request(request: ReleaseRequest) -> str:
    """The request as JSON that ``read_request`` reads back."""
    names = {field: name for name, field in _FIELD_OF.items()}
    said = {
        names.get(field.name, field.name): value
        for field in fields(request)
        if (value := getattr(request, field.name)) != getattr(_PLAIN, field.name)
        and field.name != "all"
    }
    return json.dumps({"repos": ()} | said, default=str)


# From text to a JSON object.


def _parse(text: str) -> object:
    if len(text) > MOST_CHARACTERS:
        raise _refusal(
            f"expected a request of at most {MOST_CHARACTERS} characters, found more than that."
        )
    try:
        value: object = parse_strict_json(text)
    except ValueError as error:  # of an integer with thousands of digits, too
        raise _refusal(f"expected a request in JSON, found otherwise: {error}.") from None
    return value


def _require_object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(f"expected a JSON object, {_FORMS}, found {_show(value)}.")
    for text in _texts(value):
        if len(text) > LONGEST_TEXT or not _is_plain_text(text):
            raise _refusal(
                f"expected each text to have at most {LONGEST_TEXT} characters, no NUL and no half"
                f" of a character, found {_show(text)}."
            )
    return value


def _texts(value: object) -> Iterator[str]:
    """Every key and every string of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _is_plain_text(text: str) -> bool:
    """True when a program can be given ``text``: it has no NUL and can be written as UTF-8."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


# The two forms.


def _is_skill_request(request: Mapping[str, Any]) -> bool:
    """Which form it has. Raises USAGE_ERROR for one that has both, or neither."""
    skill, inputs = sorted(request.keys() & _SKILL_KEYS), sorted(request.keys() & _INPUT_KEYS)
    if skill and inputs:
        raise _refusal(
            f"expected one form of a request, found {', '.join(skill)} of a skill request beside"
            f" {', '.join(inputs)} of the contract's inputs."
        )
    if not skill and not inputs:
        found = ", ".join(map(repr, sorted(request)[:10])) or "no key"
        raise _refusal(f"expected {_FORMS}, found {start_of(found, 300)}.")
    return bool(skill)


def _read_skill_request(value: Mapping[str, Any]) -> ReleaseRequest:
    request = _fit("skill-request", value, ModelSkillRequest, "a skill request")
    if request.skill_name != _SKILL:
        raise _refusal(f"expected skill_name {_SKILL}, found {_show(request.skill_name)}.")
    return ReleaseRequest(**_read_args(request.args))


def _read_args(args: Mapping[str, str]) -> dict[str, Any]:
    """Fields of a request by name; ``""`` and ``"true"`` make a bare flag."""
    known = sorted(name.replace("_", "-") for name in _ARGS)
    found: dict[str, Any] = {}
    for key, value in args.items():
        name = key.removeprefix("--").replace("_", "-")
        field = name.replace("-", "_")
        if field in found:
            raise _refusal(f"args: expected each argument once, found {name} again as {key!r}.")
        if name not in known and name != _IGNORED:
            raise _refusal(f"args: expected names out of {', '.join(known)}; found {_show(key)}.")
        is_flag = field in _FLAGS or name == _IGNORED
        if (value in _BARE) is not is_flag:
            wanted = '"" or "true"' if is_flag else "a value"
            raise _refusal(f"args: {name}: expected {wanted}, found {_show(value)}.")
        found[field] = True if is_flag else _read_value(field, value)
    found.pop(_IGNORED, None)
    words = read_words(
        _split(found.pop("bump", "")), _split(found.pop("version", "")), found.pop("pre", None)
    )
    return found | words._asdict()


def _read_value(field: str, value: str) -> object:
    match field:
        case "bump" | "version" if not _split(value):
            raise _refusal(f"args: {field}: expected a value, found only blanks.")
        case "repos":
            repos = _split(value)
            if not repos:
                raise _refusal("args: repos: expected repository names, found only blanks.")
            return repos
        case "pypi_timeout_minutes":
            try:
                return float(value)
            except ValueError:
                raise _refusal(f"args: {field}: {value!r} is not a number.") from None
        case _:
            return Path(value) if field in _PATHS else value


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.replace(",", " ").split())


def _read_inputs(value: Mapping[str, Any]) -> ReleaseRequest:
    inputs = _fit("release-inputs", value, ModelReleaseInputs, "the contract's inputs")
    said: dict[str, Any] = {
        _FIELD_OF.get(name, name): Path(each) if name in _PATHS else each
        for name, each in inputs
        if each is not None and name not in _BOTH
    }
    general = said.pop("bump", None)
    levels = [f"{repo}={level}" for repo, level in said.pop("bumps").items()]
    versions = [f"{repo}={version}" for repo, version in said.pop("versions").items()]
    words = read_words([*levels, *filter(None, [general])], versions, said.pop("pre", None))
    return ReleaseRequest(**said, **words._asdict())


def _fit(name: str, value: Mapping[str, Any], kind: type[_Model], what: str) -> _Model:
    """The value by its schema, and by its model, which refuses what a schema cannot say."""
    check(name, value, code=ErrorCode.USAGE_ERROR, where="the request", hint=HINT)
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _refusal(f"expected {what}, found at {where}: {first['msg']}.") from None


# Refusals.


def _refusal(message: str) -> ReleaseError:
    return ReleaseError(ErrorCode.USAGE_ERROR, message, hint=HINT)


def _show(value: object) -> str:
    """A value as it stood in the JSON, cut where it gets long."""
    return start_of(json.dumps(value), 80)
