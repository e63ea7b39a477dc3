"""Where the workflow stands that publishes a package."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from omninode_release.contract.load import load_config
from omninode_release.models.publish import Publish
from omninode_release.phases.shared.tags import find_workflow_path


def test_a_companion_has_the_workflow_that_its_own_settings_name() -> None:
    config = load_config(None)
    tools = Publish.model_validate({"workflow": "tools.yml"})
    config = config.model_copy(update={"publish_of": {"tools": tools}})
    # The forge that a run opened for the package that leads.
    ctx: Any = SimpleNamespace(
        config=config, forge=SimpleNamespace(workflow_path=".github/workflows/release.yml")
    )
    core, beside = (SimpleNamespace(repo=name) for name in ("core", "tools"))

    assert find_workflow_path(core, ctx) == ".github/workflows/release.yml"  # type: ignore[arg-type]
    assert find_workflow_path(beside, ctx) == ".github/workflows/tools.yml"  # type: ignore[arg-type]
