"""Requirements in setup.cfg, setup.py and files that a build reads: the shapes of organisations.

From clones that nobody has configured to a released train; what is not named here is as it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.backends import pack_backends
from support.cli import run_cli
from support.endings import Died, before_phase, break_phase, release, resume
from support.gitrepo import git, land, tree_of
from support.repos import add_repo, configure
from support.trains import assert_changed, change, make_bare, publish, set_out, tag
from support.unconfigured import written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


@pytest.fixture
def bare(tmp_path: Path) -> Org:
    org = make_bare(tmp_path / "org")
    pack_backends(org.index, "setuptools")
    return org


def add(
    org: Org, name: str, files: Mapping[str, str], *, last: str, publishes: bool = True
) -> None:
    """A repository with a release, and a fix since."""
    module = name.replace("-", "_")
    add_repo(org, name, {f"src/{module}/__init__.py": "", **files})
    tag(org, name, last)
    if publishes:
        publish(org, name)
    change(org, name, "fix: a fault", **{f"src/{module}/more.py": "MORE = 1\n"})


def edges_of(org: Org) -> set[tuple[str, ...]]:
    ran = run_cli(org, "graph", "--json")
    assert ran.code == 0, ran.err
    return {
        (each["repo"], each["needs"], each["kind"], f"{each['file']}:{each['line']}")
        for each in json.loads(ran.out)["edges"]
    }


# Everything in setup.cfg, and a pyproject.toml for the build alone: the shape of plugins of pytest.

BUILD = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
CFG = """\
[metadata]
name = {name}
version = {version}

[options]
packages = find:
package_dir =
    =src
python_requires = >=3.8
{options}
[options.packages.find]
where = src

[flake8]
# {name}>=1 is no requirement here
max-line-length = 100
"""
HOOKS = CFG.format(name="pytest-hooks", version="1.2.0", options="")
RETRY = CFG.format(
    name="pytest-retry",
    version="0.9.1",
    options="install_requires =\n    # the oldest one\n    pytest-hooks>=1.2.0  # run them\n\n"
    "[options.extras_require]\ntesting = pytest_hooks[x]>=1.2.0; attrs\n",
)


def add_plugins(org: Org) -> None:
    add(org, "pytest-hooks", {"pyproject.toml": BUILD, "setup.cfg": HOOKS}, last="v1.2.0")
    add(org, "pytest-retry", {"pyproject.toml": BUILD, "setup.cfg": RETRY}, last="v0.9.1")


def test_setup_cfg_orders_and_is_raised(bare: Org) -> None:
    add_plugins(bare)

    ran, before = set_out(bare)

    assert "pytest-retry  2" in ran.out
    assert written(bare)["pins"] == "raise"
    assert edges_of(bare) == {
        ("pytest-retry", "pytest-hooks", "run", "setup.cfg:12"),
        ("pytest-retry", "pytest-hooks", "extra", "setup.cfg:15"),
    }
    after = tree_of(bare.remote("pytest-retry"), "v0.9.2")
    assert "- Pin pytest-hooks>=1.2.1" in after.pop("CHANGELOG.md")
    raised = (
        ("    pytest-hooks>=1.2.0  #", "    pytest-hooks>=1.2.1  #"),
        ("pytest_hooks[x]>=1.2.0;", "pytest_hooks[x]>=1.2.1;"),
        ("version = 0.9.1", "version = 0.9.2"),
    )
    assert_changed(before["pytest-retry"], after, {"setup.cfg": raised})


def test_setup_cfg_is_pinned_exactly(bare: Org) -> None:
    add_plugins(bare)

    _, before = set_out(bare, pins="exact")

    after = tree_of(bare.remote("pytest-retry"), "v0.9.2")
    del after["CHANGELOG.md"]
    pinned = (
        ("    pytest-hooks>=1.2.0  #", "    pytest-hooks==1.2.1  #"),
        ("pytest_hooks[x]>=1.2.0;", "pytest_hooks[x]==1.2.1;"),
        ("version = 0.9.1", "version = 0.9.2"),
    )
    assert_changed(before["pytest-retry"], after, {"setup.cfg": pinned})


# setup.py with lists in it, and versions of two numbers: the shape of Zope.

ZOPE = """\
import os
from setuptools import find_packages, setup

