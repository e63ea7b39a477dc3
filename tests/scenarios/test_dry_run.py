"""A dry run: all of the plan, and nothing written but its result."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from support.cli import run_cli, state_home
from support.gitrepo import commit_file, git, land, push_main, world
from support.repos import add_repo, configure, manifest, spoil

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


def _everything(root: Path, *, without: Path) -> dict[str, str]:
    """Every path below ``root`` with its kind, mode and content; ``without`` is left out."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path == without or without in path.parents:
            continue
        mode = oct(path.lstat().st_mode)
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "-"
        found[path.relative_to(root).as_posix()] = f"{mode} {digest}"
    return found


def test_a_dry_run_changes_nothing_below_the_whole_organisation_but_its_result(org: Org) -> None:
    results = state_home(org) / "skill-results"
    results.mkdir(parents=True)
    land(org.remote("omnibase_core"), "late.md", "Late.\n", "feat: not fetched yet")
    before, facts = _everything(org.root, without=results), world(org)

    ran = run_cli(org, "--dry-run")

    assert (ran.code, ran.err) == (0, "")
    assert world(org) == facts
    assert _everything(org.root, without=results) == before
    assert [path.name for path in results.rglob("*") if path.is_file()] == ["release.json"]


def test_a_dry_run_takes_no_lock_and_leaves_no_state_folder(small_org: Org) -> None:
    assert run_cli(small_org, "--dry-run").code == 0

    assert [path.name for path in state_home(small_org).iterdir()] == ["skill-results"]


def test_the_result_of_a_dry_run_says_what_would_be_done(small_org: Org) -> None:
    ran = run_cli(small_org, "--dry-run")

    assert ran.result is not None
    assert ran.result["status"] == "DRY_RUN"
    assert (ran.result["error_code"], ran.result["error"], ran.result["gate"]) == (None, None, None)
    assert ran.result["repos_attempted"] == 0
    assert [
        (each["repo"], each["old_version"], each["new_version"], each["bump"], each["phase"])
        for each in ran.result["details"]
    ] == [
        ("alpha", "1.0.0", "1.1.0", "minor", "PLANNED"),
        ("beta", "0.4.0", "0.4.1", "patch", "PLANNED"),
    ]


def test_the_same_world_gives_the_same_hash_in_a_dry_run_and_in_a_real_one(small_org: Org) -> None:
    first, second = run_cli(small_org, "--dry-run"), run_cli(small_org, "--dry-run", "--offline")
    real = run_cli(small_org, "--gate-attestation", "1740312612.000100:release-20260225-91bca0")

    hashes = [ran.result["plan_hash"] for ran in (first, second, real) if ran.result]
    assert len(hashes) == 3
    assert len(set(hashes)) == 1


def test_a_dry_run_loads_nothing_that_only_a_real_run_needs(small_org: Org) -> None:
    words = ("--dry-run", "--offline", "--omni-home", str(small_org.omni_home))

    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "omninode_release", *words],
        env=os.environ | {"ONEX_STATE_DIR": str(state_home(small_org))},
        capture_output=True,
        check=True,
        text=True,
    )

    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "Pins:\n  beta: alpha >=1.0.0,<2.0.0 → ==1.1.0" in ran.stdout
    assert "omninode_release" in loaded
    assert loaded.isdisjoint({"httpx", "jsonschema", "rich", "slack_sdk", "tomlkit"})


def test_offline_asks_no_remote(small_org: Org) -> None:
    (small_org.remotes).rename(small_org.root / "unplugged")

    ran = run_cli(small_org, "--dry-run", "--offline", "--verbose")

    assert (ran.code, ran.err) == (0, "")
    assert "ls-remote" not in ran.out
    assert ran.result is not None
    assert ran.result["warnings"] == []


def test_a_remote_that_does_not_answer_is_a_warning(small_org: Org) -> None:
    (small_org.remotes).rename(small_org.root / "unplugged")

    ran = run_cli(small_org, "--dry-run")

    assert (ran.code, ran.err) == (0, "")
    assert "alpha: its remote could not be asked; the plan is of the clone as it is" in ran.out


def test_a_clone_that_is_behind_its_remote_is_a_warning(small_org: Org) -> None:
    land(small_org.remote("beta"), "news.md", "New.\n", "feat: not fetched yet")

    ran = run_cli(small_org, "--dry-run")

    assert f"git -C {small_org.clone('beta')} fetch origin" in ran.out
    assert "  beta   2     0.4.0    0.4.1  patch        1  release" in ran.out
    assert ran.result is not None
    assert [warning.split(":")[0] for warning in ran.result["warnings"]] == ["beta"]


