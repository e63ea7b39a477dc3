"""Speed, side by side in one run: a plan beside the plain git commands any tool needs.

    make bench                      what takes seconds
    make bench ARGS=--full          a thousand repositories, and how time grows with size
    make bench ARGS='--json FILE'   the figures for a program, too

Machines are noisy: what counts are medians, best times and ratios. A bar that is missed is printed
and fails only with --strict. To see where the time goes: `python -X importtime -m omninode_release
--version`, or `python -m cProfile -s cumtime -m omninode_release --dry-run ...`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import field
import waiting
from measure import Taken, Thing, in_turns, program
from organisations import Organisation, make_organisation

from omninode_release.commands.demo_org import build_org, demo_spec
from omninode_release.models.commit import Commit, Level
from omninode_release.system.process import Programs
from omninode_release.text.commits.commit_range import decide

ROUNDS, FEW = 15, 3
COMMITS = 12_000
# Most that each may take: milliseconds, MiB, and shares.
DRY_RUN_MS, VERSION_MS, HELP_MS, DECISION_MS = 450.0, 60.0, 110.0, 2000.0
THOUSAND_MIB, LONG_MIB = 80.0, 70.0
OVERHEAD, REHEARSAL = 0.05, 0.60
LATE_SECONDS, LATE_SHARE, API_CALLS = 2.0, 0.10, 400


class Bench:
    """Takes figures, and remembers which bars were missed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ = os.environ | {"ONEX_STATE_DIR": str(root / "state")}
        self.figures: dict[str, float] = {}
        self.missed: list[str] = []

    def take(self, things: dict[str, Thing], rounds: int) -> dict[str, Taken]:
        taken = in_turns(things, rounds)
        for name, each in taken.items():
            self.figures[f"{name}, ms"] = round(each.median, 1)
            if each.memory:
                self.figures[f"{name}, MiB"] = round(each.memory, 1)
        return taken

    def hold(self, name: str, found: float, bar: float, unit: str = "ms") -> None:
        """Remember a figure, and whether it is over its bar."""
        self.figures[f"{name}, {unit}"] = round(found, 3)
        if found > bar:
            self.missed.append(f"{name}: {found:.4g} {unit}, bar {bar:.4g}")

    def plan(self, omni_home: Path, *more: str) -> Thing:
        argv = ("omni-release", "--dry-run", "--offline", "--omni-home", str(omni_home), *more)
        return program(*argv, environ=self.environ)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="large organisations, and growth")
    parser.add_argument("--strict", action="store_true", help="fail when a bar is missed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as folder:
        bench = Bench(Path(folder).resolve())
        bench_commands(bench)
        bench_organisations(bench, full=asked.full)
        bench_decision(bench)
        bench_demo(bench)
        bench_waiting(bench)
    for line in bench.missed:
        print(f"missed: {line}")
    if asked.json:
        asked.json.write_text(json.dumps(bench.figures, indent=1) + "\n", encoding="utf-8")
    return 1 if bench.missed and asked.strict else 0


def bench_commands(bench: Bench) -> None:
    """The six real histories, and what a person asks most."""
    things = {
        "omni-release --version": program("omni-release", "--version", environ=bench.environ),
        "omni-release --help": program("omni-release", "--help", environ=bench.environ),
    }
    data, home = Path(os.environ["FIELD_DATA"]), bench.root / "omni_home"
    if data.is_dir():
        field.unpack(data, bench.root)
        things["plain git, six repositories"] = lambda _weigh: plain_git(home)
        things["plan of six repositories"] = bench.plan(home)
    else:
        print(f"bench: six repositories not measured, no field data in {data}")
    taken = bench.take(things, ROUNDS)
    bench.hold("--version", taken["omni-release --version"].median, VERSION_MS)
    bench.hold("--help", taken["omni-release --help"].median, HELP_MS)
    if data.is_dir():
        bench.hold("plan of six", taken["plan of six repositories"].median, DRY_RUN_MS)


def bench_organisations(bench: Bench, *, full: bool) -> None:
    """Generated organisations; with ``full``, several sizes of each kind: how time grows."""
    repos = (50, 125, 250, 500, 1000) if full else (50,)
    since = (2_500, 5_000, 10_000, 20_000) if full else (20_000,)
    for count in repos:
        bench_one(bench, f"{count} repositories of 50 commits", repos=count, since=50)
    for count in since:
        bench_one(bench, f"{count} commits since the tag", repos=1, since=count)
    for count in (100, 1_000, 10_000, 100_000) if full else ():
        bench_one(bench, f"{count} commits before the tag", repos=1, since=50, older=count)
    bars = (("1000 repositories of 50 commits", THOUSAND_MIB),
            ("20000 commits since the tag", LONG_MIB))  # fmt: skip
    for name, bar in bars:
        if f"{name}, MiB" in bench.figures:
            bench.hold(f"{name}, memory", bench.figures[f"{name}, MiB"], bar, "MiB")


def bench_one(bench: Bench, name: str, *, repos: int, since: int, older: int = 10) -> None:
    made = make_organisation(bench.root / name.replace(" ", "-"), repos=repos, since=since,
                             older=older)  # fmt: skip
    check_versions(bench, made)
    bench.take({name: bench.plan(made.omni_home)}, FEW)


def check_versions(bench: Bench, made: Organisation) -> None:
    """A fast wrong answer is no answer."""
    argv = ("omni-release", "--dry-run", "--offline", "--json", "--omni-home", str(made.omni_home))
    out = subprocess.run(argv, env=bench.environ, check=True, capture_output=True).stdout
    found = {row["repo"]: row["new_version"] for row in json.loads(out)["details"]}
    if found != made.versions:
        wrong = {repo: new for repo, new in found.items() if made.versions.get(repo) != new}
        raise SystemExit(f"wrong versions: {wrong}")


def plain_git(home: Path) -> float:
    for repo in sorted(path for path in home.iterdir() if path.is_dir()):
        git = ("git", "-C", str(repo))
        tag = field.run(*git, "for-each-ref", "--merged=main", "--sort=-v:refname", "--count=1",
                        "--format=%(refname:short)", "refs/tags/v[0-9]*")  # fmt: skip
        field.run(*git, "log", "--format=%B%x00", f"{tag}..main" if tag else "main")
        field.run(*git, "show", "main:pyproject.toml")
    return 0


def bench_decision(bench: Bench) -> None:
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
    bench.hold(f"the level of {COMMITS} commits", ms, DECISION_MS)


def bench_demo(bench: Bench) -> None:
    """The share of a six-repository release that no program runs in, start-up included.

    And what the rehearsal adds to it: runs in turns, and the best of each, since noise only adds.
    """
    shares, walls, without = [], [], []
    for number in range(FEW):
        wall, inside = release_demo(bench.root, f"demo{number}", rehearse=True)
        walls.append(wall)
        shares.append((wall - inside) / wall)
        without.append(release_demo(bench.root, f"plain{number}", rehearse=False)[0])
    share = statistics.median(shares)
    added = min(walls) / min(without) - 1
    print(f"  rehearsal adds {added:.0%} to the demo's run time")
    bench.hold("own share of a demo release", share, OVERHEAD, "of 1")
    bench.hold("what a rehearsal adds", added, REHEARSAL, "of 1")


def bench_waiting(bench: Bench) -> None:
    """Seconds between an event and the next step, and what a release asks GitHub meanwhile."""
    for name, seconds in waiting.EVENTS.items():
        late, looks = waiting.wait_for(seconds)
        print(f"  noticed after {name:<12} {late:6.1f} s late, {looks:4} looks")
        bench.hold(f"late after {name}", late, max(LATE_SECONDS, LATE_SHARE * seconds), "s")
    if shutil.which("gh") is None:
        print("bench: a release through GitHub not measured, gh is not installed")
        return
    seen = waiting.release_six(bench.root)
    if seen.ran.code != 0:
        raise SystemExit(f"the release of six failed: {seen.ran.err}")
    checks, run = max(seen.checks.values()), max(seen.publishes.values())
    counted = seen.calls - seen.unchanged
    print(f"  six repositories, checks of 10 minutes, a workflow of 2: {seen.calls} API calls,"
          f" {seen.unchanged} of them 304 and not counted; merged {checks:.1f} s late,"
          f" gone on {run:.1f} s late")  # fmt: skip
    bench.hold("late after the checks", checks, LATE_SHARE * waiting.CHECKS, "s")
    bench.hold("late after the workflow", run, LATE_SHARE * waiting.RUN, "s")
    bench.hold("counted API calls of six repositories", counted, API_CALLS, "calls")


def release_demo(root: Path, name: str, *, rehearse: bool) -> tuple[float, float]:
    """Seconds of one release of the demo organisation, and those in which a program ran."""
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
    inside = seconds_of_any(events)
    print(f"  demo release{'' if rehearse else ', not rehearsed'}: {wall:.2f} s, {inside:.2f} s in"
          f" {len(events)} programs, own share {(wall - inside) / wall:.1%}")  # fmt: skip
    return wall, inside


def seconds_of_any(events: list[dict[str, Any]]) -> float:
    """Seconds in which at least one program of a journal ran; some run at the same time."""
    total = counted_to = 0.0
    for began, seconds in sorted((each["began"], each["seconds"]) for each in events):
        total += max(0.0, began + seconds - max(began, counted_to))
        counted_to = max(counted_to, began + seconds)
    return total


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    raise SystemExit(main())
