"""Python files that hold the version beside ``__init__.py``."""

from __future__ import annotations

from omninode_release.text.further_files import find_further_files, is_further_candidate
from support.repos import manifest

OURS = '__version__ = "1.0.0"\n'


def test_a_file_of_the_package_that_holds_its_version_is_found() -> None:
    texts = {
        "src/beta/_version.py": OURS,
        "beta/version.py": "__version__: str = '1.0.0'  # mine\n",
        "src/beta/__about__.py": '__version__ = "0.9.0"\n',
        "src/beta/__version__.py": "__version__ = read()\n",
        "tests/version.py": OURS,
    }

    found = find_further_files(manifest("beta"), "beta", texts, "1.0.0")

    assert list(found) == ["beta/version.py", "src/beta/_version.py"]
    assert list(find_further_files("[", "beta", texts, "1.0.0")) == []


def test_only_usual_names_are_looked_at() -> None:
    assert is_further_candidate("src/beta/_version.py")
    assert not is_further_candidate("_version.py")
    assert not is_further_candidate("src/beta/my_version.py")