def test_what_a_real_run_refuses_stands_in_table_and_result_and_fails_only_if_strict(
    small_org: Org,
) -> None:
    clone = small_org.clone("beta")
    commit_file(clone, "pyproject.toml", manifest("beta", "0.4.0rc1"), "build: odd version")
    push_main(clone)

    lenient, strict = run_cli(small_org, "--dry-run"), run_cli(small_org, "--dry-run", "--strict")

    assert (lenient.code, strict.code) == (0, 1)
    assert "  beta   2     ?        -      -            2  VERSION_INVALID" in lenient.out
    assert "Cannot be released:\n  VERSION_INVALID beta: " in lenient.out
    for ran in (lenient, strict):
        assert ran.result is not None
        assert ran.result["status"] == "DRY_RUN"
        assert [each["error_code"] for each in ran.result["details"]] == [None, "VERSION_INVALID"]


def test_strict_passes_where_nothing_is_refused(small_org: Org) -> None:
    assert run_cli(small_org, "--dry-run", "--strict").code == 0


def test_drift_fails_a_dry_run_too(small_org: Org) -> None:
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma", "0.1.0", "alpha")})

    ran = run_cli(small_org, "--dry-run")

    assert ran.code == 1
    assert ran.err.startswith("GRAPH_DRIFT: ")


def test_a_result_folder_that_cannot_be_written_is_only_a_note(small_org: Org) -> None:
    state_home(small_org).mkdir()
    (state_home(small_org) / "skill-results").write_text("a file", encoding="utf-8")

    ran = run_cli(small_org, "--dry-run")

    assert (ran.code, ran.err) == (0, "")
    assert "note: the result file could not be written" in ran.out
    assert "Release plan" in ran.out


def test_json_is_all_that_stands_on_stdout(small_org: Org) -> None:
    ran = run_cli(small_org, "--dry-run", "--json", "--verbose")

    assert json.loads(ran.out) == ran.result
    assert "Release plan" in ran.err
    assert "$ (cd " in ran.err


def test_json_of_a_refusal_is_a_result_too(small_org: Org) -> None:
    ran = run_cli(small_org, "gamma", "--json")

    told = json.loads(ran.out)
    assert (ran.code, ran.result) == (2, None)
    assert (told["status"], told["error_code"]) == ("FAILED", "UNKNOWN_REPO")


