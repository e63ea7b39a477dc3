"""Requirements beside pyproject.toml: what is read, where it is, and how it is pinned."""

from __future__ import annotations

import re
from configparser import RawConfigParser
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.plan import PlannedPin
from omninode_release.text.formats.toml_document import parse_toml
from omninode_release.text.holders.ports import Source
from omninode_release.text.manifests.edges import find_edge_line, find_edges
from omninode_release.text.manifests.manifest import read_requirements
from omninode_release.text.needs import plain_list
from omninode_release.text.needs.registry import find_python
from omninode_release.text.needs.setup_py import find_computed
from omninode_release.text.pins.beside import pin_beside

bounded = settings(
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
SETUP = "from setuptools import setup\n\n"


def edges_of(**files: str) -> list[tuple[str, ...]]:
    """Kind, requirement, table and place of each; ``_`` in a name is a dot."""
    texts = {name.replace("_", "."): text for name, text in files.items()}
    return [
        (
            each.kind.value,
            each.raw,
            each.table,
            f"{each.file}:{find_edge_line(texts[each.file], each)}",
        )
        for each in find_edges(texts.get)
    ]


CFG = """\
[metadata]
name = beta
description = alpha>=1

[options]
install-requires =
    # alpha>=1
    alpha>=1  # alpha>=1
    ; alpha>=1
\tgamma[x]>=2 ; python_version < "3.9"
setup_requires = delta; epsilon>=2
tests_require =
  zeta

[options.extras_require]
fast = alpha >= 1 ; eta

[flake8]
install_requires = alpha
"""


def test_setup_cfg_is_read_as_setuptools_reads_it() -> None:
    assert edges_of(setup_cfg=CFG) == [
        ("run", "alpha>=1", "options.install_requires", "setup.cfg:8"),
        (
            "run",
            'gamma[x]>=2 ; python_version < "3.9"',
            "options.install_requires",
            "setup.cfg:10",
        ),
        ("build", "delta", "options.setup_requires", "setup.cfg:11"),
        ("build", "epsilon>=2", "options.setup_requires", "setup.cfg:11"),
        ("group", "zeta", "options.tests_require", "setup.cfg:13"),
        ("extra", "alpha >= 1", "options.extras_require.fast", "setup.cfg:16"),
        ("extra", "eta", "options.extras_require.fast", "setup.cfg:16"),
    ]


OTHER_FILE = """\
[project]
name = "b"
dynamic = ["dependencies"]
[tool.setuptools.dynamic]
dependencies = {file = "other.txt"}
"""


@pytest.mark.parametrize(
    ("manifest", "names"),
    [
        ("", ["alpha", "eta"]),
        ("[build-system]\nrequires = ['setuptools']\n", ["alpha", "eta"]),
        ("[tool.black]\nline-length = 100\n", ["alpha", "eta"]),
        ("[project]\nname = 'b'\n", []),
        ("[project]\nname = 'b'\ndynamic = ['dependencies']\n", ["alpha"]),
        ("[project]\nname = 'b'\ndynamic = ['optional-dependencies']\n", ["eta"]),
        (OTHER_FILE, ["other"]),
        ("[build-system]\nbuild-backend = 'flit_core.buildapi'\n", []),
        ("[tool.poetry]\nname = 'b'\n", []),
    ],
)
@pytest.mark.parametrize("older", ["setup.cfg", "setup.py"])
def test_pyproject_toml_says_what_older_files_decide(
    manifest: str, names: list[str], older: str
) -> None:
    texts = {
        "setup.cfg": "[options]\ninstall_requires = alpha\n[options.extras_require]\nx = eta\n",
        "setup.py": f"{SETUP}setup(install_requires=['alpha'], extras_require={{'x': ['eta']}})\n",
        "other.txt": "other\n",
    }
    files = {"pyproject.toml": manifest, older: texts[older], "other.txt": texts["other.txt"]}

    found = read_requirements(manifest, where="b", read=files.get)

    assert [each.name for each in found] == names


def test_what_setup_py_gives_goes_before_setup_cfg() -> None:
    cfg = "[options]\ninstall_requires = alpha\n[options.extras_require]\nx = eta\n"
    given_one = f"{SETUP}setup(install_requires=['beta'])\n"
    given_none = f"{SETUP}setup(install_requires=[])\n"

    assert [each[1] for each in edges_of(setup_cfg=cfg, setup_py=given_one)] == ["eta", "beta"]
    assert [each[1] for each in edges_of(setup_cfg=cfg, setup_py=given_none)] == ["alpha", "eta"]


def test_setup_cfg_may_name_files() -> None:
    cfg = "[options]\ninstall_requires = file: a.txt, deep/b.txt\n"
    files = {"setup.cfg": cfg, "a.txt": "alpha>=1 # x\n-r c.txt\n", "deep/b.txt": "\n\nbeta\n"}

    found = read_requirements("", where="b", read=files.get)

    assert [(each.raw, each.place, each.runtime) for each in found] == [
        ("alpha>=1", "options.install_requires of a.txt", True),
        ("beta", "options.install_requires of deep/b.txt", True),
    ]


def test_a_requirement_may_go_on_in_the_next_line() -> None:
    cfg = "[options]\ninstall_requires = file: a.txt\n"
    listed = "alpha>=1,\\\n  <2 # x\nbeta==1 \\\n    --hash=sha256:0\ngamma --hash=sha256:0\n"
    files = {"setup.cfg": cfg, "a.txt": listed}

    found = read_requirements("", where="b", read=files.get)

    assert [each.raw for each in found] == ["alpha>=1,  <2", "beta==1", "gamma"]
    pinned = pin_beside(files.get, [a_pin("beta"), a_pin("gamma")]).texts["a.txt"]
    assert pinned == listed.replace("beta==1 ", "beta==1.4.0 ").replace("gamma", "gamma==1.4.0")
    with pytest.raises(ReleaseError, match="found no place") as raised:
        pin_beside(files.get, [a_pin("alpha")])
    assert "each requirement on a line of its own" in str(raised.value.hint)


def test_files_that_tables_name() -> None:
    manifest = (
        "[project]\nname = 'b'\ndynamic = ['dependencies', 'optional-dependencies']\n"
        "[tool.setuptools.dynamic]\ndependencies = {file = 'a.txt'}\n"
        "[tool.setuptools.dynamic.optional-dependencies]\nx = {file = ['b.txt', './c.txt']}\n"
        "[tool.hatch.metadata.hooks.requirements_txt]\nfiles = ['d.txt']\n"
    )
    files = {"pyproject.toml": manifest, **{f"{each}.txt": each for each in "abcd"}}

    found = read_requirements(manifest, where="b", read=files.get)

    assert [(each.raw, each.place, each.extra) for each in found] == [
        ("a", "dependencies of a.txt", None),
        ("b", "optional-dependencies.x of b.txt", "x"),
        ("c", "optional-dependencies.x of c.txt", "x"),
        ("d", "dependencies of d.txt", None),
    ]


@pytest.mark.parametrize(
    ("project", "needs"),
    [
        ("", ["alpha"]),
        ("[project]\nname = 'b'\ndynamic = ['dependencies']\n", ["alpha"]),
        ("[project]\nname = 'b'\ndependencies = ['beta']\n", ["beta"]),
    ],
)
def test_pbr_reads_its_file_where_pyproject_toml_leaves_it_to(
    project: str, needs: list[str]
) -> None:
    build = "[build-system]\nrequires = ['pbr>=6']\nbuild-backend = 'pbr.build'\n"
    files = {"requirements.txt": "alpha\n"}

    found = read_requirements(f"{build}{project}", where="b", read=files.get)

    assert [each.raw for each in found] == needs


def test_a_hook_that_names_no_file_reads_the_usual_one() -> None:
    manifest = (
        "[project]\nname = 'b'\ndynamic = ['dependencies']\n"
        "[tool.hatch.metadata.hooks.requirements_txt]\n"
    )
    files = {
        "pyproject.toml": manifest,
        "requirements.txt": "alpha\n-r more.txt\n",
        "more.txt": "b",
    }

    assert [each.raw for each in read_requirements(manifest, where="b", read=files.get)] == [
        "alpha"
    ]


@pytest.mark.parametrize(
    ("program", "kind"),
    [("setup(pbr=True)", "run"), ("setup(install_requires=read('requirements.txt'))", "build")],
)
def test_lines_that_take_in_another_file_are_followed(program: str, kind: str) -> None:
    files = {
        "setup.py": f"{SETUP}{program}\n",
        "requirements.txt": "alpha\n-r deep/more.txt\n-c never.txt\n",
        "deep/more.txt": "--requirement=last.txt\n-r ../requirements.txt\nbeta\n",
        "deep/last.txt": "gamma\n",
        "never.txt": "delta\n",
    }

    found = [*find_edges(files.get)]

    assert [(each.kind.value, each.raw, each.file) for each in found] == [
        (kind, "alpha", "requirements.txt"),
        (kind, "beta", "deep/more.txt"),
        (kind, "gamma", "deep/last.txt"),
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        "[project]\nname = 'b'\n[tool.setuptools.dynamic]\ndependencies = {file = 'a.txt'}\n",
        "[project]\nname = 'b'\ndynamic = ['dependencies']\n",
    ],
)
def test_files_that_nothing_reads_require_nothing(manifest: str) -> None:
    files = {"pyproject.toml": manifest, "a.txt": "alpha\n", "requirements.txt": "alpha\n"}

    assert read_requirements(manifest, where="b", read=files.get) == ()


