"""Attributes of modules that an expression makes, as packages on the index have them."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.holders.registry import write_held
from omninode_release.text.manifests.manifest import MANIFEST, read_manifest

_ATTR = (
    '[project]\nname = "a"\ndynamic = ["version"]\n'
    '[tool.setuptools.dynamic]\nversion = {attr = "a.__version__"}\n'
)
_FLIT = (
    '[project]\nname = "a"\ndynamic = ["version"]\n[build-system]\nrequires = ["flit_core"]\n'
    'build-backend = "flit_core.buildapi"\n'
)
_HATCH = (
    '[project]\nname = "a"\ndynamic = ["version"]\n[build-system]\nrequires = ["hatchling"]\n'
    'build-backend = "hatchling.build"\n'
    '[tool.hatch.version]\nsource = "code"\npath = "a/__init__.py"\n'
)

# The module, with @ for the version as it stands there, and what stands between its numbers.
_MODULES = {
    "joined": ("info = ('@')\n__version__ = '.'.join(info)\n", "', '"),
    "formatted": ("info = (@)\n__version__ = '%s.%s.%s' % info\n", ", "),
    "a format": ("info = (@)\n__version__ = '{}.{}.{}'.format(*info)\n", ", "),
    "two names": ("OF_A = '@'\n__version__ = OF_A\n", "."),
    "given to a function": (
        "info = (@, 'final', 0)\n\n\ndef spell(parts): ...\n\n\n__version__ = spell(info)\n",
        ", ",
    ),
    "given to a function in parts": (
        'info = (@, "final", 0)\n_dev = 0\n__version__ = _make(\n    *info,\n    _dev,\n)\n',
        ", ",
    ),
    "a value with a method": (
        "info = Version(@, 'final')\n__version__ = info._spell()\n",
        ", ",
    ),
    "a value with a property": (
        "info = version_info(@, 'final', 1)\n__date__ = 'May 2026'\n__version__ = info.text\n",
        ", ",
    ),
    "no version first": ("__version__ = VERSION = '@'\nname = 'a'\n", "."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "between"), _MODULES.values(), ids=_MODULES)
@pytest.mark.parametrize("manifest", [_ATTR, _FLIT, _HATCH], ids=["attr", "flit", "hatch"])
def test_an_expression_leads_to_the_version_it_names(
    manifest: str, text: str, between: str
) -> None:
    files = {"a/__init__.py": text.replace("@", between.join("123"))}
    found = read_manifest(manifest, where=MANIFEST, read=files.get)

    after = write_held(found.held, files["a/__init__.py"], "1.3.0", where="a/__init__.py")

    assert str(found.version) == "1.2.3"
    assert after == text.replace("@", between.join("130"))


def test_a_name_is_followed_through_imports() -> None:
    files = {
        "a/__init__.py": "from .c import name\nfrom .c import version\n__version__ = version\n",
        "a/c.py": 'name = "A"\nversion = "1.2.3"\n',
    }

    assert read_manifest(_ATTR, where=MANIFEST, read=files.get).held.path == "a/c.py"


@pytest.mark.parametrize(
    "text",
    [
        "__version__ = metadata.version('a')\n",
        "OLD = '1.2.2'\nNEW = '1.2.3'\n__version__ = OLD if x else NEW\n",
        "MAJOR = 1\nMINOR = 2\n__version__ = f'{MAJOR}.{MINOR}'\n",
        "info = (1, 2, 3)\ninfo = (*info, 4)\n__version__ = spell(info)\n",
        "__version__ = other\nother = __version__\n",
        "name = 'unknown'\n__version__ = name\n",
        "__version__ = Version('a', 1, 2, 3, dev=0)\n",
    ],
)
def test_an_expression_that_names_no_one_version_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError) as raised:
        read_manifest(_ATTR, where=MANIFEST, read={"a/__init__.py": text}.get)

    assert raised.value.code is ErrorCode.VERSION_INVALID
    assert 'take "version" out of dynamic' in str(raised.value.hint)


def test_without_a_project_the_hint_is_for_setup_cfg() -> None:
    files = {"setup.cfg": "[metadata]\nname = a\nversion = attr: a.v\n", "a.py": "v = f()\n"}

    with pytest.raises(ReleaseError) as raised:
        read_manifest("", where=MANIFEST, read=files.get)

    assert str(raised.value.hint).startswith("write version = X.Y.Z into [metadata] of setup.cfg")
