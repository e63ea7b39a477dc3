"""release-set.json: what a run has released, and ``omni-release verify`` of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.contract.schemas import validator
from omninode_release.models.phase import Phase
from omninode_release.system.files import encode_json
from omninode_release.text.formats.sealed_json import seal
from support.cli import Ran, run_cli, state_home
from support.endings import RUN, break_phase, is_archived, release, resume
from support.gitrepo import git
from support.loopback import Reply
from support.orgs import copy_org
from support.pypi_server import PyPIServer
from support.repos import configure, spoil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from omninode_release.commands.demo_org import Org


def set_of(org: Org) -> Path:
    return state_home(org) / "skill-results" / RUN / "release-set.json"


def read(org: Org) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(set_of(org).read_text(encoding="utf-8"))
    assert list(validator("release-set").iter_errors(value)) == []
    return value


def verify(org: Org, *args: str, **around: Any) -> Ran:
    return run_cli(org, "verify", str(set_of(org)), *args, **around)


def edit(org: Org, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the set and seal it again, as somebody would who means to deceive."""
    value = read(org)
    change(value)
    set_of(org).write_bytes(encode_json(seal(value)))


@pytest.fixture(scope="module")
def released_template(pair_template: Org, tmp_path_factory: pytest.TempPathFactory) -> Org:
    org = copy_org(pair_template, tmp_path_factory.mktemp("released") / "org")
    configure(org, rehearse=False)
    assert release(org).code == 0
    return org


@pytest.fixture
def released(released_template: Org, tmp_path: Path) -> Org:
    """The two repositories, released."""
    return copy_org(released_template, tmp_path / "org")


@pytest.fixture
def index(small_org: Org) -> Iterator[PyPIServer]:
    with PyPIServer(folder=small_org.root / "index") as server:
        yield server


# What is written.


def test_a_set_names_everything_that_was_released(released: Org) -> None:
    value = read(released)

    assert (value["run_id"], value["complete"], value["not_released"]) == (RUN, True, [])
    alpha, beta = value["released"]
    assert (alpha["repo"], alpha["version"], beta["version"]) == ("alpha", "1.1.0", "0.4.1")
    assert alpha["tags"] == ["alpha/v1.1.0", "v1.1.0"]
    assert alpha["commit"] == git(released.remote("alpha"), "rev-parse", "v1.1.0^{commit}").strip()
    assert [(each["filename"], each["kind"]) for each in beta["files"]] == [
        ("beta-0.4.1-py3-none-any.whl", "wheel"),
        ("beta-0.4.1.tar.gz", "sdist"),
    ]
    assert alpha["approver"] is None  # a token of which the form alone was checked
    assert alpha["plan_hash"] == value["plan_hash"]
    assert set_of(released).stat().st_mode & 0o777 == 0o600


def test_a_part_of_a_run_names_what_is_released_and_says_what_is_not(small_org: Org) -> None:
    spoil(small_org, "beta")
    assert release(small_org).code == 3

    value = read(small_org)

    assert (value["complete"], [each["repo"] for each in value["released"]]) == (False, ["alpha"])
    assert value["not_released"] == [
        {"repo": "beta", "version": "0.4.1", "phase": "LOCKED", "error_code": "LINT_FAILED"}
    ]
    ran = verify(small_org)
    assert ran.code == 0
    assert "a part of its run: beta 0.4.1 is not released" in ran.out


def test_a_run_that_released_nothing_leaves_none(small_org: Org) -> None:
    spoil(small_org, "alpha")
    assert release(small_org).code == 1

    assert not set_of(small_org).exists()


def test_a_resume_makes_the_set_whole(small_org: Org) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.TAG, after_effect=True)
        assert release(small_org).code == 3
    assert read(small_org)["complete"] is False

    assert resume(small_org).code == 0

    assert read(small_org)["complete"] is True
    assert verify(small_org).code == 0


def test_a_set_that_cannot_be_written_never_changes_how_a_run_ends(small_org: Org) -> None:
    set_of(small_org).mkdir(parents=True)

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "release-set.json could not be written" in ran.out


# An index over HTTP.


def test_attestations_of_an_index_are_named_and_compared(small_org: Org, index: PyPIServer) -> None:
    configure(small_org, index="pypi")
    wheel = "alpha-1.1.0-py3-none-any.whl"
    index.attested = {wheel: b'{"version": 1, "attestation_bundles": []}'}
    ran = run_cli(
        small_org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:{RUN}",
        env=index.environ,
    )  # fmt: skip
    assert ran.code == 0, ran.out + ran.err

    [attested, plain] = sorted(
        read(small_org)["released"][0]["files"], key=lambda each: each["provenance"] is None
    )
    assert attested["provenance"] == f"{index.url}/integrity/{wheel}/provenance"
    assert len(attested["provenance_sha256"]) == 64
    assert (plain["provenance"], plain["provenance_sha256"]) == (None, None)
    fine = verify(small_org, env=index.environ)
    assert fine.code == 0, fine.out
    assert ", attested" in fine.out

    index.attested[wheel] = b'{"version": 1, "attestation_bundles": [1]}'
    ran = verify(small_org, env=index.environ)

    assert ran.code == 1
    assert "expected attestations " in ran.out

    index.attested, index.troubles = {}, [Reply(404, b"", "text/html")]
    ran = verify(small_org, env=index.environ)
    assert ran.code == 1
    assert "expected alpha-1.1.0.tar.gz on the index, found no such file" in ran.out


