"""Our wheel under ONEX itself: found, packed, and run by its local runtime.

Needs a Python 3.12 or later and a package index that has omnibase-core. Everything is made in
.venv-onex and a temporary folder; the releases run on embedded backends. What ONEX answers is
checked against what our node must have done, read back with git.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newer_python import newer_python

from omninode_release.commands.demo_org import Org, build_org, demo_spec
from omninode_release.system.process import Programs

ROOT = Path(__file__).resolve().parent.parent
ONEX = "omnibase-core==0.47.57"
VENV = ROOT / ".venv-onex"
UV = Path(sys.executable).with_name("uv")
NODE = "node_skill_release_orchestrator"
ID = "7b0d2c1e-6f0a-4d57-9a43-0d6c2b8f5a11"
APPROVED = {"run_id": "onex", "gate_attestation": "1740312612.000100:onex", "correlation_id": ID}
PACKED = ("metadata.yaml", "contract.yaml", f"{NODE}/handlers/handler_release.py")


def skill(name: str = "release", **args: str) -> dict[str, Any]:
    path = "skills/release/SKILL.md"
    return {"skill_name": name, "skill_path": path, "args": args, "correlation_id": ID}


@dataclass(frozen=True)
class Call:
    """One call of the node by ONEX, and how it must end."""

    what: str
    request: dict[str, Any] | None
    verdict: str
    status: str
    code: str | None = None
    spoiled: str | None = None
    """The repository whose hook fails."""
    released: int = 0


CALLS = (
    Call("a dry run", skill(**{"dry-run": ""}), "completed", "DRY_RUN"),
    Call("a release", {"repos": [], **APPROVED}, "completed", "SUCCESS", released=6),
    Call("a failure", {"repos": [], **APPROVED}, "failed", "FAILED", "LINT_FAILED", "omnibase_spi"),
    Call("half of it", skill(run_id="onex", gate_attestation=APPROVED["gate_attestation"]),
         "failed", "PARTIAL", "LINT_FAILED", "omnibase_core", 1),
    Call("a request for another skill", skill("merge-sweep"), "failed", "FAILED", "USAGE_ERROR"),
    Call("no request at all", None, "failed", "FAILED", "USAGE_ERROR"),
)  # fmt: skip


def main() -> int:
    python = newer_python(ROOT)
    if python is None:
        print("onex: expected a Python 3.12 or later, found none on PATH or in pyenv; install one",
              file=sys.stderr)  # fmt: skip
        return 1
    with tempfile.TemporaryDirectory(prefix="omni-bench-onex-") as folder:
        work = Path(folder).resolve()
        install(python, work)
        discovered()
        package = contract_beside_the_package(work)
        packed(package, work)
        complies(package, work)
        for number, call in enumerate(CALLS):
            carried_out(call, work / str(number))
    print(f"onex: {len(CALLS)} calls by ONEX's local runtime ended as they must")
    return 0


def install(python: str, work: Path) -> None:
    """An environment of ONEX's with the wheel as it is built now, and nothing of the checkout."""
    run(UV, "build", "--quiet", "--wheel", "--out-dir", work / "dist", cwd=ROOT)
    (wheel,) = (work / "dist").glob("*.whl")
    run(UV, "venv", "--quiet", "--clear", "--python", python, VENV, cwd=work)
    run(UV, "pip", "install", "--quiet", "--python", VENV / "bin" / "python", "--constraint",
        ROOT / "constraints.txt", ONEX, wheel, cwd=work)  # fmt: skip
    print(f"onex: {python} with {wheel.name} and omnibase-core in {VENV.name}")


def discovered() -> None:
    told = run(VENV / "bin" / "onex", "discover", "--strict", cwd=VENV)
    assert f"{NODE} (omninode-release " in told, told
    print(f"  discover --strict lists {NODE}")


def contract_beside_the_package(work: Path) -> Path:
    """The folder of the installed package, where ONEX finds the contract of the checkout."""
    told = call_by_runtime(work / "look", None, work).stdout.splitlines()
    contract = Path(told[0])
    assert contract.is_relative_to(VENV), contract
    assert contract.read_bytes() == (ROOT / "contract.yaml").read_bytes(), contract
    print(f"  the contract is found at {contract.relative_to(ROOT)}")
    return contract.parent


