"""Organisations that keep their versions elsewhere, released to the end by the real back ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.backends import pack_backends
from support.endings import break_phase, release, resume
from support.failures import fails
from support.gitrepo import git, land, tree_of
from support.repos import add_repo, configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

_PROJECT = '[project]\nname = "gamma"\ndynamic = ["version"]\nrequires-python = ">=3.11"\n'


@dataclass(frozen=True)
class Kind:
    """A way to keep a version, and what a release leaves of it."""

    backend: str
    requires: tuple[str, ...]
    tables: str
    file: str | None = None
    before: str = ""
    after: str = ""
    beside: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        needs = ", ".join(f'"{each}"' for each in self.requires)
        system = f'[build-system]\nrequires = [{needs}]\nbuild-backend = "{self.backend}"\n\n'
        manifest = f"{system}{self.tables.format(project=_PROJECT)}"
        made = {
            **({"pyproject.toml": manifest} if self.backend else {}),
            "src/gamma/__init__.py": '"""Gamma, the third."""\n',
            ".gitignore": "*.egg-info/\n.pdm-build/\nbuild/\n",
        }
        return made | self.beside | ({self.file: self.before} if self.file else {})


KINDS = {
    "flit, in development": Kind(
        "flit_core.buildapi",
        ("flit-core",),
        '{project}description = "Gamma."\n',
        "src/gamma/__init__.py",
        '"""Gamma.\n\n__version__ = "0"\n"""\n\n__version__ = "1.1.0.dev"  # next\n',
        '"""Gamma.\n\n__version__ = "0"\n"""\n\n__version__ = "1.1.0"  # next\n',
    ),
    "hatch": Kind(
        "hatchling.build",
        ("hatchling",),
        '{project}\n[tool.hatch.version]\npath = "src/gamma/__version__.py"\n',
        "src/gamma/__version__.py",
        "__title__ = 'gamma'\n__version__ = '1.0.0'\n",
        "__title__ = 'gamma'\n__version__ = '1.1.0'\n",
    ),
    "setuptools, a tuple": Kind(
        "setuptools.build_meta",
        ("setuptools",),
        '{project}\n[tool.setuptools.dynamic]\nversion = {{attr = "gamma.VERSION"}}\n',
        "src/gamma/_version.py",
        "VERSION = (1, 0, 0)\n",
        "VERSION = (1, 1, 0)\n",
    ),
    "setuptools, a file": Kind(
        "setuptools.build_meta",
        ("setuptools",),
        '{project}\n[tool.setuptools.dynamic]\nversion = {{file = "VERSION"}}\n',
        "VERSION",
        "1.1.0rc1\n",
        "1.1.0\n",
    ),
    "setup.cfg": Kind(
        "setuptools.build_meta",
        ("setuptools",),
        "",
        "setup.cfg",
        "[metadata]\nname = gamma\nversion = 1.0.0\n\n[options]\npackage_dir =\n    =src\n"
        "packages = gamma\n",
        "[metadata]\nname = gamma\nversion = 1.1.0\n\n[options]\npackage_dir =\n    =src\n"
        "packages = gamma\n",
    ),
    "setup.cfg beside setup.py alone": Kind(
        "",
        ("setuptools",),
        "",
        "src/gamma/__init__.py",
        '__version__ = "1.1.0.dev0"\n',
        '__version__ = "1.1.0"\n',
        {
            "setup.cfg": "[metadata]\nname = gamma\nversion = attr: gamma.__version__\n\n"
            "[options]\npackage_dir =\n    =src\npackages = gamma\n",
            "setup.py": "from setuptools import setup\n\nsetup()\n",
        },
    ),
    "setup.py alone": Kind(
        "",
        ("setuptools",),
        "",
        "setup.py",
        "from setuptools import setup\n\nsetup(name='gamma', version='1.0.0', packages=['gamma'],\n"
        "      package_dir={'': 'src'})\n",
        "from setuptools import setup\n\nsetup(name='gamma', version='1.1.0', packages=['gamma'],\n"
        "      package_dir={'': 'src'})\n",
    ),
    "pdm": Kind(
        "pdm.backend",
        ("pdm-backend",),
        '{project}\n[tool.pdm.version]\nsource = "file"\npath = "src/gamma/__init__.py"\n',
        "src/gamma/__init__.py",
        '__version__ = "1.0.0"\n',
        '__version__ = "1.1.0"\n',
    ),
    "setuptools-scm": Kind(
        "setuptools.build_meta",
        ("setuptools", "setuptools-scm"),
        "{project}\n[tool.setuptools_scm]\n",
    ),
    "hatch-vcs": Kind(
        "hatchling.build",
        ("hatchling", "hatch-vcs"),
        '{project}\n[tool.hatch.version]\nsource = "vcs"\n',
    ),
    "pdm, by tag": Kind(
        "pdm.backend",
        ("pdm-backend",),
        '{project}\n[tool.pdm.version]\nsource = "scm"\n',
    ),
}


def _add(org: Org, kind: Kind) -> None:
    files = kind.files
    if kind.file == "src/gamma/_version.py":
        files["src/gamma/__init__.py"] = "from ._version import VERSION\n"
    _add_files(org, kind, files)


def _add_files(org: Org, kind: Kind, files: dict[str, str], tag: str | None = "v1.0.0") -> None:
    add_repo(org, "gamma", files, tag=tag)
    land(org.remote("gamma"), "src/gamma/more.py", "MORE = True\n", "feat: more")
    pack_backends(org.index, *kind.requires)
    graph: dict[str, object] = {"tiers": [{"gamma": []}]}
    configure(org, graph=graph, tag_formats=["v{version}"], local={"checks": []})


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_it_is_released_to_the_end(small_org: Org, kind: Kind) -> None:
    _add(small_org, kind)
    before = tree_of(small_org.remote("gamma"), "main")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "No `pyproject.toml` found" not in ran.out
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    after = tree_of(small_org.remote("gamma"), "v1.1.0")
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed - {"CHANGELOG.md"} == ({kind.file} if kind.file else set())
    if kind.file:
        assert after[kind.file] == kind.after
    wheels = [each.name for each in small_org.index.glob("gamma-*.whl")]
    assert wheels == ["gamma-1.1.0-py3-none-any.whl"]


def test_a_tag_that_the_build_does_not_read_is_found_before_the_gate(small_org: Org) -> None:
    kind = KINDS["hatch-vcs"]
    files = kind.files
    files["pyproject.toml"] += 'tag-pattern = "^release-(?P<version>.*)$"\n'
    _add_files(small_org, kind, files)

    failure = fails(small_org, ErrorCode.PUBLISH_FAILED, state="none")

    failure.says("gamma")
    assert failure.touched == set()


def test_a_build_by_tag_is_rehearsed_with_the_tags_of_the_release_alone(small_org: Org) -> None:
    kind = KINDS["setuptools-scm"]
    _add_files(small_org, kind, kind.files)
    # Where no formats are written, another could be made: gamma/v1.1.0, which setuptools-scm
    # cannot read.
    path = small_org.omni_home / "release.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace("tag_formats:\n- v{version}\n", ""), encoding="utf-8")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert git(small_org.remote("gamma"), "tag").split() == ["v1.0.0", "v1.1.0"]


_OF_THE_COMMIT = """\
import subprocess
from hatchling.build import *
from hatchling.build import build_sdist as build


