"""Two commands on six real organisations that nobody has configured: ``init`` and a dry run.

The histories are not part of this repository: FIELD_DATA names the folder with their bundles.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from omninode_release.commands.demo_org import Org
from omninode_release.contract.schemas import validator
from support.cli import run_cli
from support.gitrepo import git

FOLDER = (
    Path(os.environ.get("FIELD_DATA", Path(__file__).parents[2].parent / "shared" / "field-data"))
    / "other-orgs"
)
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no git bundles of real organisations in {FOLDER} (FIELD_DATA)"
)
TIERS: dict[str, list[set[str]]] = {
    "bluetooth": [
        {"bluetooth-adapters", "bluetooth-data-tools"},
        {"habluetooth"},
        {"home-assistant-bluetooth"},
    ],
    "textualize": [{"rich"}, {"textual"}],
    "pallets": [{"click", "itsdangerous", "markupsafe"}, {"jinja", "werkzeug"}, {"flask"}],
    "encode": [{"httpcore", "starlette", "uvicorn"}, {"httpx"}],
    "poetry": [{"poetry-core"}, {"cleo"}, {"poetry"}, {"poetry-plugin-export"}],
    "pytest-dev": [{"execnet", "pluggy"}, {"pytest"}, {"pytest-xdist"}],
}


@pytest.fixture(params=TIERS)
def real(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Org]:
    """The clones of one organisation, without any configuration."""
    org = Org(tmp_path)
    for folder in (org.omni_home, org.remotes):
        folder.mkdir()
    for repo in (repo for tier in TIERS[request.param] for repo in tier):
        bundle, remote = FOLDER / f"{repo}.bundle", org.remotes / f"{repo}.git"
        git(org.remotes, "clone", "--quiet", "--mirror", "--template=", str(bundle), remote.name)
        git(org.omni_home, "clone", "--quiet", "--no-checkout", "--template=", str(remote), repo)
    return request.param, org


def test_two_commands_lead_to_a_plan_of_what_fits(real: tuple[str, Org]) -> None:
    name, org = real

    written = run_cli(org, "init", "--json")
    plan = run_cli(org, "--dry-run", "--offline")

    assert (written.code, written.err, plan.code) == (0, "", 0)
    report: dict[str, Any] = json.loads(written.out)
    config = yaml.safe_load((org.omni_home / "release.yaml").read_text(encoding="utf-8"))
    assert config["graph"] == "auto"
    assert list(validator("release-config").iter_errors(config)) == []
    assert plan.result is not None
    rows = {each["repo"]: each for each in plan.result["details"]}
    tiers = [{repo for repo, row in rows.items() if row["tier"] == tier} for tier in range(1, 5)]
    assert [tier for tier in tiers if tier] == TIERS[name]
    for each in report["repos"]:
        row = rows[each["repo"]]
        assert (each["current"], each["tier"]) == (row["old_version"], row["tier"])
        refused = row["error_code"] not in {None, "NOTHING_TO_RELEASE"}
        assert (each["fit"] in {"needs", "cannot"}) is refused, each
        assert bool(each["why"]) is refused
        if row["error_code"] == "VERSION_INVALID":
            assert each["where"].startswith(f"{each['repo']}/pyproject.toml:")


def test_the_configuration_says_what_the_clones_do(real: tuple[str, Org]) -> None:
    _, org = real
    assert run_cli(org, "init").code == 0

    assert run_cli(org, "init", "--check").code == 0
    graph = json.loads(run_cli(org, "graph", "--json").out)
    place = {repo: at for at, tier in enumerate(graph["tiers"]) for repo in tier}
    for edge in graph["edges"]:
        assert not edge["orders"] or place[edge["needs"]] < place[edge["repo"]]
