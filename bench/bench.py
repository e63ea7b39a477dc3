"""Speed, side by side in one run: a dry run beside the plain git commands any tool needs.

Bars: dry run at most 450 ms, --version at most 120 ms, the level of 12,000 commits with 3 % reverts
at most 2 s, a demo run's own overhead (wall time minus time inside the programs it runs, from its
journal) at most 10 %, what its rehearsal adds to a demo run at most 60 %. Machines are noisy: what
counts are medians, best times and ratios; a bar that is missed is printed and fails only with
--strict.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import field

from omninode_release.commands.demo_org import build_org, demo_spec
from omninode_release.models.commit import Commit, Level
from omninode_release.system.process import Programs
from omninode_release.text.commits import decide

ROUNDS = 15
COMMITS = 12_000
DEMO_ROUNDS = 3
DRY_RUN_MS, VERSION_MS, DECISION_MS, OVERHEAD, REHEARSAL = 450.0, 120.0, 2000.0, 0.10, 0.60


def main() -> int:
    missed = []
    with tempfile.TemporaryDirectory(prefix="omni-release-bench-") as folder:
        root = Path(folder).resolve()
        missed += bench_commands(root)
        missed += bench_decision()
        missed += bench_demo(root)
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed and "--strict" in sys.argv else 0


def bench_commands(root: Path) -> list[str]:
    data = Path(os.environ["FIELD_DATA"])
    if not data.is_dir():
        print(f"bench: dry run not measured, no field data in {data}")
        return []
    field.unpack(data, root)
    home = root / "omni_home"
    environ = os.environ | {"ONEX_STATE_DIR": str(root / "state")}
    dry = ["omni-release", "--dry-run", "--offline", "--omni-home", str(home)]

    def command(*argv: str) -> Callable[[], object]:
        return lambda: subprocess.run(argv, env=environ, check=True, capture_output=True)

    timed = measure(
        {
            "plain git, six repositories": lambda: plain_git(home),
            "omni-release --version": command("omni-release", "--version"),
            "omni-release --dry-run --offline": command(*dry),
        }
    )
    plain, version, plan = timed.values()
    print(f"  dry run / plain git: {plan / plain:.1f}")
    bars = (("dry run", plan, DRY_RUN_MS), ("--version", version, VERSION_MS))
    return [f"{name} {ms:.0f} ms, bar {bar:.0f}" for name, ms, bar in bars if ms > bar]


def measure(things: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median milliseconds of each, taken in turns so that noise meets all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(ROUNDS):
        for name, thing in things.items():
            began = time.perf_counter()
            thing()
            taken[name].append((time.perf_counter() - began) * 1000)
    for name, each in taken.items():
        print(f"  {name:<34} median {statistics.median(each):6.0f} ms  (best {min(each):.0f})")
    return {name: statistics.median(each) for name, each in taken.items()}


def plain_git(home: Path) -> None:
    for repo in sorted(path for path in home.iterdir() if path.is_dir()):
        git = ("git", "-C", str(repo))
        tag = field.run(*git, "for-each-ref", "--merged=main", "--sort=-v:refname", "--count=1",
                        "--format=%(refname:short)", "refs/tags/v[0-9]*")  # fmt: skip
        field.run(*git, "log", "--format=%B%x00", f"{tag}..main" if tag else "main")
        field.run(*git, "show", "main:pyproject.toml")


def bench_decision() -> list[str]:
    """A long history of pull requests; every 33rd takes back one a thousand commits older."""
    commits = [
        Commit(f"{at:040x}", (f"{at + 1:040x}",), f"fix: change {at} (#{at})", "* one\n\n* two")
        for at in range(COMMITS)
    ]
    for at in range(0, COMMITS - 1000, 33):
        commits[at] = commits[at]._replace(subject=f'Revert "{commits[at + 1000].subject}"')
    began = time.perf_counter()
    decide(commits, default_bump=Level.PATCH)
    ms = (time.perf_counter() - began) * 1000
    print(f"  the level of {COMMITS} commits{'':<12} once   {ms:6.0f} ms")
    return [f"level {ms:.0f} ms, bar {DECISION_MS:.0f}"] if ms > DECISION_MS else []


def bench_demo(root: Path) -> list[str]:
    """The share of a six-repository release that is spent in our own code, start-up included.

    And what the rehearsal adds to it: runs in turns, and the best of each, since noise only adds.
    """
    shares, walls, without = [], [], []
    for number in range(DEMO_ROUNDS):
        wall, inside = release_demo(root, f"demo{number}", rehearse=True)
        walls.append(wall)
        shares.append((wall - inside) / wall)
        without.append(release_demo(root, f"plain{number}", rehearse=False)[0])
    share = statistics.median(shares)
    added = min(walls) / min(without) - 1
    print(f"  rehearsal adds {added:.0%} to the demo's run time")
    bars = (("overhead", share, OVERHEAD), ("rehearsal", added, REHEARSAL))
    return [f"{name} {found:.1%}, bar {bar:.0%}" for name, found, bar in bars if found > bar]


def release_demo(root: Path, name: str, *, rehearse: bool) -> tuple[float, float]:
    """Seconds of one release of the demo organisation, and of the programs in it."""
    org = build_org(demo_spec(), root / name, run=Programs(dict(os.environ)))
    if not rehearse:
        with (org.omni_home / "release.yaml").open("a", encoding="utf-8") as config:
            config.write("rehearse: false\n")
    state = org.root / "state"
    environ = os.environ | {
        "ONEX_STATE_DIR": str(state),
        "PRE_COMMIT_HOME": str(root / "pre-commit"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    argv = ["omni-release", "--omni-home", str(org.omni_home), "--run-id", "bench",
            "--gate-attestation", "1740312612.000100:bench"]  # fmt: skip
    began = time.perf_counter()
    subprocess.run(argv, env=environ, check=True, capture_output=True)
    wall = time.perf_counter() - began
    journal = state / "state" / "release" / "archive" / "bench.journal.jsonl"
    events = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    inside = sum(event["seconds"] for event in events)
    what = "demo release" if rehearse else "demo release, not rehearsed"
    print(f"  {what}: {wall:.2f} s, {inside:.2f} s of it in {len(events)} programs,"
          f" own overhead {(wall - inside) / wall:.1%}")  # fmt: skip
    return wall, inside


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    raise SystemExit(main())