def test_a_release_commit_whose_version_has_no_tag_is_an_unfinished_release(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    text = (clone / "pyproject.toml").read_text(encoding="utf-8").replace("1.0.0", "1.0.5")
    commit = commit_file(clone, "pyproject.toml", text, "release: alpha v1.0.5 [OMN-7] (#6)")
    push_main(clone)

    ran = run_cli(small_org, "--dry-run")

    assert (
        f"UNFINISHED_RELEASE alpha: {commit[:12]} (release: alpha v1.0.5 [OMN-7] (#6))" in ran.out
    )
    assert "alpha: pyproject.toml says 1.0.5, ahead of the tag v1.0.0" in ran.out
    assert "  alpha  1     1.0.5    1.1.0  minor        3  release" in ran.out


def test_a_version_ahead_of_its_tag_is_released_as_it_is_where_that_is_configured(
    small_org: Org,
) -> None:
    configure(small_org, ahead="as_is")
    clone = small_org.clone("alpha")
    text = (clone / "pyproject.toml").read_text(encoding="utf-8").replace("1.0.0", "1.4.0")
    commit_file(clone, "pyproject.toml", text, "chore: the next version")
    push_main(clone)

    ran = run_cli(small_org, "--dry-run")

    assert "  alpha  1     1.4.0    1.4.0  minor        3  release" in ran.out


def test_leaving_zero_is_called_out(small_org: Org) -> None:
    commit_file(small_org.clone("beta"), "x.md", "X.\n", "feat!: another command line")
    push_main(small_org.clone("beta"))

    ran = run_cli(small_org, "--dry-run")

    assert "  beta   2     0.4.0    1.0.0  major        2  release" in ran.out
    assert "beta: this release leaves 0.x: 0.4.0 → 1.0.0, decided by 'feat!: another" in ran.out
    configure(small_org, major_on_zero=False)
    careful = run_cli(small_org, "--dry-run")
    assert "  beta   2     0.4.0    0.5.0  major        2  release" in careful.out
    assert "leaves 0.x" not in careful.out


def test_what_has_nothing_to_release_is_skipped_and_not_pinned(small_org: Org) -> None:
    git(small_org.clone("alpha"), "tag", "v1.0.1", "origin/main")

    ran = run_cli(small_org, "--dry-run")

    assert "  alpha  1     1.0.1    -      -            0  skip: nothing to release" in ran.out
    assert (
        "Nothing to release:\n  alpha: no commit counts, all of main is in v1.0.1;"
        " --version alpha=1.0.2 releases it all the same\n"
    ) in ran.out
    assert "Pins:" not in ran.out
    assert ran.result is not None
    assert (ran.result["repos_skipped"], ran.result["repos_attempted"]) == (1, 0)


def test_what_is_offered_of_nothing_to_release_can_be_typed(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    git(clone, "tag", "v1.0.1", "origin/main")
    text = (clone / "pyproject.toml").read_text(encoding="utf-8").replace("1.0.0", "1.3.0.dev0")
    commit_file(clone, "pyproject.toml", text, "Back to development: 1.3.0")
    push_main(clone)

    ran = run_cli(small_org, "--dry-run", "alpha")

    offer = "--version alpha=1.3.0"
    assert f"; {offer} releases it all the same\n" in ran.out
    typed = run_cli(small_org, "--dry-run", "alpha", *offer.split())
    assert "  alpha  1     1.0.1    1.3.0  minor        1  release" in typed.out


def test_bookkeeping_alone_is_nothing_to_release(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    git(clone, "tag", "v1.0.1", "origin/main")
    commit_file(clone, "CHANGELOG.md", "# Changelog\n", "chore(release): tidy the notes")
    push_main(clone)

    ran = run_cli(small_org, "--dry-run")

    assert "  alpha  1     1.0.1    -      -            1  skip: nothing to release" in ran.out


def test_bump_overrides_levels_and_does_not_resurrect_what_is_skipped(small_org: Org) -> None:
    git(small_org.clone("alpha"), "tag", "v1.0.1", "origin/main")

    ran = run_cli(small_org, "--dry-run", "--bump", "minor")

    assert "  alpha  1     1.0.1    -      -            0  skip: nothing to release" in ran.out
    assert "  beta   2     0.4.0    0.5.0  minor        1  release" in ran.out
    assert "beta: minor by --bump" in ran.out


def test_a_word_on_one_repository_leaves_the_others(small_org: Org) -> None:
    ran = run_cli(small_org, "--dry-run", "--bump", "beta=minor", "--version", "alpha=1.3.5")

    assert "  alpha  1     1.0.0    1.3.5  minor        2  release" in ran.out
    assert "  beta   2     0.4.0    0.5.0  minor        1  release" in ran.out
    assert "alpha: minor by --version alpha=1.3.5" in ran.out
    assert "beta: minor by --bump beta=minor" in ran.out


def test_a_word_on_a_repository_with_nothing_to_release_is_said_to_be_unused(
    small_org: Org,
) -> None:
    git(small_org.clone("alpha"), "tag", "v1.0.1", "origin/main")

    ran = run_cli(small_org, "--dry-run", "--bump", "alpha=minor")

    assert "alpha: --bump alpha=minor is not used, since there is nothing to release" in ran.out


def test_a_dry_run_of_a_resume_marks_what_is_done(small_org: Org) -> None:
    spoil(small_org, "beta")
    token = "1740312612.000100:half"  # noqa: S105 - a gate token of this example
    assert run_cli(small_org, "--run-id", "half", "--gate-attestation", token).code == 3
    before = (state_home(small_org) / "state" / "release" / "half.json").read_bytes()

    ran = run_cli(small_org, "--resume", "half", "--dry-run")

    assert (ran.code, ran.err) == (0, "")
    assert "  alpha  1     1.0.0    1.1.0  minor        2  done" in ran.out
    assert "  beta   2     0.4.0    0.4.1  patch        2  release" in ran.out
    assert (state_home(small_org) / "state" / "release" / "half.json").read_bytes() == before


def test_a_dry_run_warns_of_an_unfinished_run(small_org: Org) -> None:
    spoil(small_org, "alpha")
    token = "1740312612.000100:half"  # noqa: S105 - a gate token of this example
    assert run_cli(small_org, "--run-id", "half", "--gate-attestation", token).code == 1

    ran = run_cli(small_org, "--dry-run")

    assert "the unfinished run half (2026-02-25 14:00 UTC) has to do with alpha too" in ran.out
