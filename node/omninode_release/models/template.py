"""Texts of an organisation with places that a release fills: ``{version}`` and its like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field

_PLACE = re.compile(r"\{([^{}]*)\}")
RELEASE_PLACES = ("repo", "version", "old", "ticket", "run_id", "level")
"""What a text about a release may name; ``old`` is the version before it."""
_DISPATCH_PLACES = ("repo", "version", "tag")


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """The text with every place filled. Raises KeyError for one that has no value."""
    return _PLACE.sub(lambda place: values[place[1]], template)


def names_place(template: str, place: str) -> bool:
    """True when the text has ``{place}``."""
    return place in _PLACE.findall(template)


def match_template(template: str, values: Mapping[str, str]) -> re.Pattern[str]:
    """What the filled text begins with, whatever stands where ``values`` has nothing."""
    parts = _PLACE.split(template)
    told = [
        (re.escape(values[part]) if part in values else r".*?") if odd % 2 else re.escape(part)
        for odd, part in enumerate(parts)
    ]
    return re.compile("".join(told) + r"(?:\s.*)?", re.DOTALL)


def _check(text: str, *, places: tuple[str, ...]) -> str:
    unknown = [place for place in _PLACE.findall(text) if place not in places]
    if unknown or {"{", "}"} & set(_PLACE.sub("", text)):
        known = ", ".join(f"{{{place}}}" for place in places)
        raise ValueError(f"{text!r} may name {known}, and has no other braces")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise ValueError(f"{text!r} must be one line without control characters")
    return text


def _check_subject(text: str) -> str:
    if not names_place(_check(text, places=RELEASE_PLACES), "version"):
        raise ValueError(f"{text!r} must name {{version}}")
    if text != text.strip():
        raise ValueError(f"{text!r} must have no space around it")
    return text


LineTemplate = Annotated[
    str,
    Field(max_length=500, examples=["Evidence-Ticket: {ticket}"]),
    AfterValidator(partial(_check, places=RELEASE_PLACES)),
]
"""A line that may name what ``RELEASE_PLACES`` lists."""

SubjectTemplate = Annotated[
    str,
    Field(min_length=1, max_length=200, examples=["chore(release): {repo} v{version}"]),
    AfterValidator(_check_subject),
]
"""The subject of a release commit; it names the version."""

InputTemplate = Annotated[
    str,
    Field(max_length=500, examples=["{tag}"]),
    AfterValidator(partial(_check, places=_DISPATCH_PLACES)),
]
"""The value of a workflow's input; it may name ``{repo}``, ``{version}`` and ``{tag}``."""