def test_an_index_that_tells_no_digest_proves_nothing(small_org: Org, index: PyPIServer) -> None:
    configure(small_org, index="pypi")
    index.html_only = True
    ran = run_cli(
        small_org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:{RUN}",
        env=index.environ,
    )  # fmt: skip
    assert ran.code == 0, ran.out + ran.err

    ran = verify(small_org, env=index.environ)

    assert read(small_org)["released"][0]["files"][0]["sha256"] is None
    assert ran.code == 1
    assert "the index does not say its SHA-256" in ran.out


# What verify finds.


def test_a_release_that_is_as_it_was_is_proven(released: Org) -> None:
    ran = verify(released)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("it is as it was released.\n")
    assert is_archived(released)
    checks = json.loads(verify(released, "--json").out)
    assert checks["ok"] is True
    assert {each["state"] for each in checks["checks"]} == {"ok"}


def test_a_set_has_no_files_of_what_is_published_nowhere(small_org: Org) -> None:
    configure(small_org, publish_of={"alpha": {"trigger": "none"}}, rehearse=False)
    assert release(small_org, "alpha").code == 0

    ran = verify(small_org)

    assert ran.code == 0, ran.err
    assert "none: it is published on no index" in ran.out


def test_every_flipped_byte_of_a_set_is_found(released: Org) -> None:
    whole = set_of(released).read_bytes()
    for at in range(0, len(whole), max(len(whole) // 40, 1)):
        set_of(released).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

        ran = verify(released)

        assert ran.code == 1, (at, ran.out)
        assert "FAILED  set  digest" in ran.out


@pytest.mark.parametrize("name", ["alpha-1.1.0-py3-none-any.whl", "beta-0.4.1.tar.gz"])
def test_a_flipped_byte_of_what_it_names_is_found(released: Org, name: str) -> None:
    (path,) = released.root.rglob(name)
    data = path.read_bytes()
    path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])

    ran = verify(released)

    assert ran.code == 1
    assert re.search(rf"FAILED  \w+ +{re.escape(name)} +expected sha256 ", ran.out)


def test_a_file_that_is_gone_and_one_that_came_are_found(released: Org) -> None:
    (path,) = released.root.rglob("alpha-1.1.0.tar.gz")
    path.rename(path.with_name("alpha-1.1.0-py2-none-any.whl"))

    ran = verify(released)

    assert ran.code == 1
    assert "expected alpha-1.1.0.tar.gz on the index, found no such file" in ran.out
    assert "found alpha-1.1.0-py2-none-any.whl, too" in ran.out


def test_a_tag_that_was_moved_or_deleted_is_found(released: Org) -> None:
    git(released.remote("alpha"), "tag", "--force", "v1.1.0", "main~1")
    git(released.remote("beta"), "update-ref", "-d", "refs/tags/v0.4.1")

    ran = verify(released)

    assert ran.code == 1
    assert "expected the tag v1.1.0 on " in ran.out
    assert "found no such tag" in ran.out


def test_a_base_branch_that_lost_its_release_is_found(released: Org) -> None:
    git(released.remote("alpha"), "update-ref", "refs/heads/main", "main~1")

    ran = verify(released)

    assert ran.code == 1
    assert "found a branch without it at" in ran.out


def test_a_remote_that_does_not_answer_proves_nothing(released: Org) -> None:
    released.remotes.rename(released.root / "unplugged")

    ran = verify(released)

    assert ran.code == 1
    assert "unknown  alpha" in ran.out
    assert "it is not proven to be as released." in ran.out


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda v: v["released"][0].update(repo="../alpha"), "names of repositories"),
        (lambda v: v["released"][0].update(commit="--all"), "a commit"),
        (lambda v: v["released"][0].update(tags=["-d"]), "a name of git's"),
        (lambda v: v["released"][0].update(tags=[]), "the tags of its release"),
        (lambda v: v.update(complete=False), "both that it is complete"),
        (lambda v: v.update(more=1), "top level"),
        (lambda v: v["released"][0].update(commit="0" * 40), "expected the tag"),
        (lambda v: v["released"][0]["files"][0].update(sha256="0" * 64), "expected sha256"),
        (lambda v: v["released"][0].update(distribution="-x/.."), "no such file"),
        (lambda v: v["released"][0].update(files=[]), "the set names none: available"),
    ],
)
def test_a_hostile_set_proves_nothing(
    released: Org, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    edit(released, change)

    ran = verify(released)

    assert ran.code == 1, ran.err
    assert why in ran.out


def test_a_set_of_another_organisation_or_none_is_refused(released: Org) -> None:
    edit(released, lambda value: value.update(organization="Evil"))

    assert verify(released).err.startswith("CONFIG_INVALID: ")
    set_of(released).unlink()
    ran = verify(released)
    assert (ran.code, ran.err.partition(":")[0]) == (2, "USAGE_ERROR")
