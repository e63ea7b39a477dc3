"""incremental, which Twisted and its kin take their versions from."""

from __future__ import annotations

import pytest

from omninode_release.errors import ReleaseError
from omninode_release.text.holders.registry import write_held
from omninode_release.text.manifests.manifest import MANIFEST, read_manifest

_PROJECT = '[project]\nname = "Ab"\ndynamic = ["version"]\n'
_HATCH = f'{_PROJECT}[tool.hatch.version]\nsource = "incremental"\n[build-system]\n\
requires = ["hatchling", "incremental"]\nbuild-backend = "hatchling.build"\n'
_TABLE = f'{_PROJECT}[build-system]\nrequires = ["setuptools", "incremental>=24"]\n\
[tool.incremental]\npath = "lib/ab"\n'
_SETUP = "setup(name='ab', use_incremental=True, setup_requires=['incremental'])\n"
_TEXT = 'from incremental import Version\n\n__version__ = Version("Ab", 25, 5, 0)\n'


@pytest.mark.parametrize(
    ("manifest", "setup", "path"),
    [
        (_HATCH, None, "src/ab/_version.py"),
        (_TABLE, None, "lib/ab/_version.py"),
        ("", _SETUP, "ab/_version.py"),
    ],
)
def test_only_the_numbers_change(manifest: str, setup: str | None, path: str) -> None:
    files = {path: _TEXT, **({"setup.py": setup} if setup else {})}
    found = read_manifest(manifest, where=MANIFEST, read=files.get)

    assert (found.held.path, str(found.version)) == (path, "25.5.0")
    after = write_held(found.held, _TEXT, "25.6.0", where=path)
    assert after == _TEXT.replace("25, 5, 0", "25, 6, 0")


def test_a_candidate_is_refused() -> None:
    text = _TEXT.replace("0)", "0, release_candidate=1)")

    with pytest.raises(ReleaseError, match="for incremental"):
        read_manifest(_HATCH, where=MANIFEST, read={"src/ab/_version.py": text}.get)