@pytest.mark.parametrize(
    ("program", "edges"),
    [
        ("setup(install_requires=['alpha>=1', 'b'])", ["alpha>=1", "b"]),
        ("setuptools.setup(install_requires=('alpha',))", ["alpha"]),
        ("setup(install_requires='alpha\\n  # c\\nb>=1 # d')", ["alpha", "b>=1"]),
        ("setup(install_requires=None)", []),
        (
            "N = ['alpha']\nM = N\nif __name__ == '__main__':\n    setup(install_requires=M)",
            ["alpha"],
        ),
        ("N = ['alpha']\nsetup(install_requires=[*N, 'b'] + ['c'])", ["alpha", "b", "c"]),
        ("T = dict(install_requires=['alpha'])\nsetup(**T)", ["alpha"]),
        ("setup(extras_require={'x': ['alpha'], **{'y': ['b']}})", ["alpha", "b"]),
        ("print('no setup of mine')", []),
        ("setup(keywords=['alpha'], packages=['alpha>=1'])", []),
    ],
)
def test_setup_py_is_read_where_it_is_plain(program: str, edges: list[str]) -> None:
    source = Source({}, {"setup.py": f"{program}\n"}.get, "b")

    assert [each[1] for each in edges_of(setup_py=f"{program}\n")] == edges
    assert find_computed(source) is None


