"""What a dispatch has to be given where the usual input is not what it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from omninode_release.text.workflows.workflow import dispatch_trouble, read_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

_REAL = "pypi"
_TO_TRY = re.compile(r"test[._-]?pypi", re.IGNORECASE)
_WITH_V = re.compile(r"\bv\d")
_VERSION = re.compile(r"(?:release[_-])?version", re.IGNORECASE)
_TAG = re.compile(r"(?:release[_-])?tag(?:[_-]name)?", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:major|minor|patch|bump)\b", re.IGNORECASE)
_COMMIT = re.compile(r"\b(?:sha|commit)\b", re.IGNORECASE)


def find_inputs(workflow: str) -> dict[str, str] | None:
    """What ``publish.inputs`` has to say for a dispatch, as the names of its inputs tell.

    None where the default works, and where nothing can be said that GitHub would take.
    """
    if dispatch_trouble(workflow) is None:
        return None
    inputs = read_inputs(workflow)
    if any(_goes_elsewhere(spec) for spec in inputs.values()):
        return None
    told = {name: _guess(name, spec) for name, spec in inputs.items()}
    found = {name: template for name, template in told.items() if template is not None}
    return found if dispatch_trouble(workflow, found) is None else None


def _goes_elsewhere(spec: Mapping[str, Any]) -> bool:
    """True for a choice of an index to try things on, or of one whose name is not known here."""
    tries = _TO_TRY.fullmatch(str(spec.get("default", ""))) is not None
    return tries and "options" in spec and not _offers_real(spec)


def _offers_real(spec: Mapping[str, Any]) -> bool:
    options = spec.get("options")
    return isinstance(options, list) and _REAL in options


def _guess(name: str, spec: Mapping[str, Any]) -> str | None:
    if _offers_real(spec) or _TO_TRY.fullmatch(str(spec.get("default", ""))):
        return _REAL  # the index, where the default is one to try things on
    words = f"{name} {spec.get('description', '')} {spec.get('default', '')}"
    if spec.get("type", "string") != "string":
        return None
    if _VERSION.fullmatch(name) and not _LEVEL.search(words):
        return "v{version}" if _WITH_V.search(words) else "{version}"
    if _TAG.fullmatch(name) or (name == "ref" and not _COMMIT.search(words)):
        return "{tag}"
    return None
