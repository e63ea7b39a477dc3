"""Organisations of the usual shapes, from clones that nobody has configured to a released train.

Each keeps versions, changelog and tags in its own way. Every file of the release is compared, byte
for byte, with the one before it: what is not named here is as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.commands.demo_org import Org
from support.backends import pack_backends
from support.endings import RUN, main_log
from support.gitrepo import git, tree_of
from support.repos import add_repo, manifest
from support.trains import Edits, assert_changed, change, lock, publish, set_out, tag

if TYPE_CHECKING:
    pass


# flit, CHANGES.rst, a version in development on the base branch: the shape of Pallets.

FLIT = """\
[build-system]
requires = ["flit_core>=3.11"]
build-backend = "flit_core.buildapi"

"""
SIGN = (
    f'{FLIT}[project]\nname = "sign"\nversion = "2.1.2"  # see CHANGES.rst\n'
    'description = "Sign data."\nrequires-python = ">=3.11"\ndependencies = []\n\n'
    '[tool.flit.module]\nname = "sign"\n'
)
WEB = (
    f'{FLIT}[project]\nname = "web"\ndynamic = ["version", "description"]\n'
    'requires-python = ">=3.11"\ndependencies = [\n    "sign>=2.1.0",  # cookies\n]\n'
)
SIGN_CHANGES = """\
Version 2.1.2
-------------

Released 2022-03-24

-   Handle date overflow on 32-bit systems. :pr:`299`
"""
SIGN_NEXT = """\
Version 2.2.0
-------------

Unreleased

-   ``Serializer`` is generic for type checking.
    By default it is ``Serializer[str]``. :issue:`347`
-   Drop support for Python 3.7. :pr:`372`


"""
WEB_HEAD = ".. currentmodule:: web\n\n"
WEB_NEXT = "Version 3.1.8\n-------------\n\nUnreleased\n\n\n"
WEB_CHANGES = """\
Version 3.1.7
-------------

Released 2026-01-23

