"""Where a version stands: every way that build back ends know, read and written byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.holders import patterns
from omninode_release.text.holders.registry import write_held
from omninode_release.text.manifests.manifest import (
    MANIFEST,
    Manifest,
    read_declared,
    read_manifest,
)

_DYNAMIC = '[project]\nname = "a-b"\ndynamic = ["version"]\n'


def _build(backend: str, *needs: str) -> str:
    listed = ", ".join(f'"{each}"' for each in needs)
    return f'[build-system]\nrequires = [{listed}]\nbuild-backend = "{backend}"\n'


def _hatch(more: str) -> str:
    return f"{_DYNAMIC}[tool.hatch.version]\n{more}\n{_build('hatchling.build')}"


def _scikit_build(path: str) -> str:
    table = "[tool.scikit-build.metadata.version]\nprovider = "
    by = f'{table}"scikit_build_core.metadata.regex"\ninput = {path}\n'
    return f"{_DYNAMIC}{by}{_build('scikit_build_core.build')}"


def _setuptools(version: str) -> str:
    return f"{_DYNAMIC}[tool.setuptools.dynamic]\nversion = {version}\n"


_FLIT = _DYNAMIC + _build("flit_core.buildapi")
_PDM = _DYNAMIC + '[tool.pdm.version]\nsource = "file"\npath = "a_b/v.py"\n'
_LEGACY = _build("setuptools.build_meta")
_MATURIN = _DYNAMIC + _build("maturin")
_POETRY = (
    '[tool.poetry]\nname = "a-b"\nversion = "0.0.0"\n'
    "[tool.poetry-dynamic-versioning]\nenable = true\n"
)
_MESON = _DYNAMIC + _build("mesonpy", "meson-python")
_MESON_BUILD = """\
# project('old', version: '9')
project(
  'a-b', 'cpp',  # a version: '8'
  license: files('LICENSE', 'MORE'),
  meson_version: '>=1.2',
  version : '@',
  default_options: ['cpp_std=c++17'],
)
dependency('x', version: '>=7')
"""
_BESIDE = {"meson.build": "project('a-b', version: files('VERSION'), license: 'MIT')\n"}
_FROM_INIT = _setuptools('{attr = "a_b.__version__"}')


def _read(manifest: str, files: dict[str, str]) -> Manifest:
    return read_manifest(manifest, where=MANIFEST, read=files.get)


# A manifest, the file that holds the version, its text with @ for the version as it is written
# there, and what stands between the numbers.
_FILES = {
    "hatch": (_hatch('path = "a/v.py"'), "a/v.py", '__version__ = "@"\n', "."),
    "hatch, VERSION": (_hatch('path = "./a/v.py"'), "a/v.py", "x = 1\nVERSION: str = '@'\r\n", "."),
    "hatch, by a name": (_hatch('path = "v.py"'), "v.py", 'VERSION = "@"\nversion = V\n', "."),
    "hatch, node": (
        _hatch('source = "nodejs"'),
        "package.json",
        '{"name": "a-b",\n  "version" : "@",\n  "engines": {"node": ">=20"}}',
        ".",
    ),
    "flit": (
        _FLIT,
        "a_b/__init__.py",
        '"""\n__version__ = "9"\n"""\n__version__ = "@"; x = 1\n',
        ".",
    ),
    "flit, src": (_FLIT, "src/a_b/__init__.py", "__version__ = '@'  # now\n", "."),
    "flit, one module": (_FLIT, "a_b.py", 'name = __version__ = "@"\n', "."),
    "pdm": (_PDM, "a_b/v.py", '__version__ = "@"\n', "."),
    "attr": (_FROM_INIT, "src/a_b/__init__.py", '__version__ = version = "@"\n', "."),
    "attr, a tuple": (_setuptools('{attr = "a_b.V"}'), "a_b/__init__.py", "V = (@)\n", ", "),
    "attr, a tight tuple": (_setuptools('{attr = "a_b.V"}'), "a_b.py", "V = @\n", ","),
    "attr, strings": (_setuptools('{attr = "a_b.V"}'), "a_b.py", 'V = ["@"]\n', '", "'),
    "file": (_setuptools('{file = "VERSION"}'), "VERSION", "@\n", "."),
    "file, listed": (_setuptools('{file = ["VERSION"]}'), "VERSION", "\n@", "."),
    "setup.cfg": (
        _LEGACY,
        "setup.cfg",
        "[x]\nversion = 9\n[metadata]\nname = a-b\nversion = @\n[y]\n",
        ".",
    ),
    "setup.py": (
        '[project]\nname = "a-b"\ndynamic = ["version"]\n' + _LEGACY,
        "setup.py",
        'setup(\n    name="a-b",\n    version="@",\n)\n',
        ".",
    ),
    "scikit-build-core": (
        _scikit_build('"src/v.py"'),
        "src/v.py",
        'x = 1\n__version__ = "@"\n',
        ".",
    ),
    "scikit-build-core 1": (
        _DYNAMIC + '[[tool.dynamic-metadata]]\nfield = "readme"\nprovider = "x"\n'
        '[[tool.dynamic-metadata]]\nfield = "version"\ninput = "v.py"\n'
        'provider = "scikit_build_core.metadata.regex"\n' + _build("scikit_build_core.build"),
        "v.py",
        '__version__ = "@"\n',
        ".",
    ),
    "meson": (_MESON, "meson.build", _MESON_BUILD, "."),
    "meson, a file": (_MESON, "VERSION", "@\n", "."),
    "maturin": (_MATURIN, "Cargo.toml", '[package]\nversion = "@" # 1\n[deps]\nx = "9"\n', "."),
    "maturin, a workspace": (_MATURIN, "Cargo.toml", "[workspace.package]\nversion = '@'\n", "."),
}  # fmt: skip

# The same with a pattern, for which a process starts each time.
_BY_PATTERN = {
    "hatch, a pattern": (
        _hatch("path = \"v.txt\"\npattern = 'release (?P<version>\\S+)'"),
        "v.txt",
        "the release @ of it",
        ".",
    ),
    "scikit-build-core, a pattern": (
        _scikit_build('"v.h"\nregex = \'V "(?P<value>.*)"\''),
        "v.h",
        '#define A "9"\n#define V "@"\n',
        ".",
    ),
}
_STRINGS = {kind: each[:3] for kind, each in _FILES.items() if each[3] == "."}


@pytest.mark.parametrize("case", _FILES.values(), ids=_FILES)
@given(old=st.tuples(*[st.integers(0, 999)] * 3), new=st.tuples(*[st.integers(0, 999)] * 3))
def test_only_the_version_changes(
    case: tuple[str, str, str, str], old: tuple[int, int, int], new: tuple[int, int, int]
) -> None:
    _write_it_alone(case, old, new)


@pytest.mark.parametrize("case", _BY_PATTERN.values(), ids=_BY_PATTERN)
def test_only_what_a_pattern_finds_changes(case: tuple[str, str, str, str]) -> None:
    _write_it_alone(case, (1, 9, 0), (1, 10, 0))
    _write_it_alone((*case[:2], f"\N{ROCKET} {case[2]}", case[3]), (0, 0, 1), (0, 1, 0))


def test_a_pattern_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_SECONDS", 0.5)
    manifest = _hatch("path = \"v.txt\"\npattern = '(?P<version>(a+)+)$'")

    with pytest.raises(ReleaseError, match="its pattern finds none") as refused:
        _read(manifest, {"v.txt": "a" * 60 + "b"})

    assert refused.value.code is ErrorCode.VERSION_INVALID


def _write_it_alone(
    case: tuple[str, str, str, str], old: tuple[int, int, int], new: tuple[int, int, int]
) -> None:
    manifest, path, text, between = case
    before = text.replace("@", between.join(map(str, old)))
    found = _read(manifest, {**_BESIDE, path: before})

    after = write_held(found.held, before, ".".join(map(str, new)), where=path)

    assert found.holder == path
    assert str(found.version) == ".".join(map(str, old))
    assert after == text.replace("@", between.join(map(str, new)))
    assert str(_read(manifest, {**_BESIDE, path: after}).version) == ".".join(map(str, new))


@pytest.mark.parametrize(("manifest", "path", "text"), _STRINGS.values(), ids=_STRINGS)
@pytest.mark.parametrize("words", ["8.5.0.dev", "8.5.0rc1", "8.5.0a2.dev3"])
def test_a_version_in_development_leads_to_its_release(
    manifest: str, path: str, text: str, words: str
) -> None:
    before = text.replace("@", words)
    found = _read(manifest, {**_BESIDE, path: before})

    assert found.develops
    assert (str(found.version), found.says) == ("8.5.0", None)
    assert write_held(found.held, before, "8.5.0", where=path) == text.replace("@", "8.5.0")


def test_a_tuple_may_say_that_it_is_in_development() -> None:
    before = 'V = (1, 2, 0, "dev")\n'
    found = _read(_setuptools('{attr = "a_b.V"}'), {"a_b.py": before})

    assert found.develops
    assert write_held(found.held, before, "1.2.0", where="a_b.py") == "V = (1, 2, 0)\n"


@pytest.mark.parametrize("words", ['("1", 2, 3)', """("1", '2', "3")"""])
def test_a_tuple_of_several_kinds_is_refused(words: str) -> None:
    with pytest.raises(ReleaseError):
        _read(_setuptools('{attr = "a_b.V"}'), {"a_b.py": f"V = {words}\n"})


def test_an_attribute_is_followed_to_the_module_it_comes_from() -> None:
    files = {
        "src/a_b/__init__.py": "import x\nfrom ._version import (\n    V as __version__,\n)\n",
        "src/a_b/_version.py": "from .deep import V\n",
        "src/a_b/deep.py": 'V = "1.2.3"\n',
    }

    assert _read(_FROM_INIT, files).holder == "src/a_b/deep.py"


@pytest.mark.parametrize(
    ("manifest", "files", "tool"),
    [
        (_DYNAMIC + _build("setuptools.build_meta", "setuptools-scm[x]"), {}, "setuptools-scm"),
        (_build("setuptools.build_meta", "setuptools_scm") + "[tool.setuptools_scm]\n",
         {"setup.cfg": "[metadata]\nname = a-b\n"}, "setuptools-scm"),
        (_hatch('source = "vcs"'), {}, "hatch-vcs"),
        (_hatch('source = "uv-dynamic-versioning"'), {}, "uv-dynamic-versioning"),
        (_hatch('source = "versioningit"'), {}, "versioningit"),
        (_DYNAMIC + _build("setuptools.build_meta", "versioningit"), {}, "versioningit"),
        (_DYNAMIC + '[tool.pdm.version]\nsource = "scm"\n', {}, "pdm-backend"),
        (_DYNAMIC + '[tool.pdm.version]\nsource = "call"\ngetter = "tools.version:find"\n',
         {"tools/version.py": "from pdm.backend.hooks.version import get_version_from_scm\n"},
         "pdm-backend"),
        (_POETRY, {}, "poetry-dynamic-versioning"),
    ],
)  # fmt: skip
def test_tags_alone_decide(manifest: str, files: dict[str, str], tool: str) -> None:
    found = _read(manifest, files)

    assert found.held.tool == tool
    assert found.says is None
    assert found.admits("1.2.3")


@pytest.mark.parametrize("left", ["0.9.0", "1.2.3"])
def test_a_literal_that_poetry_left_behind_is_not_that_of_another_back_end(left: str) -> None:
    poetry = f'[tool.poetry]\nname = "a-b"\nversion = "{left}"\n'

    found = _read(_hatch('path = "v.py"') + poetry, {"v.py": '__version__ = "1.2.3"\n'})
    by_tags = _read(_hatch('source = "vcs"') + poetry, {})

    assert (found.holder, found.says) == ("v.py", "1.2.3")
    assert by_tags.held.tool == "hatch-vcs"


def test_a_literal_of_poetry_counts_behind_its_own_back_ends() -> None:
    poetry = '[tool.poetry]\nname = "a-b"\nversion = "1.2.3"\n'

    for backend in ("poetry.core.masonry.api", "poetry_dynamic_versioning.backend"):
        assert _read(_DYNAMIC + poetry + _build(backend), {}).says == "1.2.3"


@pytest.mark.parametrize(
    ("manifest", "files", "says"),
    [
        (_hatch('path = "v.py"'), {}, "v.py"),
        (_hatch('path = "../v.py"'), {"../v.py": '__version__ = "1.0.0"'}, "../v.py"),
        (_hatch('path = "v.py"'), {"v.py": '__version__ = get("1.0.0")\n'}, "at the top"),
        (_hatch('source = "nodejs"'), {}, "package.json"),
        (_hatch('source = "nodejs"'), {"package.json": '{"a": {"version": "1"}, "version": "2"}'},
         "2 of its values"),
        (_MESON, {"meson.build": "project('x', version: files('VERSION'))\n"}, "meson.build"),
        (_MESON, {"meson.build": "project('x', 'c')\nx = f(version: '1.0.0')\n"}, "meson.build"),
        (_scikit_build('"v.h"\nregex = "("'), {"v.h": "1.0.0"}, "v.h"),
        (_hatch('source = "env"\nvariable = "V"'), {}, "'env'"),
        (_FLIT, {"a_b.py": '__version__ = "1.0.0"\nif x:\n    pass\n__version__ = y()\n'}, "flit"),
        (_FLIT, {}, "a_b/__init__.py"),
        (_FROM_INIT, {"a_b.py": "__version__ = metadata.version('a-b')\n"}, "a_b.__version__"),
        (_setuptools('{file = ["A", "B"]}'), {}, "2 of them"),
        (_setuptools('{file = "A"}'), {"A": "1.0.0\n1.0.1\n"}, "alone in A"),
        (_PDM, {}, "no such text"),
        (_MATURIN, {"Cargo.toml": "[package]\nversion.workspace = true\n"}, "maturin"),
        (_DYNAMIC + _build("hatchling.build"), {}, "dynamic"),
    ],
)  # fmt: skip
def test_what_stands_nowhere_is_refused(manifest: str, files: dict[str, str], says: str) -> None:
    with pytest.raises(ReleaseError) as refused:
        _read(manifest, files)

    assert refused.value.code is ErrorCode.VERSION_INVALID
    assert says in refused.value.message
    assert 'take "version" out of dynamic' in str(refused.value.hint)


@pytest.mark.parametrize("source", ['["x"]', "{ a = 1 }", "1"])
@pytest.mark.parametrize("tool", ["hatch", "pdm"])
def test_a_source_of_an_odd_kind_is_refused(tool: str, source: str) -> None:
    table = f'[tool.{tool}.version]\npath = "v.py"\nsource = {source}\n'

    with pytest.raises(ReleaseError) as refused:
        _read(f"{_DYNAMIC}{table}", {"v.py": '__version__ = "1.0.0"\n'})

    assert refused.value.code is ErrorCode.VERSION_INVALID


def test_a_byte_order_mark_hides_no_literal() -> None:
    files = {"v.py": "\ufeff__version__ = '1.0.0'\n"}

    found = _read(_hatch('path = "v.py"'), files)

    assert (
        write_held(found.held, files["v.py"], "1.1.0", where="v.py")
        == "\ufeff__version__ = '1.1.0'\n"
    )


def test_a_literal_of_the_project_goes_before_tags() -> None:
    build = _build("setuptools.build_meta", "setuptools-scm")
    text = f'[project]\nname = "a-b"\nversion = "1.0.0"\n{build}[tool.setuptools_scm]\n'

    assert _read(text, {}).says == "1.0.0"


def test_a_tree_that_cannot_be_read_declares_nothing() -> None:
    files = {MANIFEST: _FLIT.encode(), "a_b.py": b'__version__ = "1.0.0" # \xff\n'}

    assert read_declared(files.get) is None
    assert read_declared(dict[str, bytes]().get) is None


_COMPUTED = {
    "a name": ('version = "@"\nsetup(\n    name="a",\n    version=version,\n)\n', "setup.py", None),
    "a name, on a line": ("VERSION = '@'\nsetup(name='a', version=VERSION)\n", "setup.py", None),
    "a module": (
        "import a  # for this\nname = 'a'\nsetup(name=name, version=a.__version__)\n",
        "a/__init__.py",
        '__version__ = "@"\n',
    ),
    "an import": (
        "from a import __version__\nname = 'a'\nsetup(name=name, version=__version__)\n",
        "src/a/__init__.py",
        '__version__ = "@"\n',
    ),
    "a dictionary of a file": (
        (
            "about = {}\nwith open(os.path.join(here, 'src', 'a', '__version__.py')) as file:\n"
            "    exec(file.read(), about)\n"
            "setup(name=about['__title__'], version=about['__version__'])\n"
        ),
        "src/a/__version__.py",
        "__title__ = 'a'\n__version__ = '@'\n",
    ),
    "a dictionary called version": (
        (
            "version = {}\nwith open(join(root, 'a/b/version.py')) as file:\n"
            "    exec(file.read(), version)\nversion = version['__version__']\n"
            "setup(\n    name='a',\n    version=version,\n)\n"
        ),
        "a/b/version.py",
        "__version__ = '@'\n",
    ),
    "a function of parts": (
        "def find(*parts): ...\nsetup(\n    name='a',\n    version=find('a', '__init__.py'),\n)\n",
        "a/__init__.py",
        "'''A.'''\n__version__ = '@'\n",
    ),
    "a tuple of a file": (
        (
            "_locals = {}\nwith open('a/_version.py') as file:\n"
            "    exec(file.read(), None, _locals)\n"
            "setup(name='a', version=_locals['__version__'])\n"
        ),
        "a/_version.py",
        "__version_info__ = (@)\n__version__ = '.'.join(map(str, __version_info__))\n",
    ),
    "a path": (
        (
            "text = (Path(__file__).parent / 'a' / '_version.py').read_text()\n"
            "setup(name='a', version=re.search('x', text)[1])\n"
        ),
        "a/_version.py",
        "VERSION = '@'\n",
    ),
}


@pytest.mark.parametrize(("setup", "path", "text"), _COMPUTED.values(), ids=_COMPUTED)
def test_setup_py_may_compute_it_from_one_place(setup: str, path: str, text: str | None) -> None:
    dot = ", " if text and "(@)" in text else "."
    before, after = (dot.join(each) for each in ("123", "130"))
    old = {"setup.py": setup.replace("@", before), path: (text or setup).replace("@", before)}
    held = _read("", old).held

    assert (held.path, held.literal) == (path, "1.2.3")
    assert _read("", old).distribution == "a"
    new = write_held(held, old[path], "1.3.0", where=path)
    assert new == (text or setup).replace("@", after)


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "setup(name='a', version=find('a.py', 'b.py'))", "a.py/b.py": "x = 1"},
        {
            "setup.py": "find('a.py')\nfind('b.py')\nsetup(name='a', version=find())",
            "a.py": '__version__ = "1.2.3"\n',
            "b.py": '__version__ = "1.2.3"\n',
        },
        {"setup.py": "setup(name='a', version=find('a.py'))", "a.py": "__version__ = get()\n"},
        {"setup.py": "setup(name='a', version=a.VERSION)", "a.py": "VERSION = '1.2.3'\n"},
        {"setup.py": "version = '1.2.3'\nversion = '1.2.4'\nsetup(name='a', version=version)"},
        {"setup.py": "open('../a.py')\nsetup(name='a', version=x())", "../a.py": "VERSION = '1'"},
    ],
)
@pytest.mark.parametrize("manifest", ["", "[tool.ruff]\nline-length = 100\n"])
def test_a_setup_py_that_leads_to_no_one_place_is_refused(
    files: dict[str, str], manifest: str
) -> None:
    with pytest.raises(ReleaseError) as raised:
        _read(manifest, files)

    assert raised.value.code is ErrorCode.VERSION_INVALID
    assert "none leads to a file that has" in raised.value.message
    assert "[metadata] of setup.cfg" in str(raised.value.hint)


@pytest.mark.parametrize(
    "files",
    [
        {"a/__init__.py": "v = (1, 2, 3)\n__version__ = '.'.join(map(str, v))\n"},
        {"a/__init__.py": "v = (1, 2, 3)\n__version__: str = '.'.join(str(x) for x in v)\n"},
        {
            "a/__init__.py": "from . import _v\n__version__ = _v.number\n",
            "a/_v.py": 'number = "1.2.3"\n',
        },
        {
            "a/__init__.py": "from a import _v\n__version__ = _v.number\n",
            "a/_v.py": 'number = "1.2.3"\n',
        },
    ],
)
def test_an_attribute_is_followed_through_what_a_module_makes_of_it(files: dict[str, str]) -> None:
    manifest = _setuptools('{attr = "a.__version__"}')

    assert _read(manifest, files).held.literal == "1.2.3"
    flit = _FLIT.replace("a-b", "a")
    assert _read(flit, files).held == _read(manifest, files).held


def test_a_back_end_of_ones_own_may_be_setuptools() -> None:
    own = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "hooks"\nbackend-path = ["x"]\n'
    )
    files = {"setup.cfg": "[metadata]\nname = a\nversion = attr: a.__version__\n"}
    files["a/__init__.py"] = '__version__ = "1.2.3"\n'

    assert _read(own, files).held.path == "a/__init__.py"
    with pytest.raises(ReleaseError):
        _read(_build("hooks"), files)


_SETUP_PY = "setup(name='a', version=versioneer.get_version())\n"
_GIT_VERSIONING = "setup(name='a', setuptools_git_versioning={'enabled': True})\n"


@pytest.mark.parametrize(
    ("manifest", "files", "tool"),
    [
        (_DYNAMIC + _LEGACY + '[tool.versioneer]\nVCS = "git"\n', {}, "versioneer"),
        (_DYNAMIC + _build("mesonpy") + '[tool.versioneer]\nVCS = "git"\n', {}, "versioneer"),
        ("", {"setup.py": _SETUP_PY, "setup.cfg": "[versioneer]\nVCS = git\n"}, "versioneer"),
        (_DYNAMIC + _build("mesonpy", "setuptools_scm>=7"), {}, "setuptools-scm"),
        (_DYNAMIC + _build("pbr.build", "pbr>=6"), {}, "pbr"),
        ("", {"setup.cfg": "[metadata]\nname = a\n", "setup.py": "setup(pbr=True)\n"}, "pbr"),
        ("", {"setup.py": _GIT_VERSIONING}, "setuptools-git-versioning"),
        (
            _DYNAMIC + "[tool.scikit-build]\nmetadata.version.provider ="
            ' "scikit_build_core.metadata.setuptools_scm"\n' + _build("scikit_build_core.build"),
            {},
            "setuptools-scm",
        ),
    ],
)
def test_more_tools_let_the_tags_decide(manifest: str, files: dict[str, str], tool: str) -> None:
    assert _read(manifest, files).held.tool == tool


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("8, 0, 2", "8.1", "8, 1, 0"),
        ("8, 0", "8.1", "8, 1"),
        ("8, 0", "8.0.1", "8, 0, 1"),
    ],
)
def test_a_tuple_keeps_as_many_numbers_as_it_needs(old: str, new: str, after: str) -> None:
    manifest = _setuptools('{attr = "a_b.V"}') + _LEGACY
    files = {"a_b/__init__.py": f"V = ({old})\n"}
    held = read_manifest(manifest, where=MANIFEST, read=files.get).held

    written = write_held(held, files["a_b/__init__.py"], new, where=held.path)

    assert written == f"V = ({after})\n"
