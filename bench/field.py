"""A real train: five real repositories of an organisation, released to DONE on this machine.

Real histories, real pyproject files, real `uv lock` over their real dependencies as the package
index had them on the day; siblings of this run can only come from our own index. Needs a package
index and a Python 3.12 or later that uv can find.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import yaml
from newer_python import newer_python

from omninode_release.contract.load import load_contract

REPOS = ("omnibase_spi", "omnibase_core", "omnibase_infra", "omniintelligence", "omniclaude")
RELEASED = {
    "omnibase_spi": "0.14.0",
    "omnibase_core": "0.21.0",
    "omnibase_infra": "0.12.0",
    "omniintelligence": "0.7.0",
    "omniclaude": "0.3.0",
}
TOKEN = "1740312612.000100:field"  # noqa: S105 - a gate token of this example


def main() -> int:
    data = Path(os.environ["FIELD_DATA"])
    if not data.is_dir():
        print(f"field: expected the histories in FIELD_DATA={data}, found nothing", file=sys.stderr)
        return 2
    root = Path(tempfile.mkdtemp(prefix="omni-bench-field-")).resolve()
    try:
        unpack(data, root)
        python = newer_python(root)
        if python is None:
            print("field: not run, uv finds no Python 3.12 or later here")
            return 0
        release(root, python)
        check(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("field: five real repositories released; tags, locks and versions are as they should be")
    return 0


def unpack(data: Path, root: Path) -> None:
    """Bare origins and ordinary clones, as an organisation's machine has them."""
    for bundle in sorted(data.glob("*.bundle")):
        remote, clone = root / "remotes" / f"{bundle.stem}.git", root / "omni_home" / bundle.stem
        run("git", "clone", "--quiet", "--mirror", str(bundle), str(remote))
        run("git", "-C", str(remote), "symbolic-ref", "HEAD", "refs/heads/main")
        run("git", "-C", str(remote), "config", "--remove-section", "remote.origin")
        run("git", "clone", "--quiet", str(remote), str(clone))
        run("git", "-C", str(clone), "config", "user.name", "Field")
        run("git", "-C", str(clone), "config", "user.email", "field@example.invalid")
    config = load_contract().release.model_dump(mode="json")
    config |= {"forge": "local", "index": "local", "gate": "console"}
    (root / "omni_home" / "release.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def release(root: Path, python: str) -> None:
    environ = os.environ | {
        "ONEX_STATE_DIR": str(root / "state"),
        "UV_PYTHON": python,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    argv = ("omni-release", "--omni-home", str(root / "omni_home"), "--run-id", "field",
            "--gate-attestation", TOKEN, *REPOS)  # fmt: skip
    subprocess.run(argv, env=environ, check=True)


def check(root: Path) -> None:
    """What the release must have left behind, read back with git and tomllib."""
    result = json.loads((root / "state/skill-results/field/release.json").read_text("utf-8"))
    assert result["status"] == "SUCCESS", result["status"]
    released = {each["repo"]: each["new_version"] for each in result["details"]}
    assert released == RELEASED, released
    for repo, version in RELEASED.items():
        remote = str(root / "remotes" / f"{repo}.git")
        main_commit = run("git", "-C", remote, "rev-parse", "main")
        for tag in (f"{repo}/v{version}", f"v{version}"):
            assert run("git", "-C", remote, "rev-parse", f"{tag}^{{commit}}") == main_commit, tag
        check_lock(run("git", "-C", remote, "show", "main:uv.lock"), str(root))
    init = run("git", "-C", str(root / "remotes/omniintelligence.git"), "show",
               "main:src/omniintelligence/__init__.py")  # fmt: skip
    assert '__version__ = "0.7.0"' in init, init


def check_lock(text: str, root: str) -> None:
    """Siblings of this run come from our own index, and no path of this machine is committed."""
    assert root not in text
    ours = {"omnibase-spi": "0.14.0", "omnibase-core": "0.21.0", "omnibase-infra": "0.12.0"}
    packages: list[dict[str, Any]] = tomllib.loads(text)["package"]
    for package in packages:
        source = package["source"].get("registry", "")
        if package["version"] == ours.get(package["name"]) and "editable" not in package["source"]:
            assert source.endswith("/index"), package
    print(f"  lock: {len(packages)} packages")


def run(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    raise SystemExit(main())
