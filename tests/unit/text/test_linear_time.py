"""Text of any size takes time that grows with it: eight times the text, eight times the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.system.secrets import Secrets
from omninode_release.text.changelogs.announcements import find_unread
from omninode_release.text.changelogs.entry import ENTRY_HEADING
from omninode_release.text.changelogs.markdown import find_headings
from omninode_release.text.changelogs.markdown_changelog import list_entries
from omninode_release.text.changelogs.rst import read_layout
from omninode_release.text.forge_text import disarm
from omninode_release.text.formats.toml_document import find_line
from omninode_release.text.formats.yaml_reader import read_yaml
from omninode_release.text.holders import setuptools
from omninode_release.text.holders.computed import find_computed
from omninode_release.text.holders.expressions import find_argument, find_expressions
from omninode_release.text.holders.numbers import find_numbers
from omninode_release.text.holders.ports import Source
from omninode_release.text.holders.python_source import find_assigned
from omninode_release.text.holders.version_files import bump_literal
from omninode_release.text.holders.version_holders import find_holders
from omninode_release.text.manifests.manifest import read_requirements
from omninode_release.text.requirements.declared import split_requirement
from omninode_release.text.versions.tag_formats import find_marked_tags
from omninode_release.text.workflows.workflow import is_started_by
from support.effort import takes_at_most

if TYPE_CHECKING:
    from collections.abc import Callable


def read_setup_cfg(text: str) -> object:
    return setuptools.find(Source({}, {"setup.cfg": text}.get, "pyproject.toml"))


def follow_names(number: int) -> object:
    """Each name leads to thirty others, while there are any."""
    names = [f"a{each}" for each in range(number)]
    lines = [
        f"{name} = {'+'.join(names[30 * k + 1 : 30 * k + 31])}" for k, name in enumerate(names)
    ]
    text = "\n".join([*lines, "setup(version=a0)"])
    return find_computed(Source({}, {"setup.py": text}.get, "pyproject.toml"), "version", [""])


SECRETS = Secrets.of({"A_TOKEN": "planted-0" * 20})
WORK: dict[str, tuple[int, Callable[[int], object]]] = {
    "a string that never ends": (4_000, lambda n: bump_literal('x = "' + '\\"' * n, "1.2.3")),
    "a text that never ends": (4_000, lambda n: bump_literal('x = """' + '\\"""' * n, "1.2.3")),
    "a version in many places of a line": (
        4_000,
        lambda n: find_holders("a.json", '{"version": "1.2.3"}, ' * n, "1.2.3"),
    ),
    "a tag of many versions": (500, lambda n: find_marked_tags(["v" + "1.1a" * n + "!"], {"": ""})),
    "texts that never end": (4_000, lambda n: bump_literal('\\"""\n' * n, "1.2.3")),
    "strings of a setup.py": (4_000, lambda n: find_argument('x = "' + '\\"' * n, "version")),
    "texts of a setup.py": (4_000, lambda n: find_argument('\\"""\n' * n, "version")),
    "strings of a module": (4_000, lambda n: find_assigned('a "' + '\\"' * n, ("a",))),
    "texts of a module": (4_000, lambda n: find_assigned("a\n" + '\\"""\n' * n, ("a",))),
    "names that lead to names": (500, follow_names),
    "an option with room in it": (
        4_000,
        lambda n: read_setup_cfg("[metadata]\nversion = 1" + " " * n + "\x0b1"),
    ),
    "words that skip a workflow": (4_000, lambda n: disarm("[skip " + " " * n + "[a" + "-a" * n)),
    "many literals": (2_000, lambda n: bump_literal('__version__ = "1"\n' * n, "1.2.3")),
    "calls that never end": (500, lambda n: find_argument("setup(**a, " * n, "version")),
    "tables that never end": (
        500,
        lambda n: find_argument("setup(**a)\n" + "a = dict(\n" * n, "version"),
    ),
    "expressions that never end": (500, lambda n: [*find_expressions("a = (\n" * n, "a")]),
    "a name that says version often": (
        2_000,
        lambda n: find_assigned("a = " + "version" * n, ("a",)),
    ),
    "numbers of a long module": (
        2_000,
        lambda n: find_numbers("a = 1\nb: x = a" + "a" * n + " \n" + "b: " * n, "(a, b, c)"),
    ),
    "numbers with room between them": (4_000, lambda n: find_numbers("", "(a, b, c" + " " * n)),
    "a requirement with room in it": (4_000, lambda n: split_requirement("a b" + " " * n + "c")),
    "a value that stands in many places": (
        200,
        lambda n: find_line("a = [\n" + '  "x",\n' * n + "]\n", ("a", n - 1)),
    ),
    "a configuration": (
        200,
        lambda n: read_yaml("graph:\n  ignore:\n" + "".join(f"  - r{k}\n" for k in range(n))),
    ),
    "a manifest": (
        200,
        lambda n: read_requirements(
            '[project]\nname = "x"\nversion = "1"\ndependencies = [\n'
            + "".join(f'  "pkg-{k}>={k}",\n' for k in range(n))
            + "]\n",
            where="pyproject.toml",
        ),
    ),
    "many headings": (2_000, lambda n: list_entries("## 1.0.0\n" * n)),
    "many headings in rst": (500, lambda n: read_layout("1.0.0\n=====\n" * n)),
    "a heading before a mark": (4_000, lambda n: find_headings(["# a" + " " * n + "b"])),
    "a heading with a link": (4_000, lambda n: ENTRY_HEADING.fullmatch("1.0(" + "/" * n)),
    "an underline of quotes": (12, lambda n: find_unread(["'" * n], (), "1.0.0")),
    "a changelog": (200, lambda n: list_entries("# Changelog\n\n## [1.0.0]\n\n- x\n" * n)),
    "a heading with room in it": (4_000, lambda n: list_entries("## 1.0.0" + " " * n + "x\n")),
    "a changelog in bold": (200, lambda n: read_layout("**1.0.0** (2026-01-02)\n\n- x\n\n" * n)),
    "a changelog in rst": (200, lambda n: read_layout("1.0.0\n=====\n\n- x\n\n" * n)),
    "a workflow": (60, lambda n: is_started_by("on: {push: {tags: [" + "'v*', " * n + "]}}", "x")),
    "what looks like passwords": (2_000, lambda n: SECRETS.hide("https://a:b:c?x&token" * n)),
    "a text that is cut in many places": (2_000, lambda n: SECRETS.hide("plant… plant…" * n)),
}


@pytest.mark.parametrize(("size", "work"), WORK.values(), ids=WORK)
def test_work_grows_with_the_text(size: int, work: Callable[[int], object]) -> None:
    assert takes_at_most(30, lambda: work(size), lambda: work(8 * size))
