"""A forge or an index that is registered and not written yet is never called ready."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.failures import fails
from support.repos import configure
from support.stub import HastyIndex, SilentForge, StubForge, StubIndex, register

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


def trouble(org: Org) -> dict[tuple[str, str], tuple[str, str]]:
    """The checks of ``doctor`` that are not fine, with their state and text."""
    ran = run_cli(org, "doctor", "--json")
    assert ran.code == 1, ran.out
    told = json.loads(ran.out)
    assert told["ok"] is False
    return {
        (each["subject"], each["check"]): (each["state"], each["text"])
        for each in told["checks"]
        if each["state"] != "ok"
    }


def test_doctor_names_what_a_forge_lacks(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, forge=StubForge())
    configure(small_org, forge="stub")

    found = trouble(small_org)

    assert set(found) == {("alpha", "forge"), ("beta", "forge")}
    state, text = found["alpha", "forge"]
    assert state == "failed"
    assert text.startswith("expected the forge stub to say whether it is ready, found")
    assert "NotImplementedError in readiness (support/stub.py:" in text


def test_a_forge_that_says_nothing_is_unknown(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, forge=SilentForge())
    configure(small_org, forge="stub")

    assert trouble(small_org)["alpha", "forge"] == (
        "unknown",
        "the forge stub does not say whether it is ready",
    )


def test_a_run_with_it_is_refused_before_the_gate(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, forge=StubForge())
    configure(small_org, forge="stub")

    failure = fails(small_org, ErrorCode.INTERNAL_ERROR, state="none")

    failure.says("2 things are in the way", "the forge stub", "omni-release validate")
    assert run_cli(small_org, "--dry-run", "--preflight", "--strict").code == 1


def test_doctor_names_what_an_index_lacks(small_org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, index=StubIndex())
    configure(small_org, index="stub")

    found = trouble(small_org)

    assert set(found) == {("index", "index")}
    assert "NotImplementedError in readiness" in found["index", "index"][1]


def test_an_index_that_cannot_be_opened_is_not_ready(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(monkeypatch, index=HastyIndex())
    configure(small_org, index="stub")

    found = trouble(small_org)

    assert set(found) == {("alpha", "index"), ("beta", "index")}
    assert "NotImplementedError in open_index" in found["alpha", "index"][1]
