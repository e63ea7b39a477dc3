"""Reading a policy file of the machine; one that cannot be read or understood is a refusal."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from omninode_release.contract.load import make_source
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.policy import ReleasePolicy
from omninode_release.text.yaml_reader import find_yaml_line, read_yaml, read_yaml_nodes

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.contract.load import Source


def load_policy(path: Path) -> tuple[ReleasePolicy, Source]:
    """The demands in ``path``. Raises CONFIG_INVALID, naming the line, and FileNotFoundError."""
    data = _read(path)
    try:
        text = data.decode("utf-8-sig")
        value, nodes = read_yaml(text), read_yaml_nodes(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        why = " ".join(str(error).split()).replace('"<unicode string>"', str(path))
        raise _policy_error(path, why) from None
    try:
        return ReleasePolicy.model_validate(value), make_source(path, data)
    except ValidationError as error:
        # That a key may also be left out is no news to somebody who wrote it.
        found = [
            each for each in error.errors(include_url=False) if each["type"] != "none_required"
        ]
        problems = dict.fromkeys(_explain(each, nodes) for each in found[:5])
        raise _policy_error(path, "; ".join(problems)) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():  # it leads nowhere, and was put there for a reason
            raise _policy_error(path, "a symbolic link that leads nowhere") from None
        raise FileNotFoundError(path) from None
    except OSError as error:
        raise _policy_error(path, error.strerror or str(error)) from None


def _explain(found: Any, nodes: yaml.Node | None) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    if not found["loc"]:
        what = "nothing" if found["input"] is None else repr(found["input"])
        return f"line 1: expected keys and values, found {what}"
    key = str(found["loc"][0])
    where = f"line {find_yaml_line(nodes, (key,)) or 1}: {key}"
    if found["type"] == "extra_forbidden":
        near = get_close_matches(key, list(ReleasePolicy.model_fields), 1)
        return f"{where}: unknown key" + (f", {near[0]} perhaps" if near else "")
    return f"{where}: {found['msg'].removeprefix('Value error, ')}"


def _policy_error(path: Path, why: str) -> ReleaseError:
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"expected a release policy that can be read at {path}, found: {why}.",
        hint=f"correct {path}, or have its owner do it; docs/trust.md shows what may stand there",
    )
