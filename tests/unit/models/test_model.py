"""What every model of ours has in common."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from pydantic import BaseModel

import omninode_release


def list_models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith("omninode_release."):
            yield each
        yield from list_models(each)


def import_all() -> None:
    for found in pkgutil.walk_packages(omninode_release.__path__, "omninode_release."):
        if not found.name.endswith(".__main__"):
            import_module(found.name)


def test_every_model_finds_the_types_of_its_fields() -> None:
    """A type that is imported for type checkers alone would be missed with the first value."""
    import_all()
    models = set(list_models())
    assert len(models) > 100
    for model in models:
        assert model.model_rebuild(force=True, raise_errors=True), model
