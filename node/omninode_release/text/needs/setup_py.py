"""setup.py: lists and names that are plainly there. It is parsed, and never run.

Of what it computes, the strings in it that could be requirements count as such: they order what
nothing else orders, and have to admit what is released. What it requires in the end, a build shows
before the gate.
"""

from __future__ import annotations

import ast
import threading
import warnings
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from omninode_release.models.edges import EdgeKind
from omninode_release.text.needs.guesses import (
    find_list_files,
    find_strings,
    guess_in_text,
    guess_needs,
    split_lines,
)
from omninode_release.text.needs.plain_list import follow
from omninode_release.text.needs.ports import FIELDS, KINDS, list_open_fields, of_extra
from omninode_release.text.requirements.listed import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from omninode_release.text.formats.toml_document import KeyPath
    from omninode_release.text.holders.ports import Source

NAME = "setup.py"
_UNWRITTEN = "setup.py is a program, which PIN does not write"
_READ_BY_PROGRAM = "setup.py may read it in a way of its own"
_EXTRAS, _PYTHON = "extras_require", "python_requires"
_ASIDE = frozenset({_EXTRAS, "tests_require"})
_GUESSED = "computed"
_HOPS = 4
_MOST_PARTS = 20_000
"""Of what the arguments are made of: a few lines of names can stand for billions of strings."""
_UNKNOWN = ast.Constant(...)
_PARSING = threading.Lock()
"""``ast`` warns of odd escapes, and what hides a warning is the process's own."""


class SetupPy(NamedTuple):
    """What a setup.py says without being run."""

    lists: dict[KeyPath, list[str]]
    """Each that it gives ``setup``, by its argument."""
    computed: dict[str, int]
    """Arguments that cannot be read, and the line of each."""
    files: tuple[str, ...] = ()
    """Those that it names and may take the computed ones from."""
    python: str | None = None
    """What it plainly gives as ``python_requires``."""


class _ComputedError(Exception):
    """An expression that is more than lists, strings and names of them."""


def read(text: str) -> Mapping[KeyPath, str]:
    """Every requirement. One that no Python of ours can parse has none."""
    lists = _read(text).lists
    return {(*path, at): raw for path, raws in lists.items() for at, raw in enumerate(raws)}


def find_lists(source: Source) -> Iterator[Listed]:
    """The arguments that setuptools hears of; those that it computes as far as strings tell."""
    for path, raws in _read_open(source).lists.items():
        argument, extra = str(path[0]), None
        kind = KINDS.get(argument, EdgeKind.RUN)
        if argument == _EXTRAS:
            kind, extra = of_extra(str(path[1]))
        if argument == _GUESSED:
            kind, extra = EdgeKind.EXTRA if path[1:] else EdgeKind.BUILD, ""
        if raws:
            found = Listed(NAME, path, ".".join(map(str, path)), kind, extra, _UNWRITTEN)
            yield found._replace(guessed=argument == _GUESSED)
    for file in follow(source, _read_open(source).files):
        found = Listed(file, (), "dependencies", EdgeKind.BUILD, "", _READ_BY_PROGRAM)
        yield found._replace(guessed=True)


def find_python(source: Source) -> str | None:
    """What it says of Python, where pyproject.toml leaves all to it."""
    return _read_open(source).python if len(list_open_fields(source)) == len(FIELDS) else None


def find_computed(source: Source) -> tuple[str, int] | None:
    """An argument whose requirements only a build can tell, and its line; None where none is."""
    return next(iter(_read_open(source).computed.items()), None)


def _read_open(source: Source) -> SetupPy:
    """What setup.py says of the fields that pyproject.toml leaves to it."""
    fields = list_open_fields(source)
    found = _read(source.read(NAME) or "") if fields else SetupPy({}, {})
    if len(fields) == len(FIELDS):
        return found
    return SetupPy(
        {path: raws for path, raws in found.lists.items() if _field(str(path[0])) in fields},
        {name: line for name, line in found.computed.items() if _field(name) in fields},
        found.files,
        found.python,
    )


def _field(argument: str) -> str:
    """What ``[project]`` calls an argument of ``setup``."""
    return "optional-dependencies" if argument == _EXTRAS else "dependencies"


@lru_cache(maxsize=512)
def _read(text: str) -> SetupPy:
    if "setup" not in text:
        return SetupPy({}, {})
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        files = find_list_files(find_strings(text))
        return SetupPy({(_GUESSED,): guess_in_text(text)}, {"setup()": 1}, files)
    arguments = [each for node in ast.walk(tree) if _is_setup(node) for each in node.keywords]
    return _Reader(tree).read(arguments)


