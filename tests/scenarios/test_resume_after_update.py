"""Runs that stopped under one version of the tool and go on under another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import Field

from omninode_release.contract.load import _digests, changed_keys, config_digest, load_config
from omninode_release.models.config import ReleaseConfig
from omninode_release.models.phase import Phase
from support.endings import assert_released_once, break_phase, release, resume, state_path

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

STOPPED = Path(__file__).resolve().parents[1] / "states" / "stopped-at-merge-0.1.0.json"


def _stop_at_merge(org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=False)
        assert release(org).code == 3


def test_a_run_that_version_0_1_0_stopped_is_resumed(small_org: Org) -> None:
    _stop_at_merge(small_org)
    written = STOPPED.read_text(encoding="utf-8").replace("{ROOT}", str(small_org.root))
    state_path(small_org).write_text(written, encoding="utf-8")

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert_released_once(small_org)


class _Newer(ReleaseConfig):
    """The configuration of a version that knows one key more."""

    newly_known: str = Field(default="as before")


def _written(**changes: Any) -> dict[str, Any]:
    return {"organization": "Pair", "graph": {"tiers": [{"alpha": []}]}, **changes}


def test_a_key_that_a_newer_version_adds_changes_nothing() -> None:
    before = config_digest(ReleaseConfig.model_validate(_written(forge="local")))

    assert changed_keys(_Newer.model_validate(_written(forge="local")), before) == []


@pytest.mark.parametrize(
    ("then", "now", "changed"),
    [
        ({}, {"forge": "github"}, []),
        ({"forge": "github"}, {}, []),
        ({}, {"forge": "local"}, ["forge"]),
        ({"forge": "local"}, {}, ["forge"]),
        ({"publish": {"workflow": "a.yml"}}, {"publish": {"workflow": "b.yml"}}, ["publish"]),
        (
            {"publish": {"workflow": "a.yml"}},
            {"publish": {"workflow": "a.yml", "trigger": "auto"}},
            [],
        ),
    ],
    ids=[
        "default written",
        "default unwritten",
        "changed",
        "taken out",
        "below a key",
        "default below a key",
    ],
)
def test_only_what_a_person_wrote_otherwise_has_changed(
    then: dict[str, Any], now: dict[str, Any], changed: list[str]
) -> None:
    before = config_digest(ReleaseConfig.model_validate(_written(**then)))

    assert changed_keys(ReleaseConfig.model_validate(_written(**now)), before) == changed


def test_a_default_that_has_changed_since_is_no_change_of_the_configuration() -> None:
    whole_before = {"ahead": _digests({"ahead": "bump"})["ahead"]}

    for now in ({}, {"ahead": "auto"}, {"ahead": "bump"}):
        config = ReleaseConfig.model_validate(_written(**now))
        assert changed_keys(config, {**config_digest(config), **whole_before}) == []
        assert "ahead" not in changed_keys(config, {})
    as_is = ReleaseConfig.model_validate(_written(ahead="as_is"))
    assert changed_keys(as_is, {**config_digest(as_is), **whole_before}) == ["ahead"]


def test_the_built_in_configuration_is_itself() -> None:
    assert changed_keys(load_config(None), config_digest(load_config(None))) == []