TESTS = ['zope.events', 'coverage']

setup(
    name='{name}',
    version='{version}',
    packages=find_packages('src'),
    package_dir={{'': 'src'}},
    keywords=['zope.events', 'zope'],
    install_requires={needs},
    extras_require={{'test': TESTS, 'docs': ['Sphinx']}},
)
"""


def add_zope(org: Org, needs: str, *, publishes: bool = True) -> None:
    events = ZOPE.format(name="zope.events", version="1.0", needs=[])
    add(org, "zope.events", {"setup.py": events}, last="1.0")
    schema = ZOPE.format(name="zope.schema", version="2.4", needs=needs)
    add(org, "zope.schema", {"setup.py": schema}, last="2.4", publishes=publishes)


def test_setup_py_orders_and_is_kept(bare: Org) -> None:
    add_zope(bare, "[\n        'setuptools',\n        'zope.events >= 1.0',\n    ]")

    ran, before = set_out(bare)

    assert "zope.schema  2" in ran.out
    assert written(bare)["pins"] == "keep"
    assert edges_of(bare) == {
        ("zope.schema", "zope.events", "run", "setup.py:14"),
        ("zope.schema", "zope.events", "extra", "setup.py:4"),
    }
    after = tree_of(bare.remote("zope.schema"), "2.4.1")
    del after["CHANGELOG.md"]
    assert_changed(before["zope.schema"], after, {"setup.py": (("'2.4'", "'2.4.1'"),)})


@pytest.mark.parametrize(
    ("needs", "pins", "says"),
    [
        (
            "['zope.events<1.0.1']",
            "keep",
            "schema/setup.py, install_requires: 'zope.events<1.0.1' does not admit zope-events",
        ),
        (
            "['zope.events>=1.0']",
            "exact",
            "setup.py, line 12, install_requires: 'zope.events>=1.0' cannot be pinned: setup.py is",
        ),
        ("['zope.events>=1.0']", "raise", "cannot be pinned: setup.py is a program"),
    ],
    ids=["bound", "exact", "raise"],
)
def test_what_setup_py_cannot_promise_is_refused(
    bare: Org, needs: str, pins: str, says: str
) -> None:
    add_zope(bare, needs, publishes=False)
    assert run_cli(bare, "init").code == 0
    configure(bare, local={"checks": [], "index_only": True}, pins=pins, pins_of={})

    ran = run_cli(bare, "--dry-run")

    assert says in ran.out


# A setup.py that computes: what it requires, its build says.


@pytest.mark.parametrize(
    ("needs", "released"),
    [
        ("['zope.events>=%s' % '1.0']", True),
        ("['zope.{}>={}'.format(each, '1.0') for each in ['events']]", True),
        ("['zope.events<' + '1.0.1']", False),
    ],
    ids=["admits", "list", "bound"],
)
def test_what_is_made_by_formatting_is_judged_by_the_build(
    bare: Org, needs: str, *, released: bool
) -> None:
    add_zope(bare, needs, publishes=False)
    assert run_cli(bare, "init").code == 0
    configure(bare, local={"checks": [], "index_only": True}, hooks="none", verify="off")

    dry = run_cli(bare, "--dry-run")
    ran = release(bare)
    configure(bare, rehearse=False)
    alone = run_cli(bare, "--dry-run")

    assert "zope.schema: setup.py computes install_requires" in dry.out
    assert (dry.code, ran.code) == (0, 0 if released else 1)
    assert released or "its build says that it requires 'zope.events<1.0.1', which" in ran.err
    assert ("cannot be read and has to admit zope-events" in alone.out) is not released


def test_what_a_build_requires_is_known_before_the_gate(bare: Org) -> None:
    computed = "__import__('json').load(open('needs.json'))"
    add_zope(bare, computed, publishes=False)
    more = {"MANIFEST.in": "include needs.json\n", "needs.json": '["zope.events<1.0.1"]\n'}
    change(bare, "zope.schema", "fix: needs", **more)
    assert run_cli(bare, "init").code == 0
    configure(bare, local={"checks": [], "index_only": True})

    dry = run_cli(bare, "--dry-run")
    ran = release(bare)

    assert dry.code == 0, dry.err
    assert "zope.schema: setup.py computes install_requires (line 12)" in dry.out
    assert ran.code == 1
    assert "its build says that it requires 'zope.events<1.0.1', which does not admit" in ran.err


def test_a_file_that_setup_py_reads_counts(bare: Org) -> None:
    add_zope(bare, "open('requirements.txt').read().splitlines()", publishes=False)
    needs = {"MANIFEST.in": "include *.txt\n", "requirements.txt": "# run\nzope.events>=1.0\n"}
    change(bare, "zope.schema", "fix: needs", **needs)
    publish(bare, "zope.schema")

    _, before = set_out(bare)

    assert ("zope.schema", "zope.events", "build", "requirements.txt:2") in edges_of(bare)
    after = tree_of(bare.remote("zope.schema"), "2.4.1")
    assert after["requirements.txt"] == before["zope.schema"]["requirements.txt"]


# Metadata in setup.cfg, requirements in setup.py for GitHub to see: the shape of Pallets in 2020.

PALLETS_CFG = """\
[metadata]
name = {name}
version = attr: {module}.__version__

