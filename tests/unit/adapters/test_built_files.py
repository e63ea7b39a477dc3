"""The distribution and the version that the name of a built file says."""

import pytest
from packaging.version import Version

from omninode_release.adapters.built_files import read_built_name


@pytest.mark.parametrize("name", ["the_alpha-1.2.0-py3-none-any.whl", "the_alpha-1.2.0.tar.gz"])
def test_a_wheel_and_a_source_distribution_say_both(name: str) -> None:
    assert read_built_name(name) == ("the-alpha", Version("1.2.0"))


@pytest.mark.parametrize(
    "name", ["alpha-1.2.0.egg", "alpha.whl", "README.md", f"alpha-1.{'9' * 5000}.tar.gz"]
)
def test_other_names_say_nothing(name: str) -> None:
    assert read_built_name(name) is None
