"""What every model of ours has in common."""

from __future__ import annotations

import pkgutil
import signal
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import CoreSchema, core_schema

import omninode_release
from omninode_release.errors import Terminated
from omninode_release.models.model import Model
from omninode_release.system.signals import orderly_stop


class Interrupting(str):
    """A type whose part of a validator is not built before a signal has come."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, *_asked: Any) -> CoreSchema:
        signal.raise_signal(signal.SIGTERM)
        return core_schema.str_schema()


class Late(Model):
    word: Interrupting


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


def test_a_stop_waits_until_a_model_is_built() -> None:
    """Where it comes while pydantic's own half is at work, it would end as a bug of the model."""
    with orderly_stop(), pytest.raises(Terminated):
        Late.model_validate({"word": "x"})

    assert Late.__pydantic_complete__