[options]
packages = find:
package_dir = = src
# Dependencies are in setup.py for GitHub's dependency graph.

[options.packages.find]
where = src
"""


FLAGON = """\
from setuptools import setup

# Metadata goes in setup.cfg.
setup(
    name="Flagon",
    install_requires=["Werk>=0.15", "click>=5.1"],
    extras_require={"dotenv": ["python-dotenv"]},
)
"""


def add_pallets(org: Org) -> None:
    werk = "from setuptools import setup\n\nsetup(name='Werk')\n"
    for name, last, setup in (("Werk", "1.0.1", werk), ("Flagon", "1.1.2", FLAGON)):
        module = name.lower()
        files = {
            "setup.cfg": PALLETS_CFG.format(name=name, module=module),
            "setup.py": setup,
            f"src/{module}/__init__.py": f'__version__ = "{last}"\n',
        }
        add_repo(org, name, files)
        tag(org, name, last)
        change(org, name, "fix: a fault", **{f"src/{module}/more.py": "MORE = 1\n"})


# Tags for versions and requirements of tests beside: the shape of jaraco.


JARACO = """\
[metadata]
name = {name}
[options]
py_modules = m
"""
JARACO_NEEDS = """\
install_requires =
\tjaraco.text >= 3.0

[options.extras_require]
testing =
\t# upstream
\tpytest >= 6

\t# local
\tjaraco.text == 3.0.0
"""


def add_jaraco(org: Org) -> None:
    build = '[build-system]\nrequires = ["setuptools>=56", "setuptools_scm[toml]>=3.4.1"]\n'
    scm = f'{build}build-backend = "setuptools.build_meta"\n\n[tool.setuptools_scm]\n'
    for name, needs in (("jaraco.text", ""), ("jaraco.config", JARACO_NEEDS)):
        cfg = JARACO.format(name=name) + needs
        add_repo(org, name, {"pyproject.toml": scm, "setup.cfg": cfg, "m.py": ""})
        tag(org, name, "v3.0.0")
        change(org, name, "feat: more", **{"n.py": ""})


# setup.py in folders, which take their name and version from elsewhere: the shape of Azure's SDK.

AZURE = """\
import os, re
from setuptools import setup

