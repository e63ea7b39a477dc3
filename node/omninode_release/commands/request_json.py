"""A request in JSON, read as strictly as a command line and turned into one.

Whoever calls the node with JSON gets the rules of the command line because its words are what a
request becomes: a skill's ``args``, or the contract's own inputs, but not both at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from pydantic import ValidationError

from omninode_release.commands.arguments import Arguments, options, parse
from omninode_release.contract.schemas import check
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.inputs import ModelReleaseInputs
from omninode_release.models.request import ModelSkillRequest

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
_OPTION_OF = {"bump_override": "bump"}
_BARE = ("", "true")  # how a skill request writes a flag


def arguments_of(text: str) -> Arguments:
    """The command line a request stands for. Raises USAGE_ERROR, as that command line would."""
    try:
        request = _object(_parsed(text))
        told = _words_of_skill if _is_skill_request(request) else _words_of_inputs
        return parse(["--json", *told(request)])
    except RecursionError:  # of JSON, of the schema or of our own looking through it
        raise _refusal("expected a request in JSON, found it nested too deeply.") from None


# From text to a JSON object.


def _parsed(text: str) -> object:
    if len(text) > MOST_CHARACTERS:
        raise _refusal(
            f"expected a request of at most {MOST_CHARACTERS} characters, found more than that."
        )
    try:
        value: object = json.loads(
            text, object_pairs_hook=_without_repetition, parse_constant=_no_such_number
        )
    except ValueError as error:  # of an integer with thousands of digits, too
        raise _refusal(f"expected a request in JSON, found otherwise: {error}.") from None
    return value


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a key written twice: nobody knows which of the two is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise ValueError(f"the key {twice!r} is written twice")
    return found


def _no_such_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refusal(f"expected a JSON object, {_FORMS}, found {_shown(value)}.")
    for text in _texts(value):
        if len(text) > LONGEST_TEXT or not _is_plain_text(text):
            raise _refusal(
                f"expected each text to have at most {LONGEST_TEXT} characters, no NUL and no half"
                f" of a character, found {_shown(text)}."
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
    """Whether a program can be given ``text``: it has no NUL and can be written as UTF-8."""
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
        raise _refusal(f"expected {_FORMS}, found {found:.300}.")
    return bool(skill)


def _words_of_skill(value: Mapping[str, Any]) -> Iterator[str]:
    check("skill-request", value, code=ErrorCode.USAGE_ERROR, where="the request", hint=HINT)
    try:
        request = ModelSkillRequest.model_validate(value)
    except ValidationError as error:
        raise _unfit("a skill request", error) from None
    if request.skill_name != _SKILL:
        raise _refusal(f"expected skill_name {_SKILL}, found {_shown(request.skill_name)}.")
    return _words_of_args(request.args)


def _words_of_args(args: Mapping[str, str]) -> Iterator[str]:
    """The words of ``args``: a name with or without dashes, ``""`` and ``"true"`` a bare flag."""
    flags = options()
    known = ", ".join(("repos", *flags))
    repos: list[str] = []
    seen: set[str] = set()
    for key, value in args.items():
        name = key.removeprefix("--").replace("_", "-")
        if name in seen:
            raise _refusal(f"args: expected each argument once, found {name} again as {key!r}.")
        seen.add(name)
        if name != "repos" and name not in flags:
            raise _refusal(f"args: expected names out of {known}; found {_shown(key)}.")
        if (value in _BARE) is not flags.get(name, False):
            wanted = '"" or "true"' if flags.get(name) else "a value"
            raise _refusal(f"args: {name}: expected {wanted}, found {_shown(value)}.")
        if name != "repos":
            yield f"--{name}" if flags[name] else f"--{name}={value}"
        else:
            repos = value.replace(",", " ").split()
            if not repos:
                raise _refusal("args: repos: expected repository names, found only blanks.")
    yield from ("--", *repos)


def _words_of_inputs(value: Mapping[str, Any]) -> Iterator[str]:
    check("release-inputs", value, code=ErrorCode.USAGE_ERROR, where="the request", hint=HINT)
    try:
        inputs = ModelReleaseInputs.model_validate(value)
    except ValidationError as error:
        raise _unfit("the contract's inputs", error) from None
    said = inputs.model_dump(mode="json", exclude_none=True, exclude={"repos", *_BOTH})
    for name, each in said.items():
        option = f"--{_OPTION_OF.get(name, name).replace('_', '-')}"
        if each is True:
            yield option
        elif each is not False:
            yield f"{option}={each}"
    yield from ("--", *inputs.repos)


# Refusals.


def _unfit(what: str, error: ValidationError) -> ReleaseError:
    """What the model refuses and its schema cannot say."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    return _refusal(f"expected {what}, found at {where}: {first['msg']}.")


def _refusal(message: str) -> ReleaseError:
    return ReleaseError(ErrorCode.USAGE_ERROR, message, hint=HINT)


def _shown(value: object) -> str:
    """A value as it stood in the JSON, cut where it gets long."""
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
