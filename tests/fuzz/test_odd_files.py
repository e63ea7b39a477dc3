"""Files that others can have written, made odd: each is used, or refused as what it is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
import yaml
from hypothesis import given
from hypothesis import strategies as st

import omninode_release
from omninode_release.console.render_run import render_run
from omninode_release.contract.exit_codes import exit_code_of_state
from omninode_release.contract.load import config_digest, load_config
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.phases import read_outputs
from omninode_release.planning.planner import Planner
from omninode_release.release.state_file import read_state
from omninode_release.text.manifest import (
    MANIFEST,
    find_version,
    read_declared,
    read_manifest,
    read_requirements,
    require_releasable,
)
from omninode_release.text.manifest_edit import bump_version, pin_requirements
from omninode_release.text.pins import find_pins
from omninode_release.text.version_files import bump_literal, guess_init_paths
from omninode_release.text.workflow import dispatch_trouble, is_started_by
from support.facts import an_organisation, some_facts
from support.mutations import bounded, mutated, mutated_bytes, mutated_text

ROOT = Path(omninode_release.__file__).resolve().parents[2]
TESTS = Path(__file__).resolve().parents[1]
CONFIG = (ROOT / "fixtures" / "demo" / "release.yaml").read_text(encoding="utf-8")
STATE = json.loads(
    (TESTS / "states" / "stopped-at-merge-0.1.0.json")
    .read_text(encoding="utf-8")
    .replace("{ROOT}", "/srv")
)
PYPROJECT = """\
[build-system]
requires = ["uv_build>=0.8,<1"]

[project]
name = "omnibase-infra"
version = "1.4.0"  # kept
requires-python = ">=3.11"
classifiers = ["Private :: Do Not Upload"]
dynamic = ["readme"]
dependencies = [
    "omnibase-core>=0.4,<1 ; python_version >= '3.11'",
    'omnibase_spi[fast] (>=1.0)',
]

[project.optional-dependencies]
all = ["omnibase-core==0.4.0"]

[dependency-groups]
dev = ["omnibase-core", {include-group = "lint"}]

[tool.uv]
dev-dependencies = ["omnibase-spi"]
package = true

[tool.uv.sources]
other = { git = "https://git.example/other" }

[tool.poetry]
name = "x"
version = "1.0.0"
packages = [{ include = "x", from = "src" }]

[tool.poetry.dependencies]
python = "^3.11"
omnibase-core = { version = "^0.4", extras = ["a"] }

[tool.poetry.group.dev.dependencies]
omnibase-spi = [{ version = "1.0", markers = "x" }]
"""
VERSIONS = {"omnibase-core": "1.0.0", "omnibase-spi": "2.0.0"}
BETA = PYPROJECT.replace("omnibase-infra", "beta").replace("omnibase-core", "alpha")
WORKFLOW = """\
name: Release
on:
  push:
    tags: ["v*", "!v0.*", '**/v[0-9]+.?']
  workflow_dispatch:
    inputs:
      tag: {required: true, type: string}
      other: {required: true, default: x}
jobs: {build: {runs-on: ubuntu-latest}}
"""
MODULE = """\
"A module with __version__ = '0'."
__version__: str = "1.4.0"  # kept
x = '''a'''
"""


def odd_manifest(good: str) -> st.SearchStrategy[str]:
    """A pyproject.toml that is odd as a text, or TOML with odd values in it."""
    return mutated_text(good) | mutated(tomllib.loads(good)).map(_write_toml)


def _write_toml(value: Any) -> str:
    """The value as TOML; nothing for one that TOML has no form for."""
    try:
        return tomlkit.dumps(value)
    except Exception:  # noqa: BLE001 - tomlkit has many
        return ""


def _refused_or_done(act: Any) -> Any:
    """What ``act`` answers; None for a refusal. Anything else that is raised is a bug."""
    found = None
    try:
        return act()
    except ReleaseError as error:
        found = error
    assert found.message
    assert found.code is not ErrorCode.INTERNAL_ERROR
    return None


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file"


@bounded
@given(data=mutated_bytes(CONFIG))
def test_configurations_as_text(file: Path, data: bytes) -> None:
    file.write_bytes(data)

    config = _refused_or_done(lambda: load_config(file))

    if config is not None:
        config_digest(config)


@bounded
@given(value=mutated(yaml.safe_load(CONFIG)))
def test_configurations_as_values(file: Path, value: Any) -> None:
    try:
        file.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    except UnicodeEncodeError:  # half a character cannot be in a file
        return

    config = _refused_or_done(lambda: load_config(file))

    if config is not None:
        config_digest(config)


@bounded
@given(text=odd_manifest(PYPROJECT))
def test_manifests(text: str) -> None:
    for act in (
        lambda: read_manifest(text, where="x"),
        lambda: require_releasable(text, where="x"),
        lambda: read_requirements(text, where="x"),
        lambda: find_version(text, where="x"),
        lambda: find_pins(text, VERSIONS, where="x"),
        lambda: guess_init_paths(text, "omnibase_infra"),
        lambda: bump_version(text, "1.5.0", where="x"),
        lambda: pin_requirements(text, VERSIONS, where="x"),
    ):
        _refused_or_done(act)
    read_declared(lambda path: text.encode(errors="surrogatepass") if path == MANIFEST else None)


@bounded
@given(alpha=odd_manifest(PYPROJECT), beta=odd_manifest(BETA), outside=odd_manifest(BETA))
def test_plans(alpha: str, beta: str, outside: str) -> None:
    """What stands in one repository is told in its row, and never stops the plan."""
    org = an_organisation(
        [some_facts("alpha", manifest=alpha), some_facts("gamma")],
        [some_facts("beta", manifest=beta)],
        outsiders={"outside": outside},
    )

    plan = _refused_or_done(
        lambda: Planner(org.config, org.facts).plan("r", ("alpha", "beta", "gamma"))
    )

    if plan is not None:
        assert plan.entry("gamma").new == "1.0.1"


@bounded
@given(text=mutated_text(WORKFLOW))
def test_workflows(text: str) -> None:
    is_started_by(text, "alpha/v1.2.3")
    dispatch_trouble(text)


@bounded
@given(text=mutated_text(MODULE))
def test_modules(text: str) -> None:
    assert len(bump_literal(text, "1.5.0").split("\n")) == len(text.split("\n"))


def _look_at(path: Path, run_id: str) -> None:
    state = _refused_or_done(lambda: read_state(path, run_id))
    if state is None:
        return
    list(render_run(state, state.status))
    exit_code_of_state(state)
    for row in state.plan.remaining:
        assert row.versions
        assert read_outputs(state.repos[row.repo].outputs) is not None


@bounded
@given(value=mutated(STATE))
def test_states_as_values(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")

    _look_at(file, STATE["run_id"])


@bounded
@given(data=mutated_bytes(json.dumps(STATE)))
def test_states_as_text(file: Path, data: bytes) -> None:
    file.write_bytes(data)

    _look_at(file, STATE["run_id"])