DOUBLED = "N0 = []\n" + "".join(f"N{n + 1} = [*N{n}, *N{n}]\n" for n in range(40))
"""A few lines that stand for a list without end."""


@pytest.mark.parametrize(
    ("program", "guessed"),
    [
        ("N = ['alpha']\nN.append('b>=1')\nsetup(install_requires=N)", ["alpha", "b>=1"]),
        ("N = ['alpha']\nif x:\n    N += ['b']\nsetup(install_requires=N)", ["alpha", "b"]),
        ("N = f()\nN[0] = 'alpha'\nsetup(install_requires=N)", []),
        ("setup(install_requires=['alpha>=%s' % VERSION])", ["alpha>=%s"]),
        ("setup(install_requires=[f'alpha>={VERSION}'])", ["alpha>="]),
        ("setup(install_requires=['alpha>=' + '1'])", ["alpha>="]),
        (
            "V = '>=1'\nsetup(install_requires=['beta>=1', 'alpha' + V + ',<2'])",
            ["alpha", "beta>=1"],
        ),
        ("setup(install_requires=[f'alpha{V}', 'beta%s' % V])", ["alpha", "beta%s"]),
        ("setup(install_requires=['alpha[x]{}'.format(each) for each in V])", ["alpha[x]{}"]),
        ("setup(install_requires=f())", []),
        ("setup(install_requires=['alpha'] if x else ['b'])", ["alpha", "b"]),
        ("setup(install_requires=['a'])\nsetup(install_requires=['b'])", ["a", "b"]),
        ("setup(**f('alpha>=1'), keywords=['b>=1'])", ["alpha>=1"]),
        ("N = N\nsetup(install_requires=N)", []),
        ("N = ['alpha', N]\nsetup(install_requires=N)", ["alpha"]),
        ("N = {'x': ['alpha'], **N}\nsetup(extras_require=N)", ["alpha"]),
        (f"{DOUBLED}setup(install_requires=N40)", []),
        ("print 'old'\nsetup(install_requires=['alpha>=1'])", ["alpha>=1"]),
        (
            "setup(author_email='a@b.org', install_requires=f('beta @ https://e', 'gamma (>=1)'))",
            ["beta @ https://e", "gamma (>=1)"],
        ),
        ("print 'old'\nsetup(author_email='alpha@example.org')", []),
        ("setup(extras_require={k: ['alpha'] for k in 'xy'})", ["alpha"]),
        (
            "setup(**f(['b = b:main', 'b%d = b:main' % 3, 'a>=1']))",
            ["a>=1"],
        ),
        ("'\\0'\x00setup(install_requires=['alpha>=1'])", ["alpha>=1"]),
    ],
)
def test_of_what_setup_py_computes_the_strings_count(program: str, guessed: list[str]) -> None:
    source = Source({}, {"setup.py": f"{program}\n"}.get, "b")

    assert sorted(each[1] for each in edges_of(setup_py=f"{program}\n")) == guessed
    assert find_computed(source) is not None


