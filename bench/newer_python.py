"""Finding a Python 3.12 or later, which is what the organisation's real packages need.

As a command it prints where one is, or says that there is none and exits 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def newer_python(cwd: Path) -> str | None:
    """An interpreter as uv finds it; pyenv's are found by its folder. None where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    uv = Path(sys.executable).with_name("uv")
    for wanted in (">=3.12", *sorted(map(str, pyenv.glob("3.1[2-9]*/bin/python3")))):
        argv = (str(uv), "python", "find", "--no-project", "--no-python-downloads", wanted)
        found = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.strip()
    return None


def main() -> int:
    python = newer_python(Path.cwd())
    if python is None:
        print("expected a Python 3.12 or later, found none on PATH or in pyenv", file=sys.stderr)
        return 1
    print(python)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
