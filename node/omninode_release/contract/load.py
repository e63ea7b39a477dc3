"""Reading contract.yaml, an organisation's release configuration, and a policy of the machine.

An unknown key, a key written twice and a value of the wrong kind are errors that name file
and key: a misspelt ``major_on_zero`` must not silently release 1.0.0.
"""

from __future__ import annotations

import hashlib
import json
import re
from difflib import get_close_matches
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from pydantic import ValidationError

from omninode_release.adapters.registry import CHOICES
from omninode_release.contract.schemas import resource
from omninode_release.errors import ErrorCode, ReleaseError, typed
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.policy import ReleasePolicy
from omninode_release.models.template import RELEASE_PLACES, fill_template
from omninode_release.system.child_environment import can_be_passed
from omninode_release.system.files import read_file
from omninode_release.text.commits.subject import is_bookkeeping, read_subject
from omninode_release.text.formats.yaml_reader import (
    NamedBytes,
    find_yaml_line,
    read_yaml,
    read_yaml_nodes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from omninode_release.models.contract import Contract

_FORMER_DEFAULTS = {"ahead": "bump"}
"""What a key was by default in an earlier version, whose runs are resumed: there it means no more
than leaving the key out."""


@cache
def load_contract() -> Contract:
    """The contract this package was built with. Raises ValueError for one it was not."""
    from omninode_release.models.contract import Contract  # noqa: PLC0415 - not in a dry run

    try:
        path = resource("contract.yaml")
        return Contract.model_validate(_parse(path, _read(path)), context=CHOICES)
    except ValidationError as error:
        raise ValueError(
            "contract.yaml and the code do not fit: omni-release validate says where"
        ) from error


def _read_built_in(path: Path, data: bytes) -> Any:  # noqa: ANN401 - whatever the file holds
    """The section ``release`` of contract.yaml; reading all of it takes ten times as long."""
    found = re.search(rb"^release:\n(?:(?:[ #].*)?\n)*", data, re.MULTILINE)
    return _parse(path, found[0] if found else data)["release"]


class Source(NamedTuple):
    """A file that has a say in a release, and what stood in it when it was read."""

    path: Path
    digest: str
    """``sha256:`` over its bytes."""


def load_config(path: Path | None) -> ReleaseConfig:
    """The configuration in ``path``, or the contract's own. Raises CONFIG_INVALID."""
    return read_config(path)[0]


def read_config(path: Path | None) -> tuple[ReleaseConfig, Source]:
    """The same, and the file it comes from. Raises CONFIG_INVALID."""
    if path is None:
        path = resource("contract.yaml")
        data = _read(path)
        built_in = _read_built_in(path, data)
        return ReleaseConfig.model_validate(built_in, context=CHOICES), make_source(path, data)
    data = _read(path)
    value = _parse(path, data)
    wrapped = isinstance(value, dict) and set(value) == {"release"}
    try:
        config = ReleaseConfig.model_validate(
            value["release"] if wrapped else value, context=CHOICES
        )
    except ValidationError as error:
        raise _refusal(path, error, data, below=["release"] if wrapped else []) from None
    nodes = read_yaml_nodes(data)
    place = partial(_find_place, nodes, ["release"] if wrapped else [])
    _require_bookkeeping(config, path, place)
    _require_passable(config, path, place)
    return config, make_source(path, data)


def _find_place(nodes: yaml.Node | None, below: Sequence[str], key: str) -> str:
    """A key and where it stands in the file, in words."""
    line = find_yaml_line(nodes, (*below, *key.split(".")))
    return f"line {line}: {key}" if line else key


def _require_bookkeeping(config: ReleaseConfig, path: Path, place: Callable[[str], str]) -> None:
    """Raise CONFIG_INVALID for a subject that the next plan would take for a change of its own."""
    subjects = {
        "commit_subject": config.commit_subject,
        "pull_request.title": config.pull_request.title,  # of a merge queue it is the subject
    }
    values = dict.fromkeys(RELEASE_PLACES, "x") | {"version": "1.2.3", "old": "1.2.2"}
    for key, template in subjects.items():
        subject = read_subject(fill_template(template, values)) if template else None
        kind = subject.types[0] if subject and len(subject.types) == 1 else ""
        if subject and (subject.bang or not is_bookkeeping(kind, subject)):
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"{path} is not a release configuration: {place(key)}: expected what is known for a"
                f" release, found {template!r}, which the next plan would count as a change.",
                hint=f"begin {key} with `release: ` or `chore(release): `",
            )