def test_an_extra_without_a_name_is_none() -> None:
    program = """setup(extras_require={':python_version < "3.8"': ['a'], 'x:os_name': ['b']})\n"""

    found = read_requirements("", where="b", read={"setup.py": program}.get)

    assert [(each.raw, each.runtime, each.extra) for each in found] == [
        ("a", True, None),
        ("b", False, "x"),
    ]


def test_a_guess_orders_like_a_build_and_leaves_out_what_is_plain() -> None:
    program = (
        "TESTS = ['alpha']\nBASE = ['beta']\n"
        "setup(install_requires=BASE + f('gamma>=1', 'x/requirements.txt'),"
        " extras_require={'t': TESTS, 'b': BASE})\n"
    )
    listed = "delta\n"

    assert edges_of(setup_py=program, **{"x/requirements_txt": listed}) == [
        ("extra", "alpha", "extras_require.t", "setup.py:1"),
        ("extra", "beta", "extras_require.b", "setup.py:2"),
        ("build", "beta", "computed", "setup.py:2"),
        ("build", "gamma>=1", "computed", "setup.py:3"),
        ("build", "delta", "dependencies", "x/requirements.txt:1"),
    ]


def test_a_folder_that_setup_py_names_holds_its_lists() -> None:
    program = (
        "def reqs(*f): return open(os.path.join(os.getcwd(), 'requirements', *f)).readlines()\n"
        "def needs(): return reqs('default.txt')\n"
        "setup(install_requires=needs(), tests_require=reqs('test.txt'),"
        " extras_require={'x': reqs('extra.txt')})\n"
    )
    listed = {f"requirements/{name}_txt": f"{name}\n" for name in ("default", "test", "extra")}

    assert edges_of(setup_py=program, **listed) == [
        ("build", "default", "dependencies", "requirements/default.txt:1"),
    ]


def test_extras_that_are_computed_order_nothing() -> None:
    program = "setup(install_requires=['a'], extras_require={k: ['b'] for k in 'xy'})\n"

    assert [each[:2] for each in edges_of(setup_py=program)] == [("run", "a"), ("extra", "b")]


@pytest.mark.parametrize(
    ("files", "python"),
    [
        ({"setup.cfg": "[options]\npython_requires = >=3.8\n"}, ">=3.8"),
        ({"setup.py": "setup(python_requires='>=3.9')\n"}, ">=3.9"),
        ({"setup.py": "setup(python_requires=f())\n"}, None),
        ({"setup.cfg": "[options]\npython_requires = no\n"}, None),
        ({"setup.cfg": "[options\n"}, None),
        ({"pyproject.toml": "[project]\n", "setup.py": "setup(python_requires='>=3')\n"}, None),
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.11'\n"}, ">=3.11"),
    ],
)
def test_what_older_files_say_of_python(files: dict[str, str], python: str | None) -> None:
    source = Source(parse_toml(files.get("pyproject.toml", "")), files.get, "b")

    found = find_python(source)

    assert (str(found) if found is not None else None) == python


