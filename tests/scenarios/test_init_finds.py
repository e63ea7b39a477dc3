"""What ``omni-release init`` finds in clones, and how a configuration is held against them."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

import pytest

from support.cli import run_cli
from support.gitrepo import commit_file, git, push_main
from support.monorepo import add_monorepo
from support.repos import add_repo, configure, manifest
from support.unconfigured import on_github, publishes_by, refs_of, written

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org


@pytest.fixture
def fresh(small_org: Org) -> Org:
    """The clones of ``small_org`` without any configuration."""
    (small_org.omni_home / "release.yaml").unlink()
    return small_org


def fits(org: Org, *args: str) -> dict[str, tuple[str, str]]:
    """Repository to fit and reasons, as ``--json`` has them."""
    ran = run_cli(org, "init", "--json", *args)
    assert ran.code in {0, 1}, ran.err
    return {
        each["repo"]: (each["fit"], " ".join(each["why"])) for each in json.loads(ran.out)["repos"]
    }


def differences(org: Org, *args: str) -> list[str]:
    ran = run_cli(org, "init", "--check", "--json", *args)
    found = [f"{each['key']}: {each['text']}" for each in json.loads(ran.out)["differences"]]
    assert ran.code == (1 if found else 0)
    return found


def test_files_with_the_version_are_listed_published_or_not(fresh: Org) -> None:
    refs_of(fresh, "beta", "docs/conf.py", "release = '0.4.0'\n")
    refs_of(fresh, "beta", "web/package.json", '{"version": "0.4.0", "x": {"version": "0.4.0"}}\n')
    refs_of(fresh, "beta", "CITATION.cff", "version: 0.3.9\n")
    refs_of(fresh, "beta", "docs/changelog.rst", "version: 0.4.0\n")

    assert fits(fresh)["beta"] == ("fits", "")

    assert written(fresh)["version_files"] == {"beta": ["docs/conf.py"]}
    assert differences(fresh) == []


def test_one_repository_with_a_tuple_that_says_beta_leaves_the_others_their_settings(
    fresh: Org,
) -> None:
    refs_of(fresh, "beta", "src/beta/info.py", "version_info = (0, 4, 0, 'beta', 0)\n")

    found = fits(fresh)

    assert found["alpha"] == ("fits", "")
    assert found["beta"][0] == "needs"
    assert "found 'beta' in it: that would be published" in found["beta"][1]
    assert written(fresh)["version_files"] == {"beta": ["src/beta/info.py"]}


def test_what_fits_what_needs_something_and_what_cannot(fresh: Org) -> None:
    dynamic = manifest("gamma").replace('version = "1.0.0"', 'dynamic = ["version"]')
    add_repo(fresh, "gamma", {"pyproject.toml": dynamic})
    add_repo(fresh, "older", {"setup.py": ""})
    add_repo(fresh, "website", {"package.json": "{}"})
    add_repo(fresh, "status", {"pyproject.toml": manifest("status")})
    private = manifest("inner") + 'classifiers = ["Private :: Do Not Upload"]\n'
    add_repo(fresh, "inner", {"pyproject.toml": private})
    git(fresh.clone("beta"), "branch", "release")

    found = fits(fresh)

    assert {repo: fit for repo, (fit, _) in found.items()} == {
        "alpha": "fits",
        "beta": "needs",
        "gamma": "cannot",
        "older": "cannot",
        "inner": "left out",
        "status": "left out",
        "website": "left out",
    }
    assert f"git -C {fresh.clone('beta')} branch -m release" in found["beta"][1]
    assert "gamma/pyproject.toml: expected a literal version" in found["gamma"][1]
    assert "neither [metadata] of setup.cfg nor setup() of setup.py" in found["older"][1]
    assert "'Private :: Do Not Upload'" in found["inner"][1]
    assert (
        "status is a command word of omni-release; to be released, its folder" in found["status"][1]
    )
    assert "no package" in found["website"][1]
    assert written(fresh)["graph"] == {"tiers": "auto", "ignore": ["inner", "status"]}
    assert run_cli(fresh, "--dry-run", "alpha").code == 0


def test_reasons_stand_below_the_table_in_eighty_columns(fresh: Org) -> None:
    dynamic = manifest("gamma").replace('version = "1.0.0"', 'dynamic = ["version"]')
    add_repo(fresh, "gamma", {"pyproject.toml": dynamic})

    lines = run_cli(fresh, "init").out.splitlines()

    assert "gamma cannot (gamma/pyproject.toml:7):" in lines
    assert all(len(line) <= 80 for line in lines[1:-1])


def test_an_organisation_on_github_needs_few_words(fresh: Org) -> None:
    on_github(fresh, "alpha", "beta")
    publishes_by(fresh, "alpha", "publish.yml")
    publishes_by(fresh, "beta", "publish.yml")
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL_ID": "C1"}

    ran = run_cli(fresh, "init", env=slack)

    assert ran.code == 0
    assert written(fresh)["organization"] == "acme"
    assert written(fresh)["graph"] == "auto"
    assert written(fresh)["publish"] == {"workflow": "publish.yml"}
    assert set(written(fresh)) == {"organization", "graph", "pins", "publish"}


def uploads_on(events: str) -> str:
    return f"on: {{{events}}}\njobs: {{up: {{steps: [{{run: uv publish}}]}}}}\n"


def test_what_a_dispatch_has_to_be_given_is_written(fresh: Org) -> None:
    on_github(fresh, "alpha", "beta", at="https://git.acme.example/acme/")
    publishes_by(fresh, "alpha", "ship.yml")
    publishes_by(fresh, "beta", None)
    by_hand = uploads_on("workflow_dispatch: {inputs: {version: {required: true}}}")
    path = ".github/workflows/ship.yml"
    commit_file(fresh.clone("beta"), path, by_hand, "ci: by hand")
    git(fresh.clone("beta"), "update-ref", "refs/remotes/origin/main", "HEAD")

    fits(fresh)

    inputs = {"version": "{version}"}
    assert written(fresh)["publish"] == {"workflow": "ship.yml"}
    assert written(fresh)["publish_of"] == {"beta": {"workflow": "ship.yml", "inputs": inputs}}


def test_the_others_are_not_given_what_most_dispatches_are(fresh: Org) -> None:
    on_github(fresh, "alpha", "beta", at="https://git.acme.example/acme/")
    for repo, events in (("alpha", "workflow_dispatch: "), ("beta", "push: {tags: ['v*']}")):
        publishes_by(fresh, repo, None)
        commit_file(fresh.clone(repo), f".github/workflows/{repo}.yml", uploads_on(events), "ci: x")
        git(fresh.clone(repo), "update-ref", "refs/remotes/origin/main", "HEAD")

    fits(fresh)

    assert written(fresh)["publish"] == {"workflow": "alpha.yml", "inputs": {}}
    assert written(fresh)["publish_of"] == {"beta": {"inputs": None, "workflow": "beta.yml"}}
    assert run_cli(fresh, "--dry-run").code == 0


def test_each_package_is_published_by_the_workflow_that_its_tag_starts(fresh: Org) -> None:
    on_github(fresh, "alpha", "beta")
    add_monorepo(fresh, configured=False)
    for name in ("core", "tools", "app"):
        by_tag = uploads_on(f"push: {{tags: ['{name}-v*']}}")
        commit_file(fresh.clone("mono"), f".github/workflows/{name}.yml", by_tag, "ci: publish")
    git(fresh.clone("mono"), "update-ref", "refs/remotes/origin/main", "HEAD")

    fits(fresh)

    found = written(fresh)["publish_of"]
    for name in ("core", "tools", "app"):
        assert found[name] == {"workflow": f"{name}.yml"}
    assert not [each for each in differences(fresh) if "is published by" in each]


def test_the_workflow_that_uploads_is_named(fresh: Org) -> None:
    on_github(fresh, "alpha", "beta", at="https://git.acme.example/acme/")
    publishes_by(fresh, "alpha", "ship.yml")
    publishes_by(fresh, "beta", None)

    found = fits(fresh)

    assert written(fresh)["publish"] == {"workflow": "ship.yml"}
    text = (fresh.omni_home / "release.yaml").read_text(encoding="utf-8")
    assert "# it uploads: alpha/.github/workflows/ship.yml:8\n" in text
    assert found["alpha"][0] == "needs"
    assert "gh auth login --hostname git.acme.example" in found["alpha"][1]
    assert "expected beta/.github/workflows/ship.yml, found no workflow" in found["beta"][1]


def test_what_was_just_written_says_what_the_clones_do(fresh: Org) -> None:
    assert run_cli(fresh, "init").code == 0

    ran = run_cli(fresh, "init", "--check")

    assert ran.code == 0
    assert ran.out.endswith("\nThe configuration says what the clones do.\n")
    assert f"Compared {fresh.omni_home / 'release.yaml'}\n" in ran.out


def test_repositories_that_came_and_went_are_named(small_org: Org) -> None:
    assert differences(small_org) == []
    configure(small_org, graph={"ignore": ["nobody"]})
    add_repo(small_org, "gamma", {"pyproject.toml": manifest("gamma")})
    add_repo(small_org, "website", {"package.json": "{}"})
    private = manifest("beta", "0.4.0", "alpha") + "[tool.uv]\npackage = false\n"
    refs_of(small_org, "beta", "pyproject.toml", private)

    found = differences(small_org)

    assert len(found) == 3
    assert "tool.uv.package is false" in found[0]
    assert found[0].startswith("graph.ignore: beta/pyproject.toml: expected a package to publish")
    assert found[1].startswith("graph.ignore: gamma is a package under omni_home")
    assert found[2] == "graph.ignore: expected a clone of nobody under omni_home, found none"


def test_tiers_that_the_manifests_invert_are_named(small_org: Org) -> None:
    configure(small_org, graph={"tiers": [{"beta": []}, {"alpha": []}]})

    (found,) = differences(small_org)

    assert found.startswith("graph: expected the declared tiers to be an order of the manifests")
    ran = run_cli(small_org, "init", "--check")
    assert "no plan can be made" in ran.out
    assert f"Next: correct {small_org.omni_home / 'release.yaml'}" in ran.out


def test_files_that_hold_the_version_are_named(small_org: Org) -> None:
    configure(small_org, version_files={"alpha": ["src/alpha/gone.py"]})
    refs_of(small_org, "beta", "src/beta/_version.py", '__version__ = "0.4.0"\n')
    refs_of(small_org, "beta", "tests/version.py", '__version__ = "0.4.0"\n')

    found = differences(small_org)

    assert [each for each in found if "src/beta/_version.py" in each]
    assert [each for each in found if "version_files of alpha names src/alpha/gone.py" in each]
    assert not [each for each in found if "tests/version.py" in each]


def test_a_forge_that_is_not_the_one_of_the_origins_is_named(small_org: Org) -> None:
    on_github(small_org, "beta")

    (found,) = differences(small_org)

    assert found.startswith("forge: local needs a bare repository on this machine")


def test_origins_that_are_all_of_another_forge_are_told_once(small_org: Org) -> None:
    on_github(small_org, "alpha")
    on_github(small_org, "beta")

    (found,) = differences(small_org)

    assert found.startswith("forge: local needs a bare repository on this machine as origin of")
    assert found.endswith("or choose another forge; the same for beta")


def test_there_must_be_something_to_compare(fresh: Org) -> None:
    ran = run_cli(fresh, "init", "--check")

    assert ran.code == 2
    assert "omni-release init --omni-home" in ran.err


def test_the_packages_of_a_repository_without_one_at_its_root_are_found(fresh: Org) -> None:
    add_monorepo(fresh, configured=False)

    found = fits(fresh)

    assert {name: found[name][0] for name in ("core", "tools", "app")} == dict.fromkeys(
        ("core", "tools", "app"), "fits"
    )
    assert "mono" not in found
    assert written(fresh)["packages"] == {
        name: {"repository": "mono", "path": f"packages/{name}"}
        for name in ("app", "core", "tools")
    }
    assert differences(fresh) == []
    git(fresh.clone("mono"), "fetch", "--quiet", "origin")
    ran = run_cli(fresh, "--dry-run", "core", "tools", "app")
    assert ran.code == 0, ran.err
    assert "  core   1     1.0.0    1.1.0" in ran.out
    assert "  core (mono/packages/core)" in run_cli(fresh, "graph").out


def test_members_of_a_workspace_count_beside_a_package_where_they_have_tags(fresh: Org) -> None:
    files = {
        "pyproject.toml": manifest("gamma") + '\n[tool.uv.workspace]\nmembers = ["libs/*"]\n',
        "libs/delta/pyproject.toml": manifest("delta"),
        "libs/shown/pyproject.toml": manifest("shown"),
        "examples/one/pyproject.toml": manifest("one"),
    }
    clone = add_repo(fresh, "gamma", files, tag="v1.0.0")
    git(clone, "tag", "delta-v1.0.0")

    found = fits(fresh)

    assert {"gamma", "delta"} <= found.keys()
    assert {"shown", "one"} & found.keys() == set()
    assert written(fresh)["packages"] == {
        "gamma": {},
        "delta": {"repository": "gamma", "path": "libs/delta"},
    }


def test_a_package_in_a_folder_that_is_not_listed_is_a_difference(fresh: Org) -> None:
    assert run_cli(fresh, "init").code == 0
    add_monorepo(fresh, configured=False)

    found = differences(fresh)

    assert "packages: mono/packages/core holds the package core and is not listed" in found


def tag_by_date(org: Org, repo: str, *versions: str) -> None:
    """Give it releases whose versions say the day of their commits."""
    clone = org.clone(repo)
    for version in versions:
        year, month, day = map(int, version.split("."))
        date = dt.datetime(year, month, day, 12, tzinfo=dt.UTC).isoformat()
        text = (clone / "pyproject.toml").read_text(encoding="utf-8")
        text = re.sub(r'^version = ".*"$', f'version = "{version}"', text, flags=re.MULTILINE)
        commit_file(clone, "pyproject.toml", text, f"chore: {version}", date=date)
        git(clone, "tag", f"v{version}")
    commit_file(clone, "more.md", "x\n", "feat: more")
    push_main(clone, tags=tuple(f"v{version}" for version in versions))


def test_versions_that_say_the_date_are_known_by_their_tags(fresh: Org) -> None:
    tag_by_date(fresh, "alpha", "2025.11.3", "2025.12.24", "2026.1.7")

    found = fits(fresh)

    assert written(fresh)["version_scheme_of"] == {"alpha": {"calver": "YYYY.M.D"}}
    assert "version_scheme" not in written(fresh)
    text = (fresh.omni_home / "release.yaml").read_text(encoding="utf-8")
    assert "alpha: as v2026.1.7, v2025.12.24, v2025.11.3 say" in text
    assert found["alpha"] == ("fits", "")
    assert "2026.2.25" in run_cli(fresh, "--dry-run", "--offline").out
    assert differences(fresh) == []
    configure(fresh, version_scheme_of={"alpha": "semver"})
    [told] = differences(fresh)
    assert told.startswith(
        "version_scheme_of.alpha: alpha has versions that say the date (YYYY.M.D)"
    )
    assert told.endswith(": v2026.1.7, v2025.12.24, v2025.11.3")


def test_versions_that_all_say_the_date_are_one_setting(fresh: Org) -> None:
    for repo in ("alpha", "beta"):
        tag_by_date(fresh, repo, "2025.11.3", "2025.12.24", "2026.1.7")

    fits(fresh)

    assert written(fresh)["version_scheme"] == {"calver": "YYYY.M.D"}
    assert "version_scheme_of" not in written(fresh)
    assert differences(fresh) == []
