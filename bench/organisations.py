"""Organisations made for a measurement: any number of repositories, with the right answers known.

Each repository is written by one ``git fast-import``: older history, a release tag, and commits
since it whose level is known beforehand. A repository pins the one before it in the same chain, so
that the plan has tiers and pins.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_CHAIN = 10
_TYPES = ("fix", "docs", "test", "chore", "refactor")
_SECONDS = 1_700_000_000


@dataclass(frozen=True)
class Organisation:
    """What was made: where the clones are, and the version each is to get."""

    omni_home: Path
    versions: dict[str, str]


def make_organisation(root: Path, *, repos: int, since: int, older: int = 10) -> Organisation:
    """Make ``repos`` clones with ``since`` commits after their tag and ``older`` before it."""
    omni_home = root / "omni_home"
    omni_home.mkdir(parents=True)
    names = [f"pkg_{number:04d}" for number in range(repos)]
    with ThreadPoolExecutor(4) as pool:
        versions = list(
            pool.map(
                lambda number: _make_repository(omni_home, names, number, since, older),
                range(repos),
            )
        )
    (omni_home / "release.yaml").write_text(_configure(names), encoding="utf-8")
    return Organisation(omni_home, dict(zip(names, versions, strict=True)))


def _configure(names: list[str]) -> str:
    tiers: list[dict[str, list[str]]] = [{} for _ in range(min(_CHAIN, len(names)))]
    for number, name in enumerate(names):
        tiers[number % _CHAIN][name] = [names[number - 1]] if number % _CHAIN else []
    listed = "".join(f"  - {json.dumps(tier)}\n" for tier in tiers)
    return f"organization: example\ngraph:\n  tiers:\n{listed}pins: override\nforge: local\n"


def _make_repository(omni_home: Path, names: list[str], number: int, since: int, older: int) -> str:
    name, minor = names[number], number % 3 == 0
    path = omni_home / name
    git = ("git", "-C", str(path))
    make = ("git", "init", "--quiet", "--initial-branch=main", str(path))
    subprocess.run(make, check=True, timeout=60)
    needs = names[number - 1] if number % _CHAIN else None
    stream = "".join(_write_history(_write_files(name, needs), since, older, minor=minor))
    subprocess.run((*git, "fast-import", "--quiet"), input=stream.encode(), check=True, timeout=600)
    with (path / ".git" / "config").open("a", encoding="utf-8") as config:
        config.write(
            f'[remote "origin"]\n\turl = {path}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
        )
    head = path / ".git" / "refs" / "remotes" / "origin" / "HEAD"
    head.parent.mkdir(parents=True, exist_ok=True)
    head.write_text("ref: refs/remotes/origin/main\n", encoding="utf-8")
    return "1.3.0" if minor else "1.2.4"


def _write_files(name: str, needs: str | None) -> dict[str, str]:
    required = f'"{needs.replace("_", "-")}>=1.2,<2"' if needs else ""
    manifest = (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        f'[project]\nname = "{name.replace("_", "-")}"\nversion = "1.2.3"\n'
        f'requires-python = ">=3.11"\ndependencies = [{required}]\n'
    )
    return {
        "pyproject.toml": manifest,
        "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2025-01-01\n\n- It works\n",
        "README.md": f"# {name}\n",
        f"src/{name}/__init__.py": "",
    }


def _write_history(files: dict[str, str], since: int, older: int, *, minor: bool) -> Iterator[str]:
    """A stream for fast-import: the files, ``older`` commits, the tag, ``since`` commits."""
    for at in range(older + since + 1):
        message = f"{_write_subject(at, older, since, minor=minor)}\n\nWhat changed, and why.\n"
        who = f"A <a@example.org> {_SECONDS + at} +0000"
        yield f"commit refs/heads/main\nmark :{at + 1}\ncommitter {who}\n"
        yield f"data {len(message)}\n{message}"
        for path, text in files.items() if at == 0 else [("work.txt", f"change {at}\n")]:
            yield f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"
        if at == older:
            yield f"tag v1.2.3\nfrom :{at + 1}\ntagger {who}\ndata 6\nv1.2.3\n"
    yield f"reset refs/remotes/origin/main\nfrom :{older + since + 1}\n"


def _write_subject(at: int, older: int, since: int, *, minor: bool) -> str:
    if at <= older or not minor or at != older + since // 2 + 1:
        return f"{_TYPES[at % len(_TYPES)]}: change {at} (#{at})"
    return f"feat: another thing (#{at})"