def test_setup_py_warns_of_nothing() -> None:
    assert edges_of(setup_py=r"setup(install_requires=['alpha', '\d' is 'x'])") != []


def a_pin(name: str, *, rule: str = "exact") -> PlannedPin:
    return PlannedPin.model_validate(
        {"repo": name, "distribution": name, "version": "1.4.0", "rule": rule}
    )


@pytest.mark.parametrize(
    ("rule", "after"),
    [("exact", "alpha==1.4.0"), ("raise", "alpha>=1.4.0")],
)
def test_every_place_of_setup_cfg_is_pinned(rule: str, after: str) -> None:
    edits = pin_beside({"setup.cfg": CFG}.get, [a_pin("alpha", rule=rule)])

    expected = CFG.replace("    alpha>=1  #", f"    {after}  #")
    spaced = after if rule == "exact" else "alpha >= 1.4.0"
    expected = expected.replace("= alpha >= 1 ;", f"= {spaced} ;")
    assert edits.texts == {"setup.cfg": expected}
    assert [each.after for each in edits.changed] == [after, spaced]
    again = pin_beside(edits.texts.get, [a_pin("alpha", rule=rule)])
    assert (again.texts, again.changed) == (edits.texts, ())


def test_a_file_that_a_program_makes_is_not_pinned() -> None:
    cfg = "[options]\ninstall_requires = file: a.txt\n"
    made = "# This file is autogenerated by pip-compile with Python 3.11\nalpha==1.3.0\n"

    with pytest.raises(ReleaseError) as raised:
        pin_beside({"setup.cfg": cfg, "a.txt": made}.get, [a_pin("alpha")], home="beta")

    assert raised.value.code is ErrorCode.PIN_FAILED
    assert raised.value.message == (
        "beta/a.txt, line 2, options.install_requires: 'alpha==1.3.0' cannot be pinned:"
        " pip-compile makes a.txt."
    )
    assert "`keep` for alpha under pins_of" in str(raised.value.hint)


def test_a_url_in_a_list_has_no_place_for_a_pin() -> None:
    cfg = "[options]\ninstall_requires = alpha @ git+https://example.org/alpha@v1\n"

    with pytest.raises(ReleaseError, match="cannot be pinned to 1") as raised:
        pin_beside({"setup.cfg": cfg}.get, [a_pin("alpha", rule="raise")], home="beta")

    assert "require it from the package index there" in str(raised.value.hint)
    assert "or write `keep` for alpha under pins_of" in str(raised.value.hint)


def test_a_setup_cfg_that_is_none_is_refused() -> None:
    files = {"setup.cfg": "[options]\ninstall_requires = a\ninstall_requires = b\n"}

    with pytest.raises(ReleaseError) as raised:
        read_requirements("", where="beta/pyproject.toml", read=files.get)

    assert raised.value.code is ErrorCode.SCAN_FAILED
    assert "already exists" in raised.value.message


def test_a_requirement_that_stands_twice_in_one_line_is_refused_or_exact() -> None:
    text = "[options]\ninstall_requires = alpha; alpha\n"

    edits = pin_beside({"setup.cfg": text}.get, [a_pin("alpha")])

    assert edits.texts["setup.cfg"] == text.replace("alpha; alpha", "alpha==1.4.0; alpha==1.4.0")


# Whatever the file: the pinned requirements are between marks, and nothing else changes.
MARK = "\x01"
NAMES = st.sampled_from(["alpha", "Alpha", "ALPHA", "gamma", "alpha-b"])
NEEDS = st.tuples(
    NAMES,
    st.sampled_from(["", "[x]", " [a, b]"]),
    st.sampled_from(["", ">=1.0", " >= 1.0, <2", "==1.3.0", "~=1.2", " (>=1)", "===1.4.0"]),
).map("".join)
TAILS = st.sampled_from(["", "  # alpha>=1", " # ;", "\t"])
OTHERS = st.sampled_from(
    [
        "[metadata]\nname = alpha\ndescription =\n    alpha>=1\n    alpha\n",
        "[flake8]\nignore = alpha>=1\n# alpha\n; alpha>=1.0\n",
        "[tool:pytest]\naddopts = %alpha%(alpha)s\nempty =\n",
        "",
    ]
)


