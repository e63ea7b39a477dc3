"""Configurations of hook runners, and the hooks of one that a run over all files leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PRE_COMMIT = ".pre-commit-config.yaml"
HOOKS_OF_PREK = (".pre-commit-config.yml", "prek.toml")
"""What prek reads hooks from beside that."""
_OTHERS = re.compile(
    r"\.pre-commit-config\.yml|prek\.toml|\.?lefthook\.(?:ya?ml|toml|json)|\.overcommit\.yml"
    r"|\.husky/pre-(?:commit|push)"
)
_STAGES = {"pre-commit", "commit"}  # the second is its old name


def find_other_hook_files(paths: Iterable[str]) -> list[str]:
    """The configurations that pre-commit does not read."""
    return [path for path in paths if _OTHERS.fullmatch(path)]


def find_hooks_of_other_stages(text: str) -> dict[str, str]:
    """Hook id to its stages, for those that ``pre-commit run`` leaves out.

    Empty where the text cannot be read: pre-commit says what is wrong with it.
    """
    if "stages" not in text:
        return {}
    import yaml  # noqa: PLC0415 - most configurations end above

    from omninode_release.text.yaml_reader import read_foreign_yaml  # noqa: PLC0415

    try:
        return dict(_find_others(read_foreign_yaml(text)))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}


def _find_others(config: object) -> Iterator[tuple[str, str]]:
    top = config if isinstance(config, Mapping) else {}
    for repo in _list(top.get("repos")):
        for hook in _list(repo.get("hooks") if isinstance(repo, Mapping) else None):
            if isinstance(hook, Mapping):
                stages = _list(hook.get("stages") or top.get("default_stages"))
                if stages and not _STAGES & {str(each) for each in stages}:
                    yield str(hook.get("id")), ", ".join(map(str, stages))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
