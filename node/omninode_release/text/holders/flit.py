"""flit: ``__version__`` of the module (flit.pypa.io, "The pyproject.toml config file")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.holders.attributes import find_attribute
from omninode_release.text.holders.python_source import list_modules

if TYPE_CHECKING:
    from omninode_release.text.holders.ports import Held, Source


def find(source: Source) -> Held | None:
    """The literal that flit reads."""
    if not source.backend.startswith("flit"):
        return None
    module = _find_module(source)
    paths = [*list_modules(module, ("", "src"))] if module else []
    path = next((each for each in paths if source.read(each) is not None), None)
    if module is None or path is None:
        raise source.unheld("in the module of flit", f"there is none of {', '.join(paths)}")
    _, followed = find_attribute(source, module, "__version__", ("", "src"))
    return followed or source.read_dunder_version(path, f"in {path}, for flit")


def _find_module(source: Source) -> str | None:
    for at in (("tool", "flit", "module", "name"), ("tool", "flit", "metadata", "module")):
        name = source.at(*at)
        if isinstance(name, str) and name:
            return name
    name = source.at("project", "name")
    return name.replace("-", "_") if isinstance(name, str) else None