@st.composite
def setup_cfgs(draw: st.DrawFn) -> str:
    """A setup.cfg in odd but valid spelling, its requirements between marks."""
    sections = []
    for header, key in (
        ("[options]", draw(st.sampled_from(["install_requires", "install-requires"]))),
        ("[options.extras_require]", draw(st.sampled_from(["alpha", "x y"]))),
    ):
        needs = [f"{MARK}{each}{MARK}" for each in draw(st.lists(NEEDS, min_size=1, max_size=4))]
        sign = draw(st.sampled_from([" = ", "=", ": ", " =\t"]))
        if draw(st.booleans()):
            value = "; ".join(needs)
        else:
            space = draw(st.sampled_from(["  ", "\t", "    "]))
            between = draw(st.sampled_from(["", "# alpha>=1\n", f"{space}# alpha\n", "\n"]))
            lines = (f"{space}{each}{draw(TAILS)}\n{between}" for each in needs)
            value = "\n" + "".join(lines)
        sections.append(f"{header}\n{key}{sign}{value}\n")
    parts = [draw(OTHERS), *draw(st.permutations(sections))]
    text = "\n".join(parts)
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def assert_only_marked_changed(marked: str, edited: str) -> None:
    outside = [re.escape(piece) for piece in marked.split(MARK)[::2]]
    assert re.fullmatch("([^\n]*?)".join(outside), edited)


@given(setup_cfgs(), st.sampled_from(["exact", "raise"]))
@bounded
def test_a_pin_changes_requirements_of_setup_cfg_and_nothing_else(marked: str, rule: str) -> None:
    text = marked.replace(MARK, "")

    edits = pin_beside({"setup.cfg": text}.get, [a_pin("alpha", rule=rule)])

    edited = edits.texts.get("setup.cfg", text)
    assert_only_marked_changed(marked, edited)
    before, after = RawConfigParser(), RawConfigParser()
    before.read_string(text)
    after.read_string(edited)
    assert before.sections() == after.sections()
    changed = {
        (section, option)
        for section in before.sections()
        for option in before[section]
        if before[section][option] != after[section][option]
    }
    assert all(section.startswith("options") for section, _ in changed)
    for each in read_requirements("", where="b", read={"setup.cfg": edited}.get):
        if each.name == "alpha" and rule == "exact":
            assert each.specifier.lstrip("= ") == "1.4.0"
    assert len(edits.changed) + len(edits.kept) == len(
        [each for each in marked.split(MARK)[1::2] if re.match(r"(?i)alpha(?!-)", each)]
    )


@given(st.lists(st.tuples(NEEDS, TAILS), max_size=5), st.booleans())
@bounded
def test_a_pin_changes_lines_of_a_list_and_nothing_else(
    needs: list[tuple[str, str]],
    dos: bool,  # noqa: FBT001
) -> None:
    manifest = (
        "[project]\nname = 'b'\ndynamic = ['dependencies']\n"
        "[tool.setuptools.dynamic]\ndependencies = {file = 'needs.in'}\n"
    )
    lines = chain.from_iterable((f"{MARK}{need}{MARK}{tail}", "# alpha>=1") for need, tail in needs)
    marked = ("\r\n" if dos else "\n").join(["--pre", *lines, ""])
    files = {"pyproject.toml": manifest, "needs.in": marked.replace(MARK, "")}

    edits = pin_beside(files.get, [a_pin("alpha")])

    assert_only_marked_changed(marked, edits.texts.get("needs.in", files["needs.in"]))


@given(st.lists(NEEDS, max_size=4))
@bounded
def test_what_setup_py_lists_is_what_python_makes_of_it(needs: list[str]) -> None:
    text = f"{SETUP}NEEDS = {needs!r}\nsetup(name='alpha', install_requires=NEEDS + {needs!r})\n"

    found = read_requirements("", where="b", read={"setup.py": text}.get)

    assert [each.raw for each in found] == [*needs, *needs]


def test_a_byte_order_mark_hides_no_requirement_of_a_list() -> None:
    assert [*plain_list.read("\ufeffalpha>=1\nbeta\n").values()] == ["alpha>=1", "beta"]
