"""What a run would publish is tried together before the gate, as VERIFY does once it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.endings import release
from support.rehearsing import refused, rehearsed
from support.repos import configure, manifest
from support.trains import add_tagged, add_wheel, change

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

TOGETHER = "the 2 packages of this run do not install together: "


@pytest.fixture
def apart(bare: Org) -> Org:
    """Two packages that need nothing of each other, and of a third what does not go together."""
    for version in ("1.0.0", "2.0.0"):
        add_wheel(bare, "third", version)
    for name, need in (("left", "third>=2"), ("right", "third<2")):
        module = f"src/{name}/__init__.py"
        add_tagged(
            bare, name, {"pyproject.toml": manifest(name, "1.0.0", need), module: ""}, "v1.0.0"
        )
        change(bare, name, "fix: more", **{module: "MORE = 1\n"})
    assert run_cli(bare, "init").code == 0
    configure(bare, local={"checks": [], "index_only": True})
    return bare


def test_what_does_not_install_together_is_a_warning_before_the_gate(apart: Org) -> None:
    assert f"packages install: {TOGETHER}" in rehearsed(apart).out

    ran = release(apart)

    assert ran.code == 0, ran.err
    assert ran.out.index(TOGETHER) < ran.out.index("VERIFY FAILED: 2 packages")


def test_with_verify_fail_it_is_refused(apart: Org) -> None:
    configure(apart, verify="fail")

    refused(apart, ErrorCode.PIN_CONFLICT).says(TOGETHER, "third", "start again")


@pytest.mark.parametrize(
    "settings", [{"verify": "off"}, {"publish_of": {"left": {"trigger": "none"}}}]
)
def test_nothing_is_tried_that_verify_would_not_look_at(
    apart: Org, settings: dict[str, object]
) -> None:
    configure(apart, **settings)

    assert "packages install" not in rehearsed(apart).out


def test_what_cannot_be_tried_is_told(apart: Org) -> None:
    change(
        apart,
        "left",
        "build: a Python",
        **{
            "pyproject.toml": manifest("left", "1.0.0", "third>=2").replace(
                ">=3.11", ">=3.11,<3.12"
            )
        },
    )
    change(
        apart,
        "right",
        "build: a Python",
        **{"pyproject.toml": manifest("right", "1.0.0", "third<2").replace(">=3.11", ">=3.13")},
    )

    out = rehearsed(apart).out

    assert "packages install: uv finds no Python here that fits all packages" in out


def test_what_takes_too_long_is_left(apart: Org) -> None:
    configure(apart, timeouts={"verify_minutes": 0.00001})

    assert "packages install: it could not be looked at: " in rehearsed(apart).out
