"""The one way YAML is read here: safely, by the parser written in C where there is one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
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


def read_yaml_nodes(source: str | bytes) -> yaml.Node | None:
    """The document as nodes, which know their lines; raises yaml.YAMLError."""
    node: yaml.Node | None = yaml.compose(source, Loader=_Loader)
    return node


def find_yaml_line(node: yaml.Node | None, path: Sequence[str | int]) -> int | None:
    """The line, counted from 1, of the value or key at ``path``, or of what is there of the way.

    None where nothing of it is there.
    """
    line: int | None = None
    for part in path:
        found = _step(node, part)
        if found is None:
            return line
        at, node = found
        line = at.start_mark.line + 1
    return line


def _step(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that shows a part of a path, and the one behind it."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None