def build_sdist(folder, settings=None):
    if changed := subprocess.check_output(("git", "status", "--porcelain"), text=True):
        raise SystemExit(f"not as committed: {changed}")
    return build(folder, settings)
"""


def test_a_back_end_that_packs_the_last_commit_is_rehearsed_on_one(small_org: Org) -> None:
    own = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "own"\nbackend-path = ["."]\n'
    files = KINDS["hatch"].files | {"own.py": _OF_THE_COMMIT}
    files["pyproject.toml"] = own + files["pyproject.toml"].partition("\n\n")[2]
    files |= {KINDS["hatch"].file or "": KINDS["hatch"].before, ".gitignore": "__pycache__/\n"}
    _add_files(small_org, KINDS["hatch"], files)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert (small_org.index / "gamma-1.1.0-py3-none-any.whl").is_file()


_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "gamma"
source = { editable = "." }
"""


@pytest.mark.parametrize("lock", [None, _LOCK], ids=["no lock", "uv.lock"])
def test_what_a_build_leaves_where_nothing_is_ignored_is_no_change(
    small_org: Org, lock: str | None
) -> None:
    kind = KINDS["setuptools-scm"]
    files = kind.files | {".gitignore": "", "requirements.txt": ""}
    manifest = files["pyproject.toml"].replace('["version"]', '["version", "dependencies"]')
    listed = '[tool.setuptools.dynamic]\ndependencies = { file = "requirements.txt" }\n'
    files |= {"pyproject.toml": f"{manifest}{listed}"} | ({"uv.lock": lock} if lock else {})
    _add_files(small_org, kind, files)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert not [path for path in tree_of(small_org.remote("gamma"), "v1.1.0") if "egg" in path]


def test_a_first_release_by_tag_asks_for_the_version(small_org: Org) -> None:
    kind = KINDS["setuptools-scm"]
    _add_files(small_org, kind, kind.files, tag=None)

    failure = fails(small_org, ErrorCode.VERSION_INVALID, "gamma")
    ran = release(small_org, "--version", "gamma=0.1.0")

    failure.says("setuptools-scm takes the version from the tags", "--version gamma=X.Y.Z")
    assert ran.code == 0, ran.err
    assert (small_org.index / "gamma-0.1.0-py3-none-any.whl").is_file()


def test_a_higher_tag_on_the_base_is_its_version_where_tags_decide(small_org: Org) -> None:
    kind = KINDS["setuptools-scm"]
    _add_files(small_org, kind, kind.files)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LOCK, after_effect=False, repo="gamma")
        assert release(small_org).code == 1
    git(small_org.remote("gamma"), "tag", "v1.2.0", "main")

    ran = resume(small_org)

    assert "PLAN_STALE" in ran.err
    assert "main is at the tag v1.2.0" in ran.err


def test_edits_that_meet_in_one_place_are_noticed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_twice(held: object, text: str, new: str, *, where: str) -> str:
        del held, where
        return text.replace('"1.0.0"', f'"{new}.1"')

    monkeypatch.setattr("omninode_release.phases.bump.write_held", write_twice)
    module = "src/alpha/about.py"
    land(small_org.remote("alpha"), module, '__version__: str = "1.0.0"\n', "feat: version")
    manifest = tree_of(small_org.remote("alpha"), "main")["pyproject.toml"]
    dynamic = manifest.replace('version = "1.0.0"\n', 'dynamic = ["version"]\n')
    build = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    project = dynamic.partition("[project]")[2]
    text = f'{build}\n[project]{project}\n[tool.hatch.version]\npath = "{module}"\n'
    land(small_org.remote("alpha"), "pyproject.toml", text, "build: hatch")
    configure(small_org, rehearse=False)

    failure = fails(small_org, ErrorCode.BUMP_FAILED, "alpha", at=("alpha", Phase.BUMP))

    failure.says("/alpha/src/alpha/about.py after its edits, found 1.1.0.1")