PACKAGE_NAME = "{name}"
package_folder_path = PACKAGE_NAME.replace("-", "/")
with open(os.path.join(package_folder_path, "_version.py"), "r") as fd:
    version = re.search(r'^VERSION = "(.*)"', fd.read(), re.M).group(1)

setup(name=PACKAGE_NAME, version=version, install_requires={needs})
"""


def add_azure(org: Org) -> None:
    files = {"README.md": "SDK\n", "pyproject.toml": "[tool.black]\nline-length = 120\n"}
    for name, needs in (("azure-core", []), ("azure-blob", ["azure-core<2.0.0,>=1.2.0"])):
        folder, module = f"sdk/{name}/{name}", name.replace("-", "/")
        files[f"{folder}/setup.py"] = AZURE.format(name=name, needs=needs)
        files[f"{folder}/{module}/_version.py"] = 'VERSION = "1.2.0"\n'
        files[f"{folder}/tests/setup.py"] = "setup(name='of-tests')\n"
    add_repo(org, "sdk", files)
    for name in ("azure-core", "azure-blob"):
        tag(org, "sdk", f"{name}_1.2.0")
        change(org, "sdk", "fix: a fault", **{f"sdk/{name}/{name}/more.py": "MORE = 1\n"})


# Requirements in a file that a tool of the organisation knows: the shape of OpenStack.


def add_openstack(org: Org) -> None:
    for name, needs in (("oslo.i18n", ""), ("oslo.log", "# comment\noslo.i18n>=3.1.0 # Apache\n")):
        files = {
            "setup.cfg": f"[metadata]\nname = {name}\n[files]\npackages =\n    oslo\n",
            "setup.py": "import setuptools\n\nsetuptools.setup(setup_requires=['pbr'], pbr=True)\n",
            "requirements.txt": needs,
        }
        add_repo(org, name, files)
        tag(org, name, "3.1.0")
        change(org, name, "fix: a fault", **{"oslo/more.py": ""})


# Dependencies that pyproject.toml takes from a file, one of which a program makes.


def add_dynamic(org: Org, name: str) -> None:
    project = '[project]\nname = "{}"\nversion = "0.3.0"\n'
    modules = "\n[tool.setuptools]\npy-modules = []\n"
    path = {"app": "needs.txt", "lock": "locked.txt"}[name]
    made = "# This file was autogenerated by uv via the following command:\nlib==0.3.0\n"
    text = made if name == "lock" else "lib ~= 0.3.0  # a range\n"
    table = f'[tool.setuptools.dynamic]\ndependencies = {{file = ["{path}"]}}\n'
    dynamic = f'{BUILD}{project.format(name)}dynamic = ["dependencies"]\n{modules}{table}'
    add_repo(org, "lib", {"pyproject.toml": f"{BUILD}{project.format('lib')}{modules}"})
    add_repo(org, name, {"pyproject.toml": dynamic, path: text})
    for each in ("lib", name):
        tag(org, each, "v0.3.0")
        change(org, each, "fix: a fault", **{"more.md": ""})


def init_and_plan(org: Org) -> dict[str, str]:
    """What becomes of each package; the rules of ``pins`` are those that ``init`` found."""
    made = run_cli(org, "init")
    assert made.code == 0, made.err
    ran = run_cli(org, "--dry-run")
    assert ran.code == 0, ran.err
    assert ran.result is not None
    return {
        each["repo"]: each["new_version"] or each["error_code"] for each in ran.result["details"]
    }


def test_pallets(bare: Org) -> None:
    add_pallets(bare)

    assert init_and_plan(bare) == {"Werk": "1.0.2", "Flagon": "1.1.3"}
    assert edges_of(bare) == {("Flagon", "Werk", "run", "setup.py:6")}
    assert written(bare)["pins"] == "keep"


def test_jaraco(bare: Org) -> None:
    pack_backends(bare.index, "setuptools-scm")
    add_jaraco(bare)

    ran, before = set_out(bare)

    assert "jaraco-text >= 3.0 and == 3.0.0 → >= 3.1.0 and == 3.1.0" in ran.out
    assert written(bare)["pins"] == "raise"
    assert edges_of(bare) == {
        ("jaraco.config", "jaraco.text", "run", "setup.cfg:6"),
        ("jaraco.config", "jaraco.text", "extra", "setup.cfg:14"),
    }
    after = tree_of(bare.remote("jaraco.config"), "v3.1.0")
    del after["CHANGELOG.md"]
    raised = (("text >= 3.0\n", "text >= 3.1.0\n"), ("text == 3.0.0\n", "text == 3.1.0\n"))
    assert_changed(before["jaraco.config"], after, {"setup.cfg": raised})


def test_azure(bare: Org) -> None:
    add_azure(bare)

    ran, before = set_out(bare)

    assert ran.result is not None
    assert written(bare)["packages"] == {
        "azure-blob": {"repository": "sdk", "path": "sdk/azure-blob/azure-blob"},
        "azure-core": {"repository": "sdk", "path": "sdk/azure-core/azure-core"},
    }
    assert edges_of(bare) == {("azure-blob", "azure-core", "run", "setup.py:9")}
    after = tree_of(bare.remote("sdk"), "azure-blob_1.2.1")
    for name in ("azure-blob", "azure-core"):
        del after[f"sdk/{name}/{name}/CHANGELOG.md"]
    places = (
        f"sdk/azure-{each}/azure-{each}/azure/{each}/_version.py" for each in ("core", "blob")
    )
    assert_changed(before["sdk"], after, dict.fromkeys(places, (("1.2.0", "1.2.1"),)))


def test_openstack(bare: Org) -> None:
    add_openstack(bare)

    assert init_and_plan(bare) == {"oslo.i18n": "3.1.1", "oslo.log": "3.1.1"}
    assert edges_of(bare) == {("oslo.log", "oslo.i18n", "run", "requirements.txt:2")}
    assert "oslo.log: oslo-i18n >=3.1.0 → >=3.1.1" in run_cli(bare, "--dry-run").out


def test_a_list_that_pyproject_toml_names_is_raised(bare: Org) -> None:
    add_dynamic(bare, "app")

    _, before = set_out(bare)

    assert edges_of(bare) == {("app", "lib", "run", "needs.txt:1")}
    after = tree_of(bare.remote("app"), "v0.3.1")
    del after["CHANGELOG.md"]
    version = (('version = "0.3.0"', 'version = "0.3.1"'),)
    needs = (("lib ~= 0.3.0  # a range", "lib ~= 0.3.1  # a range"),)
    assert_changed(before["app"], after, {"pyproject.toml": version, "needs.txt": needs})


def test_a_list_that_a_program_makes_is_kept(bare: Org) -> None:
    add_dynamic(bare, "lock")

    init_and_plan(bare)

    assert written(bare)["pins"] == "keep"
    assert edges_of(bare) == {("lock", "lib", "run", "locked.txt:2")}
    refused = run_cli(bare, "--dry-run").out
    assert "PIN_CONFLICT lock: lock/locked.txt, dependencies: 'lib==0.3.0' does not" in refused


# What a killed run finds again, what comes late, and what lies too deep.


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_run_that_dies_at_pin_goes_on(bare: Org, after_effect: bool) -> None:  # noqa: FBT001
    add_plugins(bare)
    assert run_cli(bare, "init").code == 0
    configure(bare, local={"checks": [], "index_only": True}, rehearse=False, verify="off")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PIN, after_effect=after_effect, error=Died(), repo="pytest-retry")
        with pytest.raises(Died):
            release(bare)

    ran = resume(bare)

    assert ran.code == 0, ran.err
    text = tree_of(bare.remote("pytest-retry"), "v0.9.2")["setup.cfg"]
    assert "    pytest-hooks>=1.2.1  # run them\n" in text


def test_a_late_requirement_in_setup_cfg_is_planned_anew(
    bare: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_plugins(bare)
    alone = CFG.format(name="pytest-retry", version="0.9.1", options="")
    change(bare, "pytest-retry", "chore: no hooks", **{"setup.cfg": alone})
    assert run_cli(bare, "init").code == 0
    configure(bare, local={"checks": [], "index_only": True}, rehearse=False, verify="off")
    remote = bare.remote("pytest-retry")
    before_phase(
        monkeypatch,
        Phase.MERGE,
        lambda: land(remote, "setup.cfg", RETRY, "fix: use hooks"),
        repo="pytest-retry",
    )

    ran = release(bare)

    assert ran.code == 3
    words = "'pytest-hooks>=1.2.0' in options.install_requires of setup.cfg, which the plan has not"
    assert words in ran.err


def test_packages_that_lie_too_deep_are_named(bare: Org) -> None:
    deep = "a/b/c/d/deep"
    add_repo(bare, "sdk", {"README": "", f"{deep}/setup.py": "from setuptools import setup\n"})

    ran = run_cli(bare, "init")

    assert ran.code == 2
    assert f"found none; sdk has one in {deep}" in ran.err
    assert f"write packages: {{NAME: {{repository: sdk, path: {deep}}}}} into" in ran.err


def test_commands_and_pins_in_setup_cfg_go_together(bare: Org) -> None:
    add_plugins(bare)
    assert run_cli(bare, "init").code == 0
    command = ["python3", "-c", "open('made.txt', 'w').write('made\\n')"]
    local = {"checks": [], "index_only": True}
    after = {"pytest-retry": [command]}
    configure(bare, local=local, rehearse=False, verify="off", after_bump=after)

    ran = release(bare)

    assert ran.code == 0, ran.err
    tree = tree_of(bare.remote("pytest-retry"), "v0.9.2")
    assert tree["made.txt"] == "made\n"
    assert "    pytest-hooks>=1.2.1  # run them\n" in tree["setup.cfg"]


# Files that cannot be read as they are meant.


def say_needs_in(org: Org, file: str) -> None:
    """App takes its dependencies from another file, which is not there yet."""
    add_dynamic(org, "app")
    manifest = tree_of(org.remote("app"), "main")["pyproject.toml"]
    change(org, "app", "build: needs", **{"pyproject.toml": manifest.replace("needs.txt", file)})
    assert run_cli(org, "init").code == 0


@pytest.mark.parametrize(
    ("link", "target", "file"),
    [("list.txt", "needs.txt", "list.txt"), ("deep", "needs", "deep/needs.txt")],
)
def test_a_list_behind_a_link_is_named(bare: Org, link: str, target: str, file: str) -> None:
    say_needs_in(bare, file)
    change(bare, "app", "build: a list", **{"needs/needs.txt": "lib>=0.3\n"})
    clone = bare.clone("app")
    (clone / link).symlink_to(target)
    git(clone, "add", link)
    git(clone, "commit", "--quiet", "--message", "build: a link")
    git(clone, "push", "--quiet", "origin", "main")

    ran = run_cli(bare, "--dry-run")

    said = f"{link} is a symbolic link to {target}, and a release goes by {file}"
    assert (
        f"SCAN_FAILED app: expected files of app that stand by themselves, found that {said}"
        in (ran.out)
    )


def test_a_list_that_is_no_text_is_refused_in_the_plan(bare: Org) -> None:
    say_needs_in(bare, "list.txt")
    clone = bare.clone("app")
    (clone / "list.txt").write_text("lib>=0.3\n", encoding="utf-16")
    git(clone, "add", "list.txt")
    git(clone, "commit", "--quiet", "--message", "build: a list")
    git(clone, "push", "--quiet", "origin", "main")

    ran = run_cli(bare, "--dry-run")

    assert f"SCAN_FAILED app: list.txt of {clone} is not UTF-8 at byte 0." in ran.out
    assert run_cli(bare, "lib", "--dry-run").code == 0
