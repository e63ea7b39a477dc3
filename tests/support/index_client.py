"""The package index as a client sees it, on a clock that does not wait."""

from __future__ import annotations

from typing import Any

from omninode_release.adapters.pypi.http import HttpGet
from omninode_release.adapters.pypi.index import PyPIIndex
from support.passing import Hurried
from support.pypi_server import PyPIServer

WHEEL, SDIST = "omni_thing-1.2.0-py3-none-any.whl", "omni_thing-1.2.0.tar.gz"


def index_of(server: PyPIServer, clock: Hurried, **limits: Any) -> PyPIIndex:
    return PyPIIndex(server.url, HttpGet(clock, jitter=lambda: 0.5, **limits))
