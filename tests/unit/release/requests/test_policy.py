"""What the machine demands and what a configuration says: the stricter of both wins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.contract.load import Source, load_policy
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.policy import ReleasePolicy
from omninode_release.release.environment import Environment
from omninode_release.release.requests.find_organisation import policy_paths
from omninode_release.release.requests.policy import PolicyFile, Rules, make_rules, read_policies
from omninode_release.system.account import Account
from support.sites import config_with

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = Source(Path("/org/release.yaml"), "sha256:0")


def under(config: Mapping[str, Any], *demands: Mapping[str, Any]) -> Rules:
    files = tuple(
        PolicyFile(Source(Path(f"/etc/{n}.yaml"), "sha256:1"), ReleasePolicy.model_validate(each))
        for n, each in enumerate(demands)
    )
    return make_rules(config_with(**config), CONFIG, files)


@pytest.mark.parametrize(
    ("config", "demands", "expected"),
    [
        pytest.param({"gate": "console"}, {"gate": "slack"}, {"gate": "slack"}, id="gate"),
        pytest.param({"gate": "slack"}, {"gate": "console"}, {"gate": "slack"}, id="no loosening"),
        pytest.param({"attestation": "format"}, {"attestation": "verify"},
                     {"attestation": "verify"}, id="tokens"),
        pytest.param({"attestation": "format"}, {"gate": "console"}, {"attestation": "verify"},
                     id="a token is no way round a gate"),
        pytest.param({"gate": "console", "attestation": "format"}, {"approvers": ["U0ANN"]},
                     {"gate": "slack", "attestation": "verify", "approvers": ("U0ANN",)},
                     id="approvers are asked in Slack"),
        pytest.param({"approvers": ["U0BEN", "U0ANN"]}, {"approvers": ["U0ANN", "U0CAT"]},
                     {"approvers": ("U0ANN",)}, id="whom both name"),
        pytest.param({}, {"late_commits": "refuse"}, {"late_commits": "refuse"}, id="late commits"),
        pytest.param({"late_commits": "refuse"}, {"gate": "slack"}, {"late_commits": "refuse"},
                     id="a stricter configuration stays"),
    ],
)  # fmt: skip
def test_the_stricter_wins(
    config: dict[str, Any], demands: dict[str, Any], expected: dict[str, Any]
) -> None:
    rules = under(config, demands)

    assert {key: getattr(rules.config, key) for key in expected} == expected
    assert rules.written == config_with(**config)


def test_several_files_add_up() -> None:
    rules = under({}, {"approvers": ["U0ANN", "U0BEN"]}, {"approvers": ["U0BEN"]},
                  {"late_commits": "refuse"})  # fmt: skip

    assert (rules.config.approvers, rules.config.late_commits) == (("U0BEN",), "refuse")
    assert "approvers: [U0BEN]; the configuration says []" in "\n".join(rules.changes())


@pytest.mark.parametrize(
    ("config", "demands"),
    [
        ({"approvers": ["U0BEN"]}, [{"approvers": ["U0ANN"]}]),
        ({}, [{"approvers": ["U0ANN"]}, {"approvers": ["U0BEN"]}]),
    ],
)
def test_nobody_left_to_approve_is_an_error(
    config: dict[str, Any], demands: list[dict[str, Any]]
) -> None:
    with pytest.raises(ReleaseError, match="whom policy and configuration both name") as caught:
        under(config, *demands)

    assert caught.value.code is ErrorCode.CONFIG_INVALID
    assert "U0ANN" in caught.value.message
    assert "U0BEN" in caught.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gate: slack\nattestaton: verify\n", "line 2: attestaton: unknown key, attestation per"),
        ("gate: carrier pigeon\n", "line 1: gate: "),
        ("# who\napprovers: [ann]\n", "line 2: approvers: "),
        ("approvers: []\n", "line 1: approvers: "),
        ("gate:\n", "line 1: gate: expected a value, found none"),
        ("gate: slack\ngate: console\n", "line 2"),
        ("gate: [\n", "line 2"),
        ("", "expected keys and values, found nothing"),
        ("- gate\n", "expected keys and values, found ['gate']"),
        ("gate: sl\xe4ck\n", "can't decode byte"),
    ],
)
def test_a_file_that_cannot_be_understood_is_a_refusal_with_its_line(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(ReleaseError) as caught:
        load_policy(path)

    assert caught.value.code is ErrorCode.CONFIG_INVALID
    assert says in caught.value.message
    assert str(path) in caught.value.message


def test_a_file_that_is_there_and_cannot_be_read_is_not_a_missing_one(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(tmp_path / "nowhere")

    assert read_policies([tmp_path / "none.yaml"], named=None) == ()
    for path in (folder, link):
        with pytest.raises(ReleaseError, match="expected a release policy that can be read"):
            read_policies([path], named=None)
    with pytest.raises(ReleaseError, match="OMNI_RELEASE_POLICY names"):
        read_policies([], named=tmp_path / "none.yaml")


def test_no_variable_points_away_from_the_accounts_own_file() -> None:
    account = Account(1000, "ann", Path("/home/ann"))
    caller = {"HOME": "/tmp/h", "XDG_CONFIG_HOME": "/tmp/x", "OMNI_RELEASE_POLICY": "/tmp/p.yaml"}  # noqa: S108

    paths = policy_paths(Environment(variables=caller, account=account))

    below = "omninode-release/policy.yaml"
    assert list(map(str, paths)) == [
        f"{folder}/{below}"
        for folder in ("/etc", "/home/ann/.config", "/tmp/h/.config", "/tmp/x")  # noqa: S108
    ]


def test_an_account_is_named_without_asking_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")

    assert Account.of_process().name == "pat"

    def no_entry(_uid: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", no_entry)
    nameless = Account.of_process()
    assert str(nameless) == f"uid {nameless.uid}"
