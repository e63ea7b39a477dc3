"""Properties of the edits: they change what they say and no other byte, whatever the file.

Generated documents are as odd as TOML and Markdown allow; the examples are the same on every run.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omninode_release.models.commit import Commit, Level
from omninode_release.text.changelogs.entry import NewEntry
from omninode_release.text.changelogs.markdown_changelog import find_entry, write_entry
from omninode_release.text.commits.meaning import classify
from omninode_release.text.manifest_edit import bump_version, pin_requirements
from omninode_release.text.manifests.manifest import read_requirements

WHERE = "pyproject.toml"
PINS = {"omnibase-core": "0.21.0", "omnibase-spi": "0.14.0"}
bounded = settings(
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)


# Around the tokens an edit may change. TOML forbids these characters, so nothing else has them.
VERSION, REQUIREMENT = "\x01", "\x02"


def quoted(value: str) -> st.SearchStrategy[str]:
    """The forms TOML has for a value of printable characters without a line end."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    forms = [f'"{escaped}"', f'"""{escaped}"""', f'"""\\\n   {escaped}"""', f'"""\n{escaped}"""']
    forms.append('"' + "".join(f"\\u{ord(each):04X}" for each in value) + '"')
    if "'" not in value:
        forms += [f"'{value}'", f"'''{value}'''", f"'''\n{value}'''"]
    return st.sampled_from(forms)


NAMES = st.sampled_from(
    ["omnibase-core", "Omnibase_Core", "OMNIBASE.core", "omnibase_spi", "httpx", "omnibase-cored"]
)
EXTRAS = st.sampled_from(["", "[cli]", "[a, b]", " [x] "])
SPECIFIERS = st.sampled_from(
    ["", ">=0.20.0,<0.21.0", " >= 0.1", "~=0.2", "==0.21.0", " (>=1,<2)", "===0.14.0", "==0.1.*"]
)
MARKERS = st.sampled_from(
    ["", ' ; python_version < "3.13"', "; os_name=='nt'", ' ;  extra == "x" ', " "]
)
COMMENT = st.sampled_from(
    ["", ' # "omnibase-core>=0.20"', " # don't [pin] = '''", '  # version = "9.9.9"']
)
BETWEEN = st.sampled_from(
    ["", "\n", '# omnibase-core = "1"\n', "# [tool.uv.sources]\n# omnibase-core = { path = 'x' }\n"]
)
POETRY = """\
[tool.poetry.dependencies]
Omnibase_Core = |"^0.16.0"|
'omnibase-spi' = { version = |'*'|, extras = ["a"] }"""


@st.composite
def requirement_arrays(draw: st.DrawFn) -> str:
    items = draw(st.lists(st.tuples(NAMES, EXTRAS, SPECIFIERS, MARKERS).map("".join), max_size=4))
    tokens = [f"{REQUIREMENT}{draw(quoted(item))}{REQUIREMENT}" for item in items]
    if draw(st.booleans()):
        return "[" + ", ".join(tokens) + "]"
    lines = [f"\n    {token}{draw(st.sampled_from(['', ' ']))},{draw(COMMENT)}" for token in tokens]
    return "[" + draw(COMMENT) + "".join(lines) + f"\n{draw(BETWEEN)}]"


@st.composite
def requirement_tables(draw: st.DrawFn) -> str:
    array = draw(requirement_arrays())
    return draw(
        st.sampled_from(
            [
                f'[project.optional-dependencies]\n"c l i" = {array}\nother = []',
                f'["dependency-groups"]\ncore = {array}\nall = [{{ include-group = "core" }}]',
                f"[tool.uv]\noverride-dependencies = {array}",
                f"tool.'uv' = {{ constraint-dependencies = {array} }}"
                if "\n" not in array
                else f"[tool.'uv']\n\"constraint-dependencies\" = {array}",
                POETRY.replace("|", REQUIREMENT),
                '[[tool."my tool"]]\nname = "omnibase-core>=1"\n[[tool."my tool"]]\nn = nan',
            ]
        )
    )


@st.composite
def pyprojects(draw: st.DrawFn) -> str:
    """A project in odd but valid spelling, the tokens that edits may change between marks."""
    version = draw(quoted(draw(st.sampled_from(["0.20.0", "0.0.1", "0.21.0"]))))
    described = draw(quoted('version = "0.20.0" # \\ not the version'))
    key = draw(st.sampled_from(["version", '"version"', "'version'", '"\\u0076ersion"']))
    lines = [
        f"description = {described}{draw(COMMENT)}",
        f"{key} = {VERSION}{version}{VERSION}{draw(COMMENT)}",
        f"dependencies = {draw(requirement_arrays())}",
        'name = "Some_Package"',
    ]
    lines = draw(st.permutations(lines))
    prefix = draw(st.sampled_from(["", "project.", '"project" . ']))
    header = "" if prefix else draw(st.sampled_from(["[project]", '[ "project" ]'])) + draw(COMMENT)
    project = "\n".join([header, *(f"{prefix}{line}" for line in lines)])
    rest = draw(requirement_tables())
    inline = rest.startswith("tool.'uv' =")
    parts = [rest, project] if inline else [project, rest]
    text = "\n".join([draw(BETWEEN), parts[0], draw(BETWEEN), parts[1], draw(BETWEEN)])
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def comparable(text: str) -> Any:
    """The document with floats as written: a nan is equal to itself then."""
    return tomllib.loads(text, parse_float=lambda spelling: (spelling,))


def plain(marked: str) -> str:
    return marked.replace(VERSION, "").replace(REQUIREMENT, "")


def assert_all_else_is_identical(marked: str, edited: str, mark: str) -> None:
    """Everything outside the marked tokens is there, in order, byte for byte."""
    outside = [plain(piece) for piece in marked.split(mark)[::2]]
    assert re.fullmatch(".*?".join(map(re.escape, outside)), edited, re.DOTALL)


@given(pyprojects())
@bounded
def test_a_bump_changes_the_version_and_nothing_else(marked: str) -> None:
    text = plain(marked)

    edited = bump_version(text, "0.21.0", where=WHERE)

    expected = comparable(text)
    expected["project"]["version"] = "0.21.0"
    assert comparable(edited) == expected
    assert bump_version(edited, "0.21.0", where=WHERE) == edited
    assert_all_else_is_identical(marked, edited, VERSION)


@given(pyprojects())
@bounded
def test_a_pin_changes_the_pinned_requirements_and_nothing_else(marked: str) -> None:
    text = plain(marked)

    edit = pin_requirements(text, PINS, where=WHERE)

    before = read_requirements(text, where=WHERE)
    after = read_requirements(edit.text, where=WHERE)
    assert [(each.path, each.name) for each in after] == [(each.path, each.name) for each in before]
    for old, new in zip(before, after, strict=True):
        if old.name not in PINS:
            assert new == old
        else:
            assert new.specifier.lstrip("= ") == PINS[old.name]
            assert new.specifier[:2] == "=="
        if old.requirement and new.requirement:
            assert new.requirement.extras == old.requirement.extras
            assert str(new.requirement.marker) == str(old.requirement.marker)
    expected = comparable(text)
    for each in before:
        new_value = next(new.raw for new in after if new.path == each.path)
        node = expected
        for key in each.path[:-1]:
            node = node[key]
        node[each.path[-1]] = new_value
    assert comparable(edit.text) == expected
    assert_all_else_is_identical(marked, edit.text, REQUIREMENT)


@given(pyprojects())
@bounded
def test_pinning_twice_is_pinning_once(marked: str) -> None:
    once = pin_requirements(plain(marked), PINS, where=WHERE)
    twice = pin_requirements(once.text, PINS, where=WHERE)

    assert twice.text == once.text
    assert twice.changed == ()
    assert len(twice.kept) == len(once.changed) + len(once.kept)


LINES = st.sampled_from(
    [
        "", "", "# Changelog", "Prose.", "- bullet", "  goes on", "### Added", "### Fixed", "---",
        "## [Unreleased]", "## Unreleased", "## [0.2.0] - 2026-02-24", "## v0.1.0 (2026-01-01)",
        "## 0.0.1", "# 0.0.2", "0.0.3", "-----", "## License", "```", "<!-- a -->", "    code",
        "[0.2.0]: https://x.invalid/compare/v0.1.0...v0.2.0", "[docs]: https://x.invalid",
        "[Unreleased]: https://x.invalid/compare/v0.2.0...HEAD", "### 0.2.0 notes", "* star", "\t",
    ]
)  # fmt: skip
CHANGELOGS = st.builds(
    lambda lines, end, ends: end.join(lines) + end * ends,
    st.lists(LINES, max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(0, 2),
)
SUBJECTS = st.lists(
    st.one_of(
        st.sampled_from(["feat: a", "fix(x)!: b (#1)", "# c", "docs: <!-- d", "feat: ``` e"]),
        st.text(min_size=1, max_size=20),
    ),
    max_size=4,
)


def closes_its_blocks(text: str) -> bool:
    """An unclosed code block runs to the end of a file: there is no place below it."""
    return text.count("```") % 2 == 0


def filled(text: str) -> list[str]:
    """The lines that must survive: all with text, but for the one that may be rewritten."""
    lines = [line.rstrip() for line in text.split("\n")]
    return sorted(line for line in lines if line and not line.startswith("[Unreleased]: "))


def inserted(text: str, subjects: list[str]) -> str:
    changes = [
        classify(Commit("a" * 40, (), each, ""), default_bump=Level.PATCH) for each in subjects
    ]
    return write_entry(
        text,
        NewEntry(
            version="0.3.0",
            date=dt.date(2026, 2, 27),
            changes=changes,
            pins=["omnibase-core==0.21.0"],
            compare=("v0.2.0", "v0.3.0"),
        ),
    )


@given(CHANGELOGS.filter(closes_its_blocks), SUBJECTS)
@bounded
def test_a_changelog_keeps_every_old_line_and_the_entry_is_found(
    text: str, subjects: list[str]
) -> None:
    edited = inserted(text, subjects)

    new = filled(edited)
    for line in filled(text):
        new.remove(line)
    found = find_entry(edited, "0.3.0")
    assert found is not None
    assert "Pin omnibase-core==0.21.0" in found
    assert inserted(edited, subjects) == edited
    for version in ("0.2.0", "0.1.0", "0.0.1"):
        assert (find_entry(edited, version) is None) == (find_entry(text, version) is None)
    if text.strip():
        assert set(re.findall("\r?\n", edited)) == {"\r\n" if "\r" in text else "\n"}
