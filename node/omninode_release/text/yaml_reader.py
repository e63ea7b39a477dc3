"""The one way YAML is read here: safely, by the parser written in C where there is one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import IO, Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc] # the C loader has no stub
    """Safe YAML in which writing a key twice is an error, not the last one winning."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: ANN401, FBT001, FBT002
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise yaml.constructor.ConstructorError(
                    None,
                    None,
                    f"the key {key!r} is written twice",
                    node.value[number][0].start_mark,
                )
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def read_yaml(source: str | IO[bytes]) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a document of ours, in which no key may be written twice.

    Raises yaml.YAMLError, which names the file of an open ``source``, and UnicodeDecodeError.
    """
    return yaml.load(source, Loader=_StrictLoader)  # noqa: S506 - a safe loader


def read_foreign_yaml(source: str) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a document that others write and read: of a key written twice the last counts.

    Raises yaml.YAMLError, ValueError (a date that is none) and RecursionError.
    """
    return yaml.load(source, Loader=_Loader)  # noqa: S506 - a safe loader


def read_yaml_nodes(source: str) -> yaml.Node | None:
    """The document as nodes, which know their lines; raises yaml.YAMLError."""
    node: yaml.Node | None = yaml.compose(source, Loader=_Loader)
    return node
