"""The wheel as it is built: what it holds, and that it runs alone from an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omninode_release import __version__
from omninode_release.contract.conformance.rules import RULES
from omninode_release.contract.documents.registry import SKILL_FILES
from omninode_release.contract.schema_files import schemas
from support.wheel import ROOT, build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command as it runs from where the wheel is unpacked."""
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)
    environ = os.environ | {
        "PYTHONPATH": str(site),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }

    def run(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, *args), cwd=site.parent, env=environ, input=stdin,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    where = run("-c", "import omninode_release, sys; print(omninode_release.__file__)")
    assert where.stdout.startswith(str(site)), where.stderr
    return run


def test_the_wheel_holds_contract_schemas_documents_and_the_demo(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert names.count("omninode_release/contract.yaml") == 1
    assert "omninode_release/py.typed" in names
    assert "omninode_release/metadata.yaml" in names
    assert "omninode_release/handlers/handler_release.py" in names
    assert "omninode_release/fixtures/demo/org.yaml" in names
    for name in (*(f"schemas/{name}" for name, _ in schemas()), *SKILL_FILES):
        assert names.count(f"omninode_release/{name}") == 1


def test_the_wheel_answers_json_with_json(alone: Command) -> None:
    for request, code in (
        ('{"repos": [], "omni_home": "/none"}', "CONFIG_INVALID"),
        ('{"repos": "alpha"}', "USAGE_ERROR"),
    ):
        done = alone("-m", "omninode_release", "run-node", "--input", "-", stdin=request)

        assert done.returncode == 2, done.stderr
        assert json.loads(done.stdout)["error_code"] == code


def test_the_wheel_runs_from_where_it_is_unpacked(alone: Command) -> None:
    done = alone("-m", "omninode_release", "demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS demo: 6 released, 0 failed, 0 blocked, 0 skipped" in done.stdout


def test_the_wheel_validates_itself_and_says_what_needs_a_checkout(alone: Command) -> None:
    done = alone("-m", "omninode_release", "validate")

    assert done.returncode == 0, done.stdout + done.stderr
    for check in RULES:
        asked = check.needs != "checkout"
        assert (f"  ok    {check.title}\n" in done.stdout) is asked
        assert (f"{check.title}: not looked at, it needs a checkout" in done.stdout) is not asked


def test_the_wheel_installs_the_skill(alone: Command, tmp_path: Path) -> None:
    done = alone("-m", "omninode_release", "install-skill", "--dest", str(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    for name in SKILL_FILES:
        text = (tmp_path / "release" / name).read_text(encoding="utf-8")
        assert text.startswith((ROOT / name).read_text(encoding="utf-8"))
        assert f"installed by omninode-release {__version__}" in text
