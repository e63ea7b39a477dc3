"""incremental: the numbers of ``Version(…)`` in _version.py (github.com/twisted/incremental)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.expressions import read_argument
from omninode_release.text.holders.ports import as_path
from omninode_release.text.holders.setuptools import find_name

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Held, Source

_TABLE = ("tool", "incremental")


def find(source: Source) -> Held | None:
    """The call that incremental reads, in the folder of the package."""
    by_hatch = source.at("tool", "hatch", "version", "source") == "incremental"
    by_table = "incremental" in source.build_requirements and source.at(*_TABLE) is not None
    by_setup = read_argument(source.read("setup.py"), "use_incremental") == "True"
    if not (source.is_dynamic and (by_hatch or by_table)) and not by_setup:
        return None
    said = source.at(*_TABLE, "name") or source.at("project", "name") or find_name(source)
    name = str(said or "").lower()
    folders = (as_path(source.at(*_TABLE, "path")), f"src/{name}", name)
    paths = [f"{each.strip('/')}/_version.py" for each in folders if each]
    path = next((each for each in paths if source.read(each) is not None), paths[0])
    return source.read_dunder_version(path, f"in {path}, for incremental")
