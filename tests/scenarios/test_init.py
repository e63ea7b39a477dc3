"""``omni-release init``: from clones to a first plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.contract.schemas import resource, validator
from omninode_release.errors import ErrorCode
from support.cli import run_cli
from support.failures import fails
from support.gitrepo import world
from support.repos import add_repo, manifest
from support.unconfigured import on_github, publishes_by, refs_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from omninode_release.commands.demo_org import Org


SCHEMA = "release-config.schema.json"


@pytest.fixture
def fresh(small_org: Org) -> Org:
    """The clones of ``small_org`` without any configuration."""
    (small_org.omni_home / "release.yaml").unlink()
    return small_org


def test_two_commands_lead_to_a_plan(fresh: Org) -> None:
    configured = {"organization": "omni_home", "graph": "auto"}
    configured |= {"forge": "local", "index": "local", "gate": "console", "pins": "raise"}
    (fresh.omni_home / "release.yaml").touch()  # for world(), which reads it
    before = world(fresh)
    (fresh.omni_home / "release.yaml").unlink()

    ran = run_cli(fresh, "init")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"Wrote {fresh.omni_home / 'release.yaml'}\n"
        "Organisation omni_home; fits: 2\n\n"
        "  repo   tier  fit   now → next\n"
        "  alpha  1     fits  1.0.0 → 1.1.0\n"
        "  beta   2     fits  0.4.0 → 0.4.1\n\n"
        f"Next: omni-release --dry-run --omni-home {fresh.omni_home}\n"
    )
    assert written(fresh) == configured
    assert {**world(fresh), "configuration": b""} == before

    plan = run_cli(fresh, "--dry-run", "--strict")
    assert plan.code == 0
    assert plan.result is not None
    assert plan.result["configuration"] == str(fresh.omni_home / "release.yaml")
    assert f"Configuration {fresh.omni_home / 'release.yaml'}\n" in plan.out
    new = {each["repo"]: each["new_version"] for each in plan.result["details"]}
    assert new == {"alpha": "1.1.0", "beta": "0.4.1"}


def test_the_file_fits_the_schema_that_an_editor_finds_beside_it(fresh: Org) -> None:
    refs_of(fresh, "beta", "src/beta/_version.py", '__version__ = "0.4.0"\n')
    add_repo(fresh, "inner", {"pyproject.toml": manifest("inner") + "[tool.uv]\npackage = false\n"})
    on_github(fresh, "alpha", "beta", "inner")
    publishes_by(fresh, "alpha", "ship.yaml")
    publishes_by(fresh, "beta", "ship.yaml")

    assert run_cli(fresh, "init").code == 0

    assert set(written(fresh)) == {
        *("organization", "graph", "gate", "pins", "version_files", "publish")
    }
    assert list(validator("release-config").iter_errors(written(fresh))) == []
    lines = (fresh.omni_home / "release.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# yaml-language-server: $schema={SCHEMA}"
    beside = fresh.omni_home / SCHEMA
    assert beside.read_bytes() == (resource("schemas") / SCHEMA).read_bytes()
    assert all(len(line) <= 100 for line in lines)


def test_a_schema_of_an_earlier_version_is_replaced_and_nothing_else(fresh: Org) -> None:
    beside = fresh.omni_home / SCHEMA
    beside.write_text('{"$id": "urn:omninode-release:schema:release-config:0"}', encoding="utf-8")
    assert run_cli(fresh, "init").code == 0
    assert beside.read_bytes() == (resource("schemas") / SCHEMA).read_bytes()

    (fresh.omni_home / "release.yaml").unlink()
    beside.write_text("somebody's", encoding="utf-8")
    assert run_cli(fresh, "init").code == 0
    assert beside.read_text(encoding="utf-8") == "somebody's"


def test_the_folder_one_stands_in_is_looked_at(fresh: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fresh.omni_home)

    assert run_cli(fresh, "init", env={"OMNI_HOME": ""}).code == 0
    assert run_cli(fresh, "--dry-run", env={"OMNI_HOME": ""}).code == 0


def test_a_file_that_is_named_is_written_instead(fresh: Org, tmp_path: Path) -> None:
    elsewhere = tmp_path / "new" / "acme.yaml"

    ran = run_cli(fresh, "init", "--config", str(elsewhere))

    assert (
        f"Next: omni-release --dry-run --omni-home {fresh.omni_home} --config {elsewhere}"
        in ran.out
    )
    assert not (fresh.omni_home / "release.yaml").exists()
    assert run_cli(fresh, "--dry-run", "--config", str(elsewhere)).code == 0


def test_a_file_that_is_there_is_never_overwritten(small_org: Org) -> None:
    failure = fails(
        small_org, ErrorCode.CONFIG_INVALID, "init", "--omni-home", str(small_org.omni_home)
    )

    failure.says(
        "init overwrites nothing", f"omni-release init --check --omni-home {small_org.omni_home}"
    )

    path = small_org.omni_home / "release.yaml"
    path.unlink()
    path.symlink_to("nowhere.yaml")
    assert run_cli(small_org, "init").code == 2
    assert path.is_symlink()


def test_a_circle_is_refused_and_nothing_written(fresh: Org) -> None:
    refs_of(fresh, "alpha", "pyproject.toml", manifest("alpha", "1.0.0", "beta"))

    ran = run_cli(fresh, "init")

    assert ran.code == 2
    assert (
        "in a circle: alpha -> beta -> alpha: alpha requires 'beta' (alpha/pyproject.toml:10"
        in ran.err
    )
    assert (
        "or write graph: {tiers: auto, ignore: [alpha]} into the release configuration" in ran.err
    )
    assert not (fresh.omni_home / "release.yaml").exists()


def test_a_folder_without_packages_is_refused(fresh: Org, tmp_path: Path) -> None:
    ran = run_cli(fresh, "init", "--omni-home", str(tmp_path))
    assert ran.code == 2
    assert f"expected clones of Python packages directly under {tmp_path}, found none" in ran.err

    ran = run_cli(fresh, "init", "--omni-home", str(fresh.clone("alpha")))
    assert f"it is a clone itself: pass --omni-home {fresh.omni_home}" in ran.err

    ran = run_cli(fresh, "init", "--omni-home", str(tmp_path / "gone"))
    assert f"expected a folder with the clones at {tmp_path / 'gone'}" in ran.err


def test_packages_that_are_all_private_are_nothing_to_configure(fresh: Org) -> None:
    for repo in ("alpha", "beta"):
        text = manifest(repo) + "[tool.uv]\npackage = false\n"
        refs_of(fresh, repo, "pyproject.toml", text)

    ran = run_cli(fresh, "init")

    assert ran.code == 2
    assert "expected a package to publish, found alpha/pyproject.toml: " in ran.err
    assert not (fresh.omni_home / "release.yaml").exists()


def test_a_place_that_cannot_be_written_is_named(fresh: Org) -> None:
    target = fresh.clone("alpha") / "pyproject.toml" / "release.yaml"

    ran = run_cli(fresh, "init", "--config", str(target))

    assert ran.code == 2
    assert f"expected to write {target}, found" in ran.err


def test_a_plan_without_any_configuration_names_init(fresh: Org) -> None:
    (fresh.omni_home / "release.yaml").write_text("{}", encoding="utf-8")  # world() reads it
    (fresh.omni_home / "release.yaml").unlink()

    ran = run_cli(fresh, "--dry-run")

    assert ran.code == 2
    assert "expected clones of the built-in organisation (omnibase_spi, " in ran.err
    assert f"Next: omni-release init --omni-home {fresh.omni_home} writes one" in ran.err


def test_the_built_in_configuration_is_named_by_its_plan(org: Org) -> None:
    (org.omni_home / "release.yaml").unlink()

    ran = run_cli(org, "--dry-run", "--offline")

    assert ran.result is not None
    assert ran.result["configuration"] == "built in"
    assert "\nConfiguration built in\n" in ran.out