def packed(package: Path, work: Path) -> None:
    archive = work / "node.oncp"
    told = run(VENV / "bin" / "onex", "pack", package, "--output", archive, "--verbose", cwd=work)
    with tarfile.open(archive) as opened:
        missing = [name for name in PACKED if not opened.getmember(name).isfile()]
    assert not missing, missing
    print(f"  pack: {told.strip().splitlines()[-1].partition(' -> ')[0].strip()}")


def complies(package: Path, work: Path) -> None:
    """What `onex compliance` asks of a node holds; it ends with 0 even where no node is found."""
    told = run(VENV / "bin" / "onex", "compliance", "check", "--repo-root", package,
               "--output", work / "compliance.yaml", cwd=work)  # fmt: skip
    assert "1/1 nodes passed" in told, told
    print(f"  compliance check: {told.strip().splitlines()[0].strip()}")


def carried_out(call: Call, folder: Path) -> None:
    """Let ONEX make one call on an organisation of its own, and look at what became of it."""
    folder.mkdir()
    org = build_org(demo_spec(), folder / "org", run=Programs(os.environ))
    if call.spoiled:
        spoil(org, call.spoiled)

    done = call_by_runtime(folder / "onex", call.request, org.root)

    told = f"{call.what}: {done.stdout}{done.stderr}"
    verdict = done.stdout.splitlines()[1]
    assert (verdict, done.returncode) == (call.verdict, int(call.verdict != "completed")), told
    record = json.loads((folder / "onex" / "workflow_result.json").read_text(encoding="utf-8"))
    result = record["handler_result"]
    assert (result["status"], result["error_code"]) == (call.status, call.code), told
    assert (result["error"] is None) is (call.code is None), told
    assert call.request is None or record["terminal_payload"]["correlation_id"] == ID, told
    assert result["repos_succeeded"] == call.released, told
    assert [released(org, repo) for repo in org.repos].count(1) == call.released, told
    assert sum(released(org, repo) for repo in org.repos) == call.released, told
    print(f"  {call.what}: {verdict}, exit {done.returncode}; {result['status']}"
          f"{' ' + call.code if call.code else ''}, {call.released} released")  # fmt: skip


def call_by_runtime(
    state: Path, request: dict[str, Any] | None, root: Path
) -> subprocess.CompletedProcess[str]:
    """A process of ONEX's environment that makes the call; ``root`` is the organisation's."""
    arguments = [str(state)]
    if request is not None:
        state.mkdir()
        (state / "request.json").write_text(json.dumps(request), encoding="utf-8")
        arguments.append(str(state / "request.json"))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}
    environ |= {
        "PATH": f"{VENV / 'bin'}{os.pathsep}{environ['PATH']}",
        "OMNI_HOME": str(root / "omni_home"),
        "ONEX_STATE_DIR": str(root / "state"),
        "PRE_COMMIT_HOME": str(root / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    argv = (str(VENV / "bin" / "python"), str(ROOT / "bench" / "onex_local.py"), *arguments)
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)


def spoil(org: Org, repo: str) -> None:
    """Land a commit that the repository's own hook refuses."""
    clone = org.clone(repo)
    (clone / "notes.md").write_text("spaces  \n", encoding="utf-8")
    run("git", "add", "notes.md", cwd=clone)
    run("git", "commit", "--quiet", "--no-verify", "--message", "docs: notes", cwd=clone)
    run("git", "push", "--quiet", "origin", "main", cwd=clone)


def released(org: Org, repo: str) -> int:
    """How many releases reached the remote's main since the organisation was built."""
    subjects = run("git", "log", "--format=%s", "main", cwd=org.remote(repo)).splitlines()
    return sum(subject.startswith(f"release: {repo} v") for subject in subjects)


def run(*argv: str | Path, cwd: Path) -> str:
    """What a program prints; one that fails ends the check with what it said."""
    words = [str(word) for word in argv]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(
            f"onex: {' '.join(words)} exited {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main())
