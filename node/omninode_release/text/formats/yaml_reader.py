"""The one way YAML is read here: safely, by the parser written in C where there is one.

What is wrong with a document is a yaml.YAMLError that names file and line, whatever PyYAML raises
for it. What would take it, or those that go on with the value, more than a moment is wrong too:
nesting beyond any use (the parser written in C crashes the process by it), and aliases that make a
small document a huge value.
"""

from __future__ import annotations

import io
from collections.abc import Hashable
from typing import IO, TYPE_CHECKING, Any

import yaml

from omninode_release.errors.excerpt import start_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_CRASHES_ABOVE = 2000
"""Far from where the parser written in C has no stack left: 20,000 levels are fine."""
_LARGEST = 1_000_000
"""Nodes of a document, those that an alias repeats counted again."""
_LONGEST_NUMBER = 300
_TOO_DEEP = f"it is nested more than {_DEEPEST} levels deep"
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})


class _SafeLoader(_Loader):  # type: ignore[misc] # the C loader has no stub
    """Safe YAML whose every failure is a YAMLError with the place of the node."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002
        if node.tag in _NUMBERS and len(node.value) > _LONGEST_NUMBER:
            raise _error_at(node, f"a number of more than {_LONGEST_NUMBER} characters")
        try:
            return super().construct_object(node, deep=deep)
        except (yaml.YAMLError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - a library's, whatever it is
            why = f"{type(error).__name__}: {error}"
            kind = node.tag.rpartition(":")[2]
            raise _error_at(node, f"what stands here is no {kind} ({start_of(why, 200)})") from None


class _StrictLoader(_SafeLoader):
    """The same, in which writing a key twice is an error, not the last one winning."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, FBT001, FBT002
        seen = set()
        for key_node, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise _error_at(key_node, "a key that is a list or a mapping")
            if key in seen:
                raise _error_at(key_node, f"the key {key!r} is written twice")
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class NamedBytes(io.BytesIO):
    """Bytes with a name for PyYAML to show."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def read_yaml(source: str | IO[bytes]) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a document of ours, in which no key may be written twice.

    Raises yaml.YAMLError, which names the file of an open ``source``, and nothing else.
    """
    return _read(source, _StrictLoader, lambda loader, node: loader.construct_document(node))


def read_foreign_yaml(source: str) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a document that others write and read: of a key written twice the last counts.

    Raises yaml.YAMLError and nothing else.
    """
    return _read(source, _SafeLoader, lambda loader, node: loader.construct_document(node))


def try_read_foreign_yaml(source: str) -> Any:  # noqa: ANN401 - any YAML value
    """The same; None where it cannot be read."""
    try:
        return read_foreign_yaml(source)
    except yaml.YAMLError:
        return None


def read_yaml_nodes(source: str | bytes) -> yaml.Node | None:
    """The document as nodes, which know their lines; raises yaml.YAMLError and nothing else."""
    node: yaml.Node | None = _read(source, _SafeLoader, lambda _, node: node)
    return node


def find_yaml_line(node: yaml.Node | None, path: Sequence[str | int]) -> int | None:
    """The line, counted from 1, of the value or key at ``path``, or of what is there of the way.

    None where nothing of it is there.
    """
    lines = _list_lines(node, path)
    return lines[-1] if lines else None


def has_yaml_value(node: yaml.Node | None, path: Sequence[str | int]) -> bool:
    """True where something stands at ``path``."""
    return len(_list_lines(node, path)) == len(path)


def _list_lines(node: yaml.Node | None, path: Sequence[str | int]) -> list[int]:
    """The line of each part of the path, as far as it is there."""
    lines: list[int] = []
    for part in path:
        found = _step(node, part)
        if found is None:
            break
        at, node = found
        lines.append(at.start_mark.line + 1)
    return lines


def _step(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that shows a part of a path, and the one behind it."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _take(source: str | bytes | IO[bytes]) -> tuple[bytes, str]:
    """The bytes of a document, and the name to show of it."""
    match source:
        case str():
            return source.encode(), "<text>"
        case bytes():
            return source, "<text>"
        case _:
            return source.read(), str(getattr(source, "name", "<file>"))


def _read(source: str | bytes | IO[bytes], kind: Any, make: Any) -> Any:  # noqa: ANN401
    """What ``make`` makes of the document's node; None where there is no document."""
    try:
        data, name = _take(source)
        if _may_crash(data):
            _require_shallow(NamedBytes(data, name))
        loader = kind(NamedBytes(data, name))
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _require_small(node)
            return make(loader, node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, MemoryError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - text with half a character, for one
        raise yaml.YAMLError(f"{type(error).__name__}: {error}") from None


def _may_crash(data: bytes) -> bool:
    """False where no nesting can be deep: each level takes a bracket, or a column of a line.

    It spares the documents of every day 2 ms of 14.
    """
    longest = max(map(len, data.split(b"\n")))
    return data.count(b"[") + data.count(b"{") + longest > _CRASHES_ABOVE


def _require_shallow(source: IO[bytes]) -> None:
    """Raise YAMLError for nesting that would crash, which a document's events show one by one."""
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise _error_at(event, _TOO_DEEP)


def _require_small(root: yaml.Node) -> None:
    """Raise YAMLError for a document that aliases make huge, deep, or endless.

    Each node is looked at once. A node inside of itself is met before its own size is known.
    """
    measured: dict[int, tuple[int, int] | None] = {}

    def measure(node: yaml.Node) -> tuple[int, int]:
        """How many nodes there are in it, and on how many levels."""
        known = measured.get(id(node), (0, 0))
        if known is None:
            raise _error_at(node, "a value that contains itself")
        if known == (0, 0):
            measured[id(node)] = None
            inside = [measure(child) for child in _children(node)]
            known = 1 + sum(size for size, _ in inside), 1 + max((d for _, d in inside), default=0)
            if known[0] > _LARGEST:
                raise _error_at(node, f"more than {_LARGEST} values, most of them by aliases")
            if known[1] > _DEEPEST + 1:
                raise _error_at(node, _TOO_DEEP)
            measured[id(node)] = known
        return known

    measure(root)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _error_at(place: Any, why: str) -> yaml.MarkedYAMLError:  # noqa: ANN401 - a node or an event
    return yaml.constructor.ConstructorError(None, None, why, place.start_mark)
