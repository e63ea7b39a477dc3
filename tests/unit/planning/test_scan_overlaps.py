"""A real run asks the remotes side by side: none answers before another has been asked, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.contract.load import load_config
from omninode_release.planning.scan import Scan
from support.gitrepo import git
from support.orgs import programs

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

_ANSWERS_LATE = """#!/bin/sh
# Serves a fetch once another repository's has begun; gives up after a minute.
mkdir -p @BEGUN@/"$(basename "$1")"
left=600
while [ "$(ls @BEGUN@ | wc -l)" -lt 2 ]; do
  left=$((left - 1))
  [ "$left" -gt 0 ] || { echo "no other repository was asked meanwhile" >&2; exit 1; }
  sleep 0.1
done
exec git-upload-pack "$@"
"""


def test_remotes_are_asked_side_by_side_and_told_in_tier_order(small_org: Org) -> None:
    begun, script = small_org.root / "begun", small_org.root / "upload-pack"
    begun.mkdir()
    script.write_text(_ANSWERS_LATE.replace("@BEGUN@", str(begun)), encoding="utf-8")
    script.chmod(0o755)
    for repo in small_org.repos:
        git(small_org.clone(repo), "config", "remote.origin.uploadpack", str(script))
    config = load_config(small_org.omni_home / "release.yaml")

    found = Scan(small_org.omni_home, config, programs().at("scan")).fetch(["beta", "alpha"])

    assert [facts.problem for facts in found.repos.values()] == [None, None]
    assert list(found.repos) == ["alpha", "beta"]
    assert len(list(begun.iterdir())) == 2
