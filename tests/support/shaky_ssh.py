"""What git runs instead of ssh on a bad network: calls that fail before or after their work."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RESET = "kex_exchange_identification: read: Connection reset by peer"
_SCRIPT = """#!{python}
import pathlib, subprocess, sys, threading
plan = pathlib.Path({plan!r})
service = sys.argv[2].split(" ")[0]
lines = plan.read_text().splitlines()
kind = next((line for line in lines if line.split(" ")[0] == service), "")
with plan.with_suffix(".log").open("a") as log:
    log.write(service + "\\n")
if kind:
    lines.remove(kind)
    plan.write_text("".join(line + "\\n" for line in lines))
    if kind.split(" ")[1] == "before":
        sys.exit({words!r})
real = subprocess.Popen([{ssh!r}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
sent = bytearray()
def forward():
    while data := sys.stdin.buffer.raw.read(65536):
        sent.extend(data)
        real.stdin.write(data)
        real.stdin.flush()
    real.stdin.close()
threading.Thread(target=forward, daemon=True).start()
while data := real.stdout.raw.read(65536) if hasattr(real.stdout, "raw") else real.stdout.read1():
    if kind and b"PACK" in sent:
        continue
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
code = real.wait()
sys.exit({words!r} if kind else code)
"""


def shake(env: Mapping[str, str], folder: Path, *failures: str) -> dict[str, str]:
    """The environment with an ssh that fails: ``git-receive-pack after`` is one push whose answer
    is lost, ``git-upload-pack before`` one fetch that does not come through."""
    plan, script = folder / "plan", folder / "shaky-ssh"
    plan.write_text("".join(f"{each}\n" for each in failures), encoding="utf-8")
    real = shlex.split(env["GIT_SSH_COMMAND"])[0]
    text = _SCRIPT.format(python=sys.executable, plan=str(plan), ssh=real, words=RESET)
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    return {**env, "GIT_SSH_COMMAND": str(script)}


def calls(folder: Path, service: str) -> int:
    """How often git called it."""
    return (folder / "plan.log").read_text(encoding="utf-8").splitlines().count(service)


def is_through(folder: Path) -> bool:
    """True when every failure has happened."""
    return not (folder / "plan").read_text(encoding="utf-8")
