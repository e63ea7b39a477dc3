"""What is downloaded to develop and to publish is named so that it cannot be another thing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
_PIN = re.compile(r"[A-Za-z0-9._-]+(\[[a-z, -]+\])?==[^ ]+( ; [a-z_]+ [^\\]+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
_COMMIT = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
_USES = re.compile(r"^\s*- uses: (.*)$", re.MULTILINE)


def test_every_constraint_is_a_version_with_its_hashes() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not (_PIN.fullmatch(line) or _HASH.fullmatch(line))] == []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert following.startswith("    --hash") == line.endswith("\\"), line


def test_the_set_up_takes_nothing_without_a_hash() -> None:
    setup = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in setup.splitlines() if "$(PIP) install" in line]

    assert ["--require-hashes" in line for line in installs] == [True, False]
    assert "--no-deps --no-build-isolation" in installs[1]


@pytest.mark.parametrize(
    "path", [*ROOT.glob(".github/workflows/*"), *ROOT.glob("docs/*.md")], ids=lambda p: p.name
)
def test_actions_are_named_by_commit(path: Path) -> None:
    used = _USES.findall(path.read_text(encoding="utf-8"))

    assert [each for each in used if not _COMMIT.fullmatch(each)] == []
    assert used or path.suffix == ".md"


def test_the_first_release_is_published_without_a_token() -> None:
    text = (ROOT / "docs" / "first-release.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    job = workflow["jobs"]["release"]

    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert job["environment"] == "release"
    assert "secrets." not in text
