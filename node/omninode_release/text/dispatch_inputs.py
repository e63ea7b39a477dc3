"""What a dispatch has to be given where the usual input is not what it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from omninode_release.text.workflow import dispatch_trouble, read_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

_REAL = "pypi"
_TO_TRY = re.compile(r"test[._-]?pypi", re.IGNORECASE)
_WITH_V = re.compile(r"\bv\d")
_COMMIT = re.compile(r"\b(?:sha|commit)\b", re.IGNORECASE)


def find_inputs(workflow: str) -> dict[str, str] | None:
    """What ``publish.inputs`` has to say for a dispatch, as the names of its inputs tell.

    None where the default works, and where nothing can be said that GitHub would take.
    """
    if dispatch_trouble(workflow) is None:
        return None
    told = {name: _guess(name, spec) for name, spec in read_inputs(workflow).items()}
    found = {name: template for name, template in told.items() if template is not None}
    return found if dispatch_trouble(workflow, found) is None else None


def _guess(name: str, spec: Mapping[str, Any]) -> str | None:
    options = spec.get("options")
    real = [each for each in options if each == _REAL] if isinstance(options, list) else []
    if real or _TO_TRY.fullmatch(str(spec.get("default", ""))):
        return _REAL  # the index, where the default is one to try things on
    words = f"{name} {spec.get('description', '')} {spec.get('default', '')}"
    if spec.get("type", "string") != "string":
        return None
    if "version" in name.lower():
        return "v{version}" if _WITH_V.search(words) else "{version}"
    if "tag" in re.split(r"[_-]", name.lower()) or (name == "ref" and not _COMMIT.search(words)):
        return "{tag}"
    return None