def _is_setup(node: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return getattr(called, "id", None) == "setup" or getattr(called, "attr", None) == "setup"


class _Reader:
    """A module whose names stand for what they are assigned, once and never changed."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree, self.left = tree, _MOST_PARTS
        self.assigned = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        changed = _find_changed(tree)
        self.values = {name: each for name, each in self.assigned.items() if name not in changed}

    def read(self, arguments: Sequence[ast.keyword]) -> SetupPy:
        """What the arguments of ``setup`` say; two calls of it may say two things."""
        found = SetupPy({}, {})
        plain = [*self._unpack(arguments, found)]
        names = [name for name, _ in plain]
        python = [getattr(value, "value", None) for name, value in plain if name == _PYTHON]
        found = found._replace(python=python[0] if [*map(type, python)] == [str] else None)
        for name, value in plain:
            if name not in (*KINDS, _EXTRAS):
                continue
            try:
                read = self._read_argument(name, value)
            except (_ComputedError, RecursionError):
                read = {}
                found.computed[name] = value.lineno
            if names.count(name) > 1:  # one of several calls
                found.computed[name] = value.lineno
            else:
                found.lists.update(read)
        return self._guess(plain, found) if found.computed else found

    def _guess(self, plain: Sequence[tuple[str, ast.expr]], found: SetupPy) -> SetupPy:
        """The strings that what is computed may be made of: none that something else is made of."""
        used, aside = set[int](), set[int]()
        for name, value in plain:
            (used if name in found.computed else aside).update(map(id, self._walk(value)))
        guessed = [*guess_needs(self.tree, aside - used)]
        if not found.computed.keys() - {_EXTRAS}:
            found.lists[_GUESSED, _EXTRAS] = guessed
            return found
        found.lists[(_GUESSED,)] = guessed
        return found._replace(files=find_list_files(self._find_strings(plain)))

    def _find_strings(self, plain: Iterable[tuple[str, ast.expr]]) -> Iterator[object]:
        """Every constant but those of arguments that order nothing."""
        aside = {id(node) for name, each in plain if name in _ASIDE for node in ast.walk(each)}
        found = (node for node in ast.walk(self.tree) if id(node) not in aside)
        return (getattr(node, "value", None) for node in found)

    def _walk(self, node: ast.expr) -> Iterator[ast.AST]:
        """Every part of an expression, and of what its names stand for."""
        waiting, seen = [node], set[str]()
        for _ in range(_HOPS + 1):
            parts = [inner for each in waiting for inner in ast.walk(each)]
            yield from parts
            names = {each.id for each in parts if isinstance(each, ast.Name)} - seen
            seen |= names
            waiting = [self.assigned[name] for name in names if name in self.assigned]

    def _unpack(
        self, arguments: Iterable[ast.keyword], found: SetupPy
    ) -> Iterator[tuple[str, ast.expr]]:
        """Each by its name, also those that ``**`` takes from a plain table."""
        for each in arguments:
            if each.arg is not None:
                yield each.arg, each.value
                continue
            try:
                yield from self._table(each.value)
            except (_ComputedError, RecursionError):
                found.computed["setup()"] = each.value.lineno

    def _read_argument(self, name: str, value: ast.expr) -> dict[KeyPath, list[str]]:
        if name == _EXTRAS:
            return {(name, extra): self._list(each) for extra, each in self._table(value)}
        return {(name,): self._list(value)}

    def _list(self, node: ast.expr) -> list[str]:
        """The strings of a list; raises _ComputedError for what is none."""
        match self._follow(node):
            case ast.Constant(value=str(text)):
                return [*split_lines(text)]
            case ast.Constant(value=None):
                return []
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return [each for item in items for each in self._list(item)]
            case ast.Starred(value=inner):
                return self._list(inner)
            case ast.BinOp(left=left, op=ast.Add(), right=right) if not (
                self._is_text(left) or self._is_text(right)  # parts of one requirement
            ):
                return [*self._list(left), *self._list(right)]
            case _:
                raise _ComputedError

    def _is_text(self, node: ast.expr) -> bool:
        return isinstance(self._follow(node), ast.Constant)

    def _table(self, node: ast.expr) -> list[tuple[str, ast.expr]]:
        """Keys and values of a dictionary."""
        match self._follow(node):
            case ast.Dict(keys=keys, values=values):
                return [pair for key, each in zip(keys, values, strict=True)
                        for pair in self._pairs(key, each)]  # fmt: skip
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
                return [pair for each in keywords for pair in self._pairs(each.arg, each.value)]
            case _:
                raise _ComputedError

    def _pairs(self, key: ast.expr | str | None, value: ast.expr) -> list[tuple[str, ast.expr]]:
        if key is None:  # `**other`
            return self._table(value)
        if isinstance(key, ast.Constant):
            key = key.value if isinstance(key.value, str) else ""
        if not isinstance(key, str):
            raise _ComputedError
        return [(key, value)]

    def _follow(self, node: ast.expr) -> ast.expr:
        """What a name stands for."""
        self.left -= 1
        if self.left < 0:
            raise _ComputedError
        for _ in range(_HOPS):
            if not isinstance(node, ast.Name):
                return node
            node = self.values.get(node.id, _UNKNOWN)
        raise _ComputedError


def _find_changed(tree: ast.Module) -> set[str]:
    """Names that are assigned twice, or whose value something is done to."""
    stored = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    changed = {name for name, count in stored.items() if count > 1}
    for node in ast.walk(tree):
        inner = getattr(node, "value", None)
        touches = isinstance(node, ast.Attribute) or (
            isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
        )
        if touches and isinstance(inner, ast.Name):
            changed.add(inner.id)
    return changed