-   ``parse`` preserves what is quoted. :pr:`3128`
"""


def add_pallets(org: Org) -> None:
    pack_backends(org.index, "flit-core")
    _publish_both(org)
    _start_both(org)


def _publish_both(org: Org) -> None:
    add_repo(
        org,
        "sign",
        {
            "pyproject.toml": SIGN,
            "src/sign/__init__.py": '"""Sign data."""\r\n',
            "CHANGES.rst": SIGN_CHANGES,
        },
    )
    lock(org, "sign")
    tag(org, "sign", "2.1.2")
    publish(org, "sign")
    add_repo(
        org,
        "web",
        {
            "pyproject.toml": WEB,
            "src/web/__init__.py": '"""The web."""\n\n__version__ = "3.1.7"\n',
            "CHANGES.rst": WEB_HEAD + WEB_CHANGES,
        },
    )
    lock(org, "web")
    tag(org, "web", "3.1.7")
    publish(org, "web")


def _start_both(org: Org) -> None:
    change(
        org,
        "sign",
        "start version 2.2.0",
        **{
            "pyproject.toml": SIGN.replace("2.1.2", "2.2.0.dev"),
            "CHANGES.rst": SIGN_NEXT + SIGN_CHANGES,
            "src/sign/serializer.py": "class Serializer: ...\n",
        },
    )
    lock(org, "sign")
    change(
        org,
        "web",
        "start version 3.1.8",
        **{
            "src/web/__init__.py": '"""The web."""\n\n__version__ = "3.1.8.dev"  # next\n',
            "CHANGES.rst": WEB_HEAD + WEB_NEXT + WEB_CHANGES,
        },
    )
    change(org, "web", "Mend the host (#3142)", **{"src/web/host.py": 'HOST = ""\n'})


def test_flit_with_changes_in_rst_and_a_version_in_development(bare: Org) -> None:
    add_pallets(bare)

    ran, before = set_out(bare, after_release="dev")

    assert ran.result is not None
    after = {repo: tree_of(bare.remote(repo), "main") for repo in bare.repos}
    assert_changed(
        before["sign"],
        after["sign"],
        {
            "pyproject.toml": (("2.2.0.dev", "2.2.0"),),
            "CHANGES.rst": (("Unreleased", "Released 2026-02-25"),),
            "uv.lock": (("2.2.0.dev0", "2.2.0"),),
        },
    )
    entry = "Released 2026-02-25\n\n-   Mend the host (#3142)\n\n"
    assert_changed(
        before["web"],
        after["web"],
        {
            "src/web/__init__.py": (("3.1.8.dev", "3.1.8"),),
            "CHANGES.rst": (("Unreleased\n\n", entry),),
            "uv.lock": (('"../../index"', '"../../../../index"'),),  # as seen from a worktree
        },
    )
    assert [main_log(bare, repo)[0] for repo in bare.repos] == [
        "release: sign v2.2.0 (#1)",
        "release: web v3.1.8 (#1)",
    ]
    for repo, released, following, touched in (
        ("sign", "2.2.0", "2.2.1.dev0", ["pyproject.toml", "uv.lock"]),
        ("web", "3.1.8", "3.1.9.dev0", ["src/web/__init__.py"]),
    ):
        assert git(bare.remote(repo), "rev-parse", f"{released}^{{commit}}") == git(
            bare.remote(repo), "rev-parse", "main"
        )
        assert f"starts {following}; it is yours to merge" in ran.out + ran.err
        branch = f"after-release/{RUN}/{repo}"
        changed = git(bare.remote(repo), "diff", "--name-only", "main", branch).splitlines()
        assert changed == touched


# setuptools-scm and towncrier: the shape of pytest-dev.

SCM = """\
[build-system]
requires = ["setuptools>=65", "setuptools-scm[toml]>=8"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
requires-python = ">=3.11"
dependencies = [{needs}]
dynamic = ["version"]

[tool.setuptools]
packages = ["{name}"]
package-dir = {{"" = "src"}}

[tool.setuptools_scm]
{scm}
[tool.towncrier]
package = "{name}"
package_dir = "src"
filename = "CHANGELOG.rst"
directory = "changelog/"
title_format = "{name} {{version}} ({{project_date}})"
"""
SCM_HEAD = """\
=========
Changelog
=========

.. towncrier release notes start

"""
SCM_ENTRY = (
    "{name} {version} (2025-05-15)\n=========================\n\nBug Fixes\n---------\n\n- X.\n"
)


def add_by_tag(org: Org, name: str, version: str, needs: str = "", scm: str = "") -> None:
    entry = SCM_ENTRY.format(name=name, version=version)
    files = {
        "pyproject.toml": SCM.format(name=name, needs=needs, scm=scm),
        f"src/{name}/__init__.py": f'"""{name.title()}."""\n',
        "changelog/README.rst": "One file for each change.\n",
        "CHANGELOG.rst": SCM_HEAD + entry,
        ".gitignore": "_version.py\n*.egg-info/\nbuild/\n",
    }
    add_repo(org, name, files)
    lock(org, name)
    tag(org, name, version)
    publish(org, name)


def add_pytest_dev(org: Org) -> None:
    pack_backends(org.index, "setuptools", "setuptools-scm")
    add_by_tag(org, "plug", "1.5.0")
    add_by_tag(org, "host", "9.1.0", '"plug>=1.5,<2"', 'write_to = "src/host/_version.py"\n')
    change(
        org,
        "plug",
        "Hooks know their name",
        **{
            "src/plug/names.py": "NAMES = ()\n",
            "changelog/632.feature.rst": "Hooks know their :class:`name`.\n",
            "changelog/504.bugfix.rst": "Tracebacks stay short.\n",
        },
    )
    change(org, "host", "Merge the plugins (#14)", **{"src/host/run.py": "RUN = 1\n"})


def test_setuptools_scm_with_towncrier(bare: Org) -> None:
    add_pytest_dev(bare)

    _, before = set_out(bare)

    after = {repo: tree_of(bare.remote(repo), "main") for repo in bare.repos}
    news = {repo: after[repo].pop("CHANGELOG.rst") for repo in bare.repos}
    old = {repo: before[repo].pop("CHANGELOG.rst") for repo in bare.repos}
    gone = ("changelog/632.feature.rst", "changelog/504.bugfix.rst")
    assert_changed(before["plug"], after["plug"], {}, gone)
    assert_changed(
        before["host"],
        after["host"],
        {
            "pyproject.toml": (("plug>=1.5,<2", "plug>=1.6.0,<2"),),
            "uv.lock": (
                ('version = "1.5.0"', 'version = "1.6.0"'),
                ('"../../index"', '"../../../../index"'),
                ("plug-1.5.0.tar.gz", "plug-1.6.0.tar.gz"),
                ("plug-1.5.0-py3", "plug-1.6.0-py3"),
                ('specifier = ">=1.5,<2"', 'specifier = ">=1.6.0,<2"'),
            ),
        },
    )
    for repo, version in (("plug", "1.6.0"), ("host", "9.1.1")):
        title = f"{repo} {version} (2026-02-25)\n"
        assert news[repo].startswith(SCM_HEAD + title)
        assert news[repo].endswith(old[repo].removeprefix(SCM_HEAD))
        assert (bare.index / f"{repo}-{version}-py3-none-any.whl").is_file()
        tip = git(bare.remote(repo), "rev-parse", "main")
        assert git(bare.remote(repo), "rev-parse", f"{version}^{{commit}}") == tip
    for words in ("Hooks know their :class:`name`. (#632)", "Tracebacks stay short. (#504)"):
        assert news["plug"].count(words) == 1


# Packages that always share one version.


def add_in_step(org: Org) -> None:
    for name, *needs in (
        ("api",),
        ("client", "api==4.1.0"),
        ("server", "api==4.1.0", "client==4.1.0"),
    ):
        files = {
            "pyproject.toml": manifest(name, "4.1.0", *needs),
            f"src/{name}/__init__.py": f'"""{name.title()}."""\n',
            "CHANGELOG.md": "# Changelog\n\n## [4.1.0] - 2026-01-01\n\n- All.\n",
        }
        add_repo(org, name, files)
        lock(org, name)
        tag(org, name, "v4.1.0")
        publish(org, name)
    change(org, "api", "fix: answer at once", **{"src/api/more.py": "MORE = True\n"})
    change(org, "server", "feat: serve", **{"src/server/more.py": "MORE = True\n"})


def test_packages_in_lockstep(bare: Org) -> None:
    add_in_step(bare)

    ran, before = set_out(bare, pins="lockstep")

    assert ran.result is not None
    new = {each["repo"]: each["new_version"] for each in ran.result["details"]}
    assert new == dict.fromkeys(("api", "client", "server"), "4.2.0")
    for repo, siblings in (("api", ()), ("client", ("api",)), ("server", ("api", "client"))):
        after = tree_of(bare.remote(repo), "v4.2.0")
        pins = tuple((f"{each}==4.1.0", f"{each}==4.2.0") for each in siblings)
        # Lock and changelog tell of all of them; what they say is proven where they are written.
        changelog = after["CHANGELOG.md"]
        assert changelog.endswith(before[repo]["CHANGELOG.md"].removeprefix("# Changelog\n\n"))
        assert changelog.startswith("# Changelog\n\n## [4.2.0] - 2026-02-25\n\n")
        same = {"CHANGELOG.md": changelog, "uv.lock": after["uv.lock"]}
        assert_changed(
            before[repo] | same,
            after,
            {"pyproject.toml": (('version = "4.1.0"', 'version = "4.2.0"'), *pins)},
        )
        assert (
            before[repo]["uv.lock"]
            .replace("4.1.0", "4.2.0")
            .replace('"../../index"', '"../../../../index"')
            == after["uv.lock"]
        )


# setup.py alone, a version of two numbers in development: the shape of Zope.

ZOPE_SETUP = """\
from setuptools import setup

version = '{version}'

setup(
    name='{name}',
    version=version,
    packages=['{package}'],
    package_dir={{'': 'src'}},
)
"""
ZOPE_NEWS = """\
=========
 Changes
=========

{next} (unreleased)
{under}

{told}


8.0 (2025-09-25)
================

- Replace ``pkg_resources``.
"""


def add_zope(org: Org, name: str, told: str) -> None:
    package = name.replace("-", "_")
    setup = ZOPE_SETUP.format(name=name, package=package, version="8.0")
    news = ZOPE_NEWS.format(next="8.1", under="=" * 16, told=told)
    old = f"=========\n Changes\n=========\n\n{news.partition(told)[2].lstrip()}"
    add_repo(org, name, {"setup.py": setup, f"src/{package}/__init__.py": "", "CHANGES.rst": old})
    tag(org, name, "8.0")
    publish(org, name)
    files = {"setup.py": setup.replace("'8.0'", "'8.1.dev0'"), "CHANGES.rst": news}
    change(org, name, "Back to development: 8.1", **files)
    change(org, name, "Let go of Python 3.9 (#12)", **{f"src/{package}/more.py": "MORE = 1\n"})


def test_setup_py_with_a_version_of_two_numbers(bare: Org) -> None:
    pack_backends(bare.index, "setuptools")
    add_zope(bare, "zope-a", "- Nothing changed yet.")
    add_zope(bare, "zope-b", "- Told by hand.")

    _, before = set_out(bare)

    for repo in bare.repos:
        after = tree_of(bare.remote(repo), "8.1")
        told = ("- Nothing changed yet.", "- Let go of Python 3.9 (#12)")
        dated = ("8.1 (unreleased)\n================", "8.1 (2026-02-25)\n================")
        news = (dated, told) if repo == "zope-a" else (dated,)
        edits: Edits = {"setup.py": (("8.1.dev0", "8.1"),), "CHANGES.rst": news}
        assert_changed(before[repo], after, edits)


# flit, a second place for the version beside the first, an annotation: the shape of Sphinx.


def test_flit_with_a_tuple_beside_the_version(bare: Org) -> None:
    pack_backends(bare.index, "flit-core")
    project = '[project]\nname = "doc"\ndynamic = ["version", "description"]\n'
    version = (
        '"""Documents."""\n\nfrom typing import Final\n\n'
        "__version__: Final = '8.2.3'\n__version_info__: Final = (8, 2, 3)\n"
    )
    entry = "Release 8.2.3 (released Mar 02, 2025)\n=====================================\n\n* X.\n"
    add_repo(
        bare,
        "doc",
        {"pyproject.toml": FLIT + project, "doc/__init__.py": version, "CHANGES.rst": entry},
    )
    tag(bare, "doc", "v8.2.3")
    publish(bare, "doc")
    waiting = "Release 8.3.0 (in development)\n==============================\n\n* #9: Y.\n\n"
    change(bare, "doc", "Draw tables (#9)", **{"CHANGES.rst": waiting + entry})

    _, before = set_out(bare)

    assert_changed(
        before["doc"],
        tree_of(bare.remote("doc"), "v8.3.0"),
        {
            "doc/__init__.py": (("'8.2.3'", "'8.3.0'"), ("(8, 2, 3)", "(8, 3, 0)")),
            "CHANGES.rst": (
                ("(in development)\n==============================", "(Feb 25, 2026)\n" + "=" * 28),
            ),
        },
    )


# setup.py that runs a file of the package, a back end of one's own, a mark of development.

OWN = """\
[build-system]
requires = ["setuptools"]
build-backend = "own"
backend-path = ["build_own"]
"""
ABOUT = """\
import os
from setuptools import setup

about = {}
here = os.path.abspath(os.path.dirname(__file__))
with open(os.path.join(here, "src", "ask", "__version__.py"), "r", encoding="utf-8") as file:
    exec(file.read(), about)

setup(
    name=about["__title__"],
    version=about["__version__"],
    packages=["ask"],
    package_dir={"": "src"},
)
"""
SPELLED = """\
parts = (1, 4, 0, "final", 0)


def spell(major, minor, micro, state, serial):
    assert state == "final"
    return f"{major}.{minor}.{micro}"


number = spell(*parts)
"""
HISTORY = "Release History\n===============\n\ndev\n---\n\n"
ASKED = "2.32.3 (2024-05-29)\n-------------------\n\n**Bugfixes**\n- Ask twice.\n"


def add_computed(org: Org) -> None:
    add_repo(
        org,
        "ask",
        {
            "setup.py": ABOUT,
            "src/ask/__init__.py": "",
            "src/ask/__version__.py": '__title__ = "ask"\n__version__ = "2.32.3"\n',
            "HISTORY.md": HISTORY + ASKED,
        },
    )
    tag(org, "ask", "v2.32.3")
    publish(org, "ask")
    change(org, "ask", "Ask once", **{"HISTORY.md": f"{HISTORY}- Ask once.\n\n{ASKED}"})
    add_repo(
        org,
        "pic",
        {
            "pyproject.toml": OWN,
            "MANIFEST.in": "graft build_own\n",
            "build_own/own.py": "from setuptools.build_meta import *\n",
            "setup.cfg": "[metadata]\nname = pic\nversion = attr: pic.__version__\n"
            "[options]\npackages = pic\n",
            "pic/__init__.py": "from . import _version\n\n__version__ = _version.number\n",
            "pic/_version.py": SPELLED,
        },
    )
    tag(org, "pic", "1.4.0")
    publish(org, "pic")
    change(org, "pic", "feat: draw", **{"pic/draw.py": "DRAW = 1\n"})


def test_versions_that_are_computed(bare: Org) -> None:
    pack_backends(bare.index, "setuptools")
    add_computed(bare)

    _, before = set_out(bare)

    entry = "2.32.4 (2026-02-25)\n-------------------\n\n- Ask once.\n\n### Changed\n\n- Ask once\n"
    assert_changed(
        before["ask"],
        tree_of(bare.remote("ask"), "v2.32.4"),
        {
            "src/ask/__version__.py": (("2.32.3", "2.32.4"),),
            "HISTORY.md": (("- Ask once.\n", entry),),
        },
    )
    after = tree_of(bare.remote("pic"), "1.5.0")
    assert after.pop("CHANGELOG.md").count("## [1.5.0] - 2026-02-25") == 1
    assert_changed(before["pic"], after, {"pic/_version.py": (("(1, 4, 0, ", "(1, 5, 0, "),)})


# Release notes deep in the documentation, under "Latest Changes"; `+dev` after a release.


def test_release_notes_in_the_documentation(bare: Org) -> None:
    pack_backends(bare.index, "setuptools")
    system = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
    )
    project = '[project]\nname = "fast"\ndynamic = ["version"]\n\n'
    where = '[tool.setuptools]\npackages = ["fast"]\n\n[tool.setuptools.dynamic]\n'
    attr = 'version = {attr = "fast.__version__"}\n'
    head, old = "# Release Notes\n\n## Latest Changes\n\n", "## 0.115.8\n\n* Old.\n"
    notes = "docs/en/docs/release-notes.md"
    files = {
        "pyproject.toml": f"{system}{project}{where}{attr}",
        "fast/__init__.py": '__version__ = "0.115.8"\n',
        notes: head + old,
    }
    add_repo(bare, "fast", files)
    tag(bare, "fast", "0.115.8")
    publish(bare, "fast")
    marked = '__version__ = "0.115.8+dev"\n'
    change(bare, "fast", "Mark development", **{"fast/__init__.py": marked})
    change(bare, "fast", "feat: be fast (#3)", **{notes: f"{head}* Faster.\n\n{old}"})

    _, before = set_out(bare, changelog={"unreleased": "as_is"})

    assert_changed(
        before["fast"],
        tree_of(bare.remote("fast"), "0.116.0"),
        {
            "fast/__init__.py": (("0.115.8+dev", "0.116.0"),),
            notes: (("* Faster.", "## 0.116.0\n\n* Faster."),),
        },
    )
