"""Where tags decide the version: what asks for it, and the literals that go before them."""

from __future__ import annotations

import pytest

from omninode_release.text.manifests.manifest import MANIFEST, Manifest, read_manifest

_SCM = '[build-system]\nrequires = ["setuptools", "setuptools_scm[toml]>=3.4"]\n'
_TABLE = f"{_SCM}[tool.setuptools_scm]\n"
_ASKS = "setup(name='a', use_scm_version={'write_to': 'a/_version.py'})\n"
_BY_NAME = "setup(name='a', use_scm_version=conf, setup_requires=x + ['setuptools_scm'])\n"
_OPTIONAL = (
    "try:\n    import setuptools_scm\n    args = {'use_scm_version': True}\n"
    "except ImportError:\n    args = {}\nsetup(name='a', **args)\n"
)
_OPEN = '[project]\nname = "a"\ndynamic = ["version"]\n[build-system]\n'
_FLIT_SCM = f'{_OPEN}requires = ["flit_scm"]\nbuild-backend = "flit_scm:buildapi"\n'
_SCIKIT_BUILD = (
    f'{_OPEN}requires = ["scikit-build-core>=1", "setuptools-scm"]\n'
    'build-backend = "scikit_build_core.build"\n[[tool.dynamic-metadata]]\nfield = "version"\n'
    'provider = "scikit_build_core.metadata.setuptools_scm"\n'
)


def _read(manifest: str, files: dict[str, str]) -> Manifest:
    return read_manifest(manifest, where=MANIFEST, read=files.get)


@pytest.mark.parametrize(
    ("manifest", "files", "tool"),
    [
        (_SCM, {"setup.py": _ASKS}, "setuptools-scm"),
        ("", {"setup.py": _BY_NAME}, "setuptools-scm"),
        ("", {"setup.py": _ASKS, "setup.cfg": "[options]\nsetup_requires =\n    setuptools_scm\n"},
         "setuptools-scm"),
        ("", {"setup.py": "setup(name='a', version=versioneer.get_version())\n"}, "versioneer"),
        ('[build-system]\nrequires = []\nbuild-backend = "pbr.build"\nbackend-path = ["."]\n',
         {"setup.cfg": "[metadata]\nname = a\n"}, "pbr"),
        (_FLIT_SCM, {}, "flit-scm"),
        (_SCIKIT_BUILD, {}, "setuptools-scm"),
    ],
)  # fmt: skip
def test_tags_alone_decide(manifest: str, files: dict[str, str], tool: str) -> None:
    assert _read(manifest, files).held.tool == tool


@pytest.mark.parametrize(
    ("manifest", "files", "path"),
    [
        (_TABLE, {"setup.cfg": "[metadata]\nname = a\nversion = 1.2.3\n"}, "setup.cfg"),
        (_TABLE, {"setup.py": "setup(name='a', version='1.2.3')\n"}, "setup.py"),
        (_SCM, {"setup.py": _ASKS, "setup.cfg": "[metadata]\nversion = 1.2.3\n"}, "setup.cfg"),
        # What it asks for where it can import setuptools-scm, which nothing requires.
        ("", {"setup.py": _OPTIONAL, "setup.cfg": "[metadata]\nversion = attr: a.version\n",
              "a.py": "version = '1.2.3'\n"}, "a.py"),
    ],
)  # fmt: skip
def test_a_literal_goes_before_tags(manifest: str, files: dict[str, str], path: str) -> None:
    assert _read(manifest, files).held.path == path
