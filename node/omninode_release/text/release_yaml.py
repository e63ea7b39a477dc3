"""An organisation's configuration as YAML that explains itself."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import yaml

from omninode_release.text.control_characters import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SCHEMA_NAME = "release-config.schema.json"
"""The schema beside it: an editor that knows YAML's language server checks the file with it."""
_WIDTH = 98


def write_release_yaml(settings: Iterable[tuple[str, Any, Sequence[str]]]) -> str:
    """A file of these keys and values, each under comments that say why."""
    return "\n".join(_lines(settings)) + "\n"


def _lines(settings: Iterable[tuple[str, Any, Sequence[str]]]) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={SCHEMA_NAME}"
    yield "# How omni-release releases these packages; what is not here has its default."
    yield "# `omni-release init --check` compares this file with the clones."
    for key, value, why in settings:
        yield ""
        for reason in why:
            lines = wrap(plain(reason), _WIDTH, break_long_words=False, break_on_hyphens=False)
            yield from (f"# {line}" for line in lines)
        dumped = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, width=_WIDTH)
        yield dumped.rstrip("\n")
