"""What docs/first-release.md tells a reader to type in is what the tool accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omninode_release.commands.main import main
from omninode_release.contract.load import load_config
from omninode_release.text.manifests.manifest import read_manifest
from omninode_release.text.workflows.workflow import dispatch_trouble, is_started_by

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "first-release.md").read_text("utf-8")


def block(kind: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return found[number]


def test_its_configuration_is_one(tmp_path: Path) -> None:
    path = tmp_path / "release.yaml"
    path.write_text(block("yaml", 1), encoding="utf-8")

    config = load_config(path)

    assert config.graph.repos == ("scratch-release",)
    assert (config.forge, config.index, config.gate) == ("github", "pypi", "console")


def test_its_workflow_can_be_started_both_ways() -> None:
    workflow = block("yaml")

    assert is_started_by(workflow, "v0.2.0")
    assert dispatch_trouble(workflow) is None


def test_its_manifest_can_be_released() -> None:
    assert str(read_manifest(block("toml"), where="first-release.md").version) == "0.1.0"


@pytest.mark.parametrize("flag", ["--dry-run", "--preflight", "--strict", "--verbose", "--resume"])
def test_its_options_exist(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert flag in TEXT

    assert main(["--help"]) == 0
    assert flag in capsys.readouterr().out


def test_a_workflow_that_cannot_be_read_listens_to_nothing() -> None:
    assert not is_started_by("on:\n  push:\n    tags: [v*]\ndate: 2026-02-31\n", "v0.2.0")
