"""Our plan beside three peers that infer one repository's version each, in turns, in one run.

    make bench-peers                      what takes a few minutes
    make bench-peers ARGS=--full          with a thousand repositories
    make bench-peers ARGS='--json FILE'   the figures for a program, too

The peers come from the package index into a throw-away environment, their bytecode compiled; each
is one process a repository, as its users call it. Where a peer infers another version than we do,
that is printed beside the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import field
from measure import Thing, in_turns, program
from organisations import make_organisation

PEERS = ("git-cliff", "commitizen", "python-semantic-release")
COMMITIZEN = """[tool.commitizen]
name = "cz_conventional_commits"
version = "{version}"
tag_format = "v$version"
major_version_zero = true
"""
SEMANTIC_RELEASE = """[semantic_release]
allow_zero_version = true
major_on_zero = false
tag_format = "v{version}"
[semantic_release.branches.any]
match = ".*"
[semantic_release.remote]
type = "github"
url = "https://example.org/o/r.git"
"""


@dataclass(frozen=True)
class Peer:
    """A peer, how it is asked for the next version, and its least ratio to our time."""

    name: str
    argv: tuple[str, ...]
    bars: Mapping[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="with a thousand repositories")
    parser.add_argument("--strict", action="store_true", help="fail when a bar is missed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omni-bench-peers-") as folder:
        ratios, missed = compare(Path(folder).resolve(), full=asked.full)
    for line in missed:
        print(f"missed: {line}")
    if asked.json:
        asked.json.write_text(json.dumps(ratios, indent=1) + "\n", encoding="utf-8")
    return 1 if missed and asked.strict else 0


def compare(root: Path, *, full: bool) -> tuple[dict[str, float], list[str]]:
    """Ratios of peers' medians to ours, and the bars that were missed."""
    cliff, others = install(root)
    works = [("50 repositories of 50 commits", make_organisation(
        root / "fifty", repos=50, since=50).omni_home, [cliff], 3)]  # fmt: skip
    if full:
        works.append(("1000 repositories of 50 commits", make_organisation(
            root / "thousand", repos=1000, since=50).omni_home, [cliff], 3))  # fmt: skip
    works.append(("20000 commits since the tag", make_organisation(
        root / "long", repos=1, since=20_000).omni_home, [cliff], 5))  # fmt: skip
    data = Path(os.environ["FIELD_DATA"])
    if data.is_dir():
        field.unpack(data, root)
        works.insert(0, ("six repositories", root / "omni_home", [cliff, *others], 7))
    ratios: dict[str, float] = {}
    missed = []
    for name, omni_home, peers, rounds in works:
        print(name)
        for peer, ratio in take(root, omni_home, peers, rounds):
            ratios[f"{name}: {peer.name} / ours"] = round(ratio, 2)
            bar = peer.bars.get(name, 0.0)
            print(f"    {peer.name} takes {ratio:.2f} times as long as we do (bar {bar:.2f})")
            missed += [f"{name}: {peer.name} / ours is {ratio:.2f}, bar {bar:.2f}"] * (ratio < bar)
    return ratios, missed


def install(root: Path) -> tuple[Peer, list[Peer]]:
    """The peers, in an environment of their own."""
    venv.create(root / "peers", with_pip=True)
    scripts = root / "peers" / "bin"
    pip = (str(scripts / "python"), "-m", "pip", "install", "--quiet", "--compile", *PEERS)
    subprocess.run(pip, check=True, timeout=900)
    (root / "semantic-release.toml").write_text(SEMANTIC_RELEASE, encoding="utf-8")
    cliff = Peer(
        "git-cliff",
        (str(scripts / "git-cliff"), "--bumped-version"),
        {
            "six repositories": 1 / 3,
            "50 repositories of 50 commits": 1.0,
            "1000 repositories of 50 commits": 2.5,
            "20000 commits since the tag": 3.0,
        },
    )
    # The version of the configuration decides nothing here but the level that is applied to it.
    commitizen = Peer(
        "commitizen",
        (str(scripts / "cz"), "--config", "{cz}", "bump", "--get-next", "--yes"),
        {"six repositories": 8.0},
    )
    semantic = Peer(
        "semantic-release",
        (str(scripts / "semantic-release"), "-c", str(root / "semantic-release.toml"), "--noop",
         "version", "--print"),
        {"six repositories": 16.0},
    )  # fmt: skip
    return cliff, [commitizen, semantic]


def take(
    root: Path, omni_home: Path, peers: Sequence[Peer], rounds: int
) -> list[tuple[Peer, float]]:
    """How many times as long as our plan each peer takes; differences in versions are printed."""
    environ = os.environ | {"ONEX_STATE_DIR": str(root / "state"), "NO_COLOR": "1"}
    plan = ("omni-release", "--dry-run", "--offline", "--json", "--omni-home", str(omni_home))
    ours = ask_ours(plan, environ)
    things: dict[str, Thing] = {"ours": program(*plan[:3], *plan[4:], environ=environ)}
    for peer in peers:
        argvs = {omni_home / repo: fill_in(peer, root, repo, row) for repo, row in ours.items()}
        tell_differences(peer, argvs, ours, environ)
        things[peer.name] = in_each(argvs, environ)
    taken = in_turns(things, rounds)
    return [(peer, taken[peer.name].median / taken["ours"].median) for peer in peers]


def ask_ours(plan: Sequence[str], environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The rows of our plan, by repository."""
    done = subprocess.run(plan, env=dict(environ), check=True, capture_output=True, timeout=600)
    return {row["repo"]: row for row in json.loads(done.stdout)["details"]}


def fill_in(peer: Peer, root: Path, repo: str, row: Mapping[str, str]) -> tuple[str, ...]:
    """The peer's words; commitizen wants the current version in a file of its own."""
    config = root / "commitizen" / f"{repo}.toml"
    config.parent.mkdir(exist_ok=True)
    version = row.get("old_version") or row.get("previous_version") or "0.1.0"
    config.write_text(COMMITIZEN.format(version=version), encoding="utf-8")
    return tuple(word.replace("{cz}", str(config)) for word in peer.argv)


def in_each(argvs: Mapping[Path, tuple[str, ...]], environ: Mapping[str, str]) -> Thing:
    """One process after another, each in its repository."""
    each = [program(*argv, environ=environ, folders=[folder]) for folder, argv in argvs.items()]
    return lambda weigh: max(thing(weigh) for thing in each)


def tell_differences(
    peer: Peer,
    argvs: Mapping[Path, tuple[str, ...]],
    ours: Mapping[str, Mapping[str, str]],
    environ: Mapping[str, str],
) -> None:
    """Print each version that the peer infers and we do not."""
    for folder, argv in argvs.items():
        done = subprocess.run(
            argv, cwd=folder, env=dict(environ), capture_output=True, text=True, check=False,
            timeout=600,
        )  # fmt: skip
        found, new = (done.stdout.split() or ["nothing"])[-1], ours[folder.name]["new_version"]
        if found.removeprefix("v") != new:
            print(f"    {folder.name}: {peer.name} infers {found}, we infer {new}")


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    raise SystemExit(main())