def _require_passable(config: ReleaseConfig, path: Path, place: Callable[[str], str]) -> None:
    """Raise CONFIG_INVALID for a variable that no program is given, whichever file names it."""
    for name in config.pass_environment:
        if not can_be_passed(name):
            raise ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"{path} is not a release configuration: {place('pass_environment')}: expected"
                f" variables that programs can be given, found {name}, which is set or kept from"
                " all of them.",
                hint=f"take {name} out of pass_environment in {path}; docs/reference.md says what"
                " each program sees",
            )


def make_source(path: Path, data: bytes) -> Source:
    """What a file's bytes are known by afterwards: ``sha256sum`` shows the same."""
    return Source(path, f"sha256:{hashlib.sha256(data).hexdigest()}")


def _refusal(path: Path, error: ValidationError, data: bytes, *, below: list[str]) -> ReleaseError:
    """What is wrong with the file, a line for each thing where there are several."""
    from omninode_release.contract.config_problems import find_problems  # noqa: PLC0415 - rare

    found = [str(each) for each in find_problems(error, data, below=below)]
    listed = f" {found[0]}" if len(found) == 1 else "".join(f"\n  {each}" for each in found)
    return ReleaseError(
        ErrorCode.CONFIG_INVALID,
        f"{path} is not a release configuration:{listed}.",
        hint=f"correct {path}, and {typed(('omni-release', 'validate', str(path)))} looks again;"
        " docs/reference.md has every key",
    )


def config_digest(config: ReleaseConfig) -> dict[str, str]:
    """Each top-level key that differs from its default, with a digest of what does below it.

    Defaults are left out, at every depth: however they are written, they mean the same, and a
    version that knows one more key must be able to resume a run.
    """
    return _digests(config.model_dump(mode="json", exclude_defaults=True))


def changed_keys(config: ReleaseConfig, before: Mapping[str, str]) -> list[str]:
    """Top-level keys whose value is not the one that ``before``, a ``config_digest``, was made of.

    Version 0.1.0 digested every key with its defaults, so a value counts as unchanged when either
    way of digesting it fits. A default of an earlier version was not written down then, and counts
    as unchanged both ways.
    """
    now = config_digest(config)
    whole = _digests(config.model_dump(mode="json"))
    former = _digests(_FORMER_DEFAULTS)
    keys = now.keys() | before.keys()
    return sorted(
        key
        for key in keys
        if before.get(key) not in {now.get(key), whole.get(key)}
        and not {before.get(key), now.get(key)} <= {former.get(key), None}
    )


def _digests(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
        for key, value in values.items()
    }


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected a configuration file at {path}, found: {error.strerror}.",
            hint="name another with --config FILE",
        ) from None


def _parse(path: Path, data: bytes) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return read_yaml(NamedBytes(data, str(path)))
    except yaml.YAMLError as error:
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"{path} cannot be read as YAML: {' '.join(str(error).split())}.",
            hint=f"correct {path}",
        ) from None


def load_policy(path: Path) -> tuple[ReleasePolicy, Source]:
    """The demands in ``path``. Raises CONFIG_INVALID, naming the line, and FileNotFoundError."""
    data = _read_policy(path)
    try:
        text = data.decode("utf-8-sig")
        value, nodes = read_yaml(text), read_yaml_nodes(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        why = " ".join(str(error).split()).replace('"<unicode string>"', str(path))
        raise _policy_error(path, why) from None
    try:
        return ReleasePolicy.model_validate(value), make_source(path, data)
    except ValidationError as error:
        # That a key may also be left out is no news to the one who wrote it.
        found = [
            each for each in error.errors(include_url=False) if each["type"] != "none_required"
        ]
        problems = dict.fromkeys(_explain(each, nodes) for each in found[:5])
        raise _policy_error(path, "; ".join(problems)) from None


def _read_policy(path: Path) -> bytes:
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
