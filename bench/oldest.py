"""Our tests with the oldest version of every dependency that pyproject.toml lets in.

    make oldest                     what talks to each of these libraries
    make oldest ARGS='tests -x'     other tests

Needs .venv to have Python 3.11, the oldest that we support and the one those versions have wheels
for, and a package index.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
OLDEST = (3, 11)
TESTS = (
    "tests/unit",
    *(f"tests/scenarios/test_{name}.py" for name in (
        *("dry_run", "train", "run_node", "init", "slack_release", "slow_index"),
        *("rehearsed_release", "validate_configuration"),
    )),
)  # fmt: skip


def list_oldest(needs: list[str]) -> list[str]:
    """``name>=1.2`` as ``name==1.2``. Raises ValueError for a requirement without a lower bound."""
    found = []
    for need in map(Requirement, needs):
        bounds = [each.version for each in need.specifier if each.operator == ">="]
        if len(bounds) != 1:
            raise ValueError(f"expected one lower bound, found {need}")
        found.append(f"{need.name}=={bounds[0]}")
    return found


def list_tools(needs: list[str]) -> list[str]:
    """The lines of constraints.txt for what tests need besides, without their hashes."""
    names = {canonicalize_name(Requirement(need).name) for need in needs}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = (line.removesuffix("\\").strip() for line in lines if "==" in line)
    return [pin for pin in pins if canonicalize_name(pin.partition("==")[0]) in names]


def main() -> int:
    if sys.version_info[:2] != OLDEST:
        print(f"expected Python 3.11 in .venv, found {sys.version.split()[0]}", file=sys.stderr)
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = list_oldest(project["dependencies"])
    print("with", ", ".join(oldest), flush=True)
    with tempfile.TemporaryDirectory(prefix="omni-oldest-") as folder:
        venv, ours, pins = (Path(folder) / name for name in ("venv", "ours.txt", "tools.txt"))
        # Tools of the tests may ask for newer ones than we do.
        ours.write_text("\n".join(oldest), encoding="utf-8")
        tools = list_tools(project["optional-dependencies"]["dev"])
        pins.write_text("\n".join(tools), encoding="utf-8")
        make = (str(UV), "venv", "--quiet", "--python", sys.executable, str(venv))
        subprocess.run(make, check=True)
        interpreter = str(venv / "bin" / "python")
        install = (str(UV), "pip", "install", "--quiet", "--python", interpreter)
        said = ("--override", str(ours), "--constraint", str(pins))
        subprocess.run((*install, *said, "--editable", f"{ROOT}[dev]"), check=True)
        tests = sys.argv[1:] or [*TESTS]
        argv = (interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "3", *tests)
        return subprocess.run(argv, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
