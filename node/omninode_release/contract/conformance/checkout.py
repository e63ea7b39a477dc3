"""What is looked at: a checkout, or as much of it as a wheel holds; and what is found in it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.adapters.registry import CHOICES
from omninode_release.contract.documents.blocks import blocks, read_schemas
from omninode_release.contract.schemas import resource
from omninode_release.models.contract import Contract
from omninode_release.text.formats.yaml_reader import find_yaml_line, read_yaml, read_yaml_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import yaml

    from omninode_release.contract.documents.command_line import CommandLine

PACKAGE = Path(__file__).resolve().parents[2]


class Finding(NamedTuple):
    """One thing that is wrong, and where to look."""

    file: str
    """Relative to the root that is looked at."""
    line: int
    """Counted from 1."""
    message: str
    """What was expected and what was found."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@cache
def parse_module(text: str, name: str) -> ast.Module:
    """The tree of a module; kept, for several rules read the same ones, and change nothing.

    Raises SyntaxError, which names the module.
    """
    return ast.parse(text, name)


@dataclass(frozen=True)
class Checkout:
    """A folder with contract.yaml and all that goes with it."""

    root: Path
    describe_command_line: Callable[[], CommandLine]
    """Asked for late: a module of ours that is broken is a finding, not an end."""
    package: Path = PACKAGE

    @classmethod
    def here(cls, describe_command_line: Callable[[], CommandLine]) -> Checkout:
        """The checkout this package runs from, or the package itself where it is installed."""
        return cls(resource("contract.yaml").resolve().parent, describe_command_line)

    @property
    def is_checkout(self) -> bool:
        return (self.root / "pyproject.toml").is_file() and (self.root / "tests").is_dir()

    def text(self, name: str) -> str | None:
        """A file below the root; None where it is not there."""
        path = self.root / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    @cached_property
    def raw(self) -> Any:  # noqa: ANN401 - whatever the file holds
        """contract.yaml as YAML has it. Raises yaml.YAMLError and OSError."""
        return read_yaml(self._contract_text)

    @cached_property
    def contract(self) -> Contract:
        """contract.yaml as a value. Raises pydantic.ValidationError as well."""
        return Contract.model_validate(self.raw, context=CHOICES)

    @cached_property
    def schemas(self) -> dict[str, str]:
        """File name and text of every schema, as the models generate them."""
        # It imports every phase; whether that can be done is one of the things looked at.
        from omninode_release.contract.schema_files import schemas  # noqa: PLC0415

        return dict(schemas())

    @cached_property
    def blocks(self) -> dict[str, str]:
        """Every generated block, as contract, models and command line have it."""
        return blocks(self.contract, read_schemas(self.schemas), self.describe_command_line())

    @property
    def _contract_text(self) -> str:
        return (self.root / "contract.yaml").read_text(encoding="utf-8")

    @cached_property
    def _tree(self) -> yaml.Node | None:
        return read_yaml_nodes(self._contract_text)

    def at(self, *path: str | int) -> int:
        """The line of contract.yaml at which a key or an item stands, or what is around it."""
        return find_yaml_line(self._tree, path) or 1

    def in_contract(self, message: str, *path: str | int) -> Finding:
        """A finding at a place of contract.yaml."""
        return Finding("contract.yaml", self.at(*path), message)

    @cached_property
    def sources(self) -> dict[str, str]:
        """The text of every module of the package, by its name as a finding gives it."""
        return {
            self.name_of(path): path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(self.package.rglob("*.py"))
        }

    def parse(self, path: Path) -> ast.Module:
        """The tree of a module of the package. Raises SyntaxError."""
        return parse_module(self.sources[self.name_of(path)], self.name_of(path))

    def modules_with(self, word: str) -> dict[str, ast.Module]:
        """The modules in whose text ``word`` stands, a regular expression.

        To walk through every tree of the package takes seconds, and few rules concern many.
        """
        found = re.compile(word).search
        return {
            name: parse_module(text, name) for name, text in self.sources.items() if found(text)
        }

    def name_of(self, path: Path) -> str:
        """A file of the package, or beside it, as a finding gives it."""
        base = self.root if self.package.is_relative_to(self.root) else self.package.parent
        return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def find_cause(checkout: Checkout, error: Exception) -> Finding:
    """Where a module in the making broke off what read, imported or called it."""
    if isinstance(error, SyntaxError) and error.filename:
        path = Path(error.filename)
        name = checkout.name_of(path.resolve()) if path.is_absolute() else error.filename
        return Finding(name, error.lineno or 1, f"is no Python: {error.msg}")
    frames = [
        (Path(each.filename).resolve(), each.lineno) for each in extract_tb(error.__traceback__)
    ]
    ours = [each for each in frames if each[0].is_relative_to(checkout.package)]
    path, line = ours[-1] if ours else (checkout.package / "__init__.py", 1)
    return Finding(checkout.name_of(path), line or 1, f"{type(error).__name__}: {error}")


def find_first_difference(found: str, expected: str) -> int:
    """The first line, counted from 1, at which two texts differ."""
    lines = found.split("\n"), expected.split("\n")
    pairs = enumerate(zip(*lines, strict=False), start=1)
    return next((n for n, (a, b) in pairs if a != b), min(map(len, lines)) + 1)


def find_missing_and_unknown(found: Sequence[str], expected: Sequence[str]) -> Mapping[str, str]:
    """Name to what is the matter with it, for names that only one of two lists has."""
    return {name: "is missing" for name in expected if name not in found} | {
        name: "is unknown" for name in found if name not in expected
    }
