"""The wheel as it is built: what it holds, and that it runs alone from an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from omninode_release.schema_files import schemas

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network by the back end this environment has."""
    out = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build as b; print(b.build_wheel({str(out)!r}))"
    done = subprocess.run(
        (sys.executable, "-c", build), cwd=ROOT, capture_output=True, text=True, check=True
    )
    return out / done.stdout.strip().splitlines()[-1]


def test_the_wheel_holds_contract_schemas_and_the_demo(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert names.count("omninode_release/contract.yaml") == 1
    assert "omninode_release/py.typed" in names
    assert "omninode_release/metadata.yaml" in names
    assert "omninode_release/handlers/handler_release.py" in names
    assert "omninode_release/fixtures/demo/org.yaml" in names
    for name, _ in schemas():
        assert f"omninode_release/schemas/{name}" in names


def unpacked(wheel: Path, folder: Path) -> dict[str, str]:
    """The environment in which Python finds the package in ``folder``, where the wheel is now."""
    zipfile.ZipFile(wheel).extractall(folder)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PYTHONPATH": str(folder), "PATH": path}


def test_the_wheel_answers_json_with_json(wheel: Path, tmp_path: Path) -> None:
    environ = unpacked(wheel, tmp_path / "site")

    for request, code in (
        ('{"repos": [], "omni_home": "/none"}', "CONFIG_INVALID"),
        ('{"repos": "alpha"}', "USAGE_ERROR"),
    ):
        done = subprocess.run(
            (sys.executable, "-m", "omninode_release", "run-node", "--input", "-"),
            cwd=tmp_path, env=environ, input=request, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert json.loads(done.stdout)["error_code"] == code


def test_the_wheel_runs_from_where_it_is_unpacked(wheel: Path, tmp_path: Path) -> None:
    environ = unpacked(wheel, tmp_path / "site")

    done = subprocess.run(
        (sys.executable, "-m", "omninode_release", "demo"),
        cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS demo: 6 released, 0 failed, 0 blocked, 0 skipped" in done.stdout
    where = "import omninode_release, sys; print(omninode_release.__file__)"
    found = subprocess.run((sys.executable, "-c", where), cwd=tmp_path, env=environ,
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert found.stdout.startswith(str(tmp_path))
