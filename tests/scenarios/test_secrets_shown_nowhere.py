"""Planted secrets of every form stand in nothing that a run shows, sends or leaves."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.models.phase import Phase
from support.cli import Ran, run_cli
from support.endings import APPROVED, RUN, break_phase
from support.forges import SOON
from support.gitrepo import land
from support.passing import Passing
from support.repos import configure, hook
from support.slack_server import Do, Say, SlackServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.system.clock import Clock
    from support.github import GitHub

VARIABLES = {
    "PLANTED_TOKEN": "planted-0token",
    "LONGER_TOKEN": "planted-0token-and-more",  # the one before is its beginning
    "PLANTED_SECRET": "planted-1secret",
    "PLANTED_PASSWORD": "planted-2p@ss:w&rd<é\"'\\x",
    "PLANTED_PAT": "planted-3pat",
    "PLANTED_PASSPHRASE": "planted 4 passphrase of several words",
    "PLANTED_KEY": "planted-5key-line-one\nplanted-5key-line-two",
    "PLANTED_CREDENTIALS": "planted-6credentials",
    "PLANTED_API_KEY": "planted-7apikey",
    "AN_INDEX": "https://user:planted-8of%2Dindex@index.invalid/simple",
    "A_PROXY": "http://planted-9token@proxy.invalid:8080",
    "A_HOOK": "https://hook.invalid/?a=1&access_token=planted-10query",
    "GIT_CONFIG_VALUE_9": "AUTHORIZATION: basic planted-11header",
}
of_github = pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
STORED = "planted-12stored"
BY_FORM = (
    "https://planted-13user:planted-13p@ss@host.invalid/x",
    "https://host.invalid/x?token=planted-14query",
    "ghp_planted15planted15planted15",
    "Authorization: Bearer planted-16bearer",
)
SPILT = "\n".join((*VARIABLES.values(), STORED, *BY_FORM))
IN_A_LINE = SPILT.replace("\n", " ")


@pytest.fixture
def spill(small_org: Org) -> str:
    """A command that prints every secret and fails."""
    spilt = small_org.root / "spilt"
    spilt.write_text(f"{SPILT}\n", encoding="utf-8")
    stored = small_org.root / "home" / ".omnibase" / ".env"
    stored.parent.mkdir(parents=True)
    stored.write_text(f"ANOTHER_TOKEN='{STORED}'\n", encoding="utf-8")
    return f"cat {shlex.quote(str(spilt))}; cat {shlex.quote(str(spilt))} >&2; exit 1"


def _by_a_hook(org: Org, spill: str, patch: pytest.MonkeyPatch) -> None:
    del patch
    land(
        org.remote("beta"),
        ".pre-commit-config.yaml",
        "repos:\n- repo: local\n  hooks:\n  - id: tell\n    name: tell\n    language: system\n"
        f"    entry: sh -c {json.dumps(spill)}\n    pass_filenames: false\n",
        "ci: a talkative hook",
    )


def _by_git(org: Org, spill: str, patch: pytest.MonkeyPatch) -> None:
    del patch
    hook(org.clone("beta"), "pre-push", spill)


def _by_a_check(org: Org, spill: str, patch: pytest.MonkeyPatch) -> None:
    del patch
    configure(org, local={"checks": ["sh", "-c", spill]})


def _by_a_command(org: Org, spill: str, patch: pytest.MonkeyPatch) -> None:
    del patch
    configure(org, after_bump={"alpha": [["sh", "-c", f"{spill} # {IN_A_LINE}"]]})


def _by_a_bug(org: Org, spill: str, patch: pytest.MonkeyPatch) -> None:
    del org, spill
    break_phase(patch, Phase.COMMIT, after_effect=False, error=KeyError(SPILT))


SPILLERS = (_by_a_hook, _by_git, _by_a_check, _by_a_command, _by_a_bug)


@pytest.mark.parametrize("arrange", SPILLERS)
def test_of_a_run_that_fails(
    small_org: Org,
    spill: str,
    monkeypatch: pytest.MonkeyPatch,
    arrange: Callable[[Org, str, pytest.MonkeyPatch], None],
) -> None:
    arrange(small_org, spill, monkeypatch)

    ran = _run(small_org, "--verbose")

    assert ran.code not in {0, 2}, ran.out
    assert "***" in ran.err + (ran.result or {}).get("error", "")
    assert _find_planted(small_org, ran) == []


def test_of_a_run_that_releases(small_org: Org, spill: str) -> None:
    del spill
    configure(
        small_org,
        pull_request={"body": [*BY_FORM, VARIABLES["PLANTED_PAT"]]},
        after_bump={"alpha": [["sh", "-c", f": # {IN_A_LINE}"]]},
    )

    ran = _run(small_org, "--verbose")

    assert ran.code == 0, ran.err
    assert "***" in (small_org.remotes / "alpha.forge/pulls/1.json").read_text(encoding="utf-8")
    assert _find_planted(small_org, ran) == []


@pytest.mark.usefixtures("only_steps")
@pytest.mark.parametrize("before", [0, 2_800], ids=lambda before: f"after {before}")
def test_of_what_slack_is_told(
    small_org: Org, spill: str, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    del spill
    bug = KeyError("x" * before + SPILT)  # of a long text, a block ends inside of a secret
    break_phase(monkeypatch, Phase.COMMIT, after_effect=False, error=bug)
    configure(small_org, gate="slack", attestation="auto")
    says: list[Say | Do] = [Say(f"approve {IN_A_LINE}"), Say("approve")]
    with SlackServer(script={1: says}) as slack:
        ran = _run(small_org, env=slack.environ, approved=())

    assert ran.code == 70, ran.err
    told = [each for each in slack.messages if each.get("bot_id")]
    assert all("***" in each["text"] and "***" in str(each["blocks"]) for each in told[-2:])
    assert _find_planted(small_org, ran, slack=json.dumps(told, ensure_ascii=False)) == []


@pytest.mark.usefixtures("only_steps")
@pytest.mark.parametrize("where", ["-", "events.jsonl"])
def test_of_a_stream_of_events(
    small_org: Org, spill: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    _by_a_bug(small_org, spill, monkeypatch)
    file = small_org.root / where

    ran = _run(small_org, "--events", where if where == "-" else str(file))

    events = ran.out if where == "-" else file.read_text(encoding="utf-8")
    told = [json.loads(line) for line in events.splitlines()]
    assert told[-1]["event"] == "Ended"
    assert [each["event"] for each in told if "***" in str(each)][-2:] == ["StepFailed", "Ended"]
    assert _find_planted(small_org, ran, events=events) == []


@of_github
@pytest.mark.usefixtures("only_steps")
def test_of_what_github_is_sent(small_org: Org, spill: str, github: GitHub) -> None:
    del spill
    configure(
        small_org,
        forge="github",
        github_release=True,
        pull_request={"body": SPILT.splitlines()},
        **SOON,
    )

    ran = _run(small_org, "alpha", env=github.env)

    assert ran.code == 0, ran.err
    assert "***" in github.repository("alpha").pulls[1].body
    assert _find_planted(small_org, ran, github=github.received) == []


@of_github
@pytest.mark.usefixtures("only_steps")
def test_of_what_gh_says_on_stderr(small_org: Org, spill: str, github: GitHub) -> None:
    gh = small_org.root / "bin" / "gh"
    gh.parent.mkdir()
    told = spill.partition("; ")[2].removesuffix("; exit 1")
    cut = "-----BEGIN PRIVATE KEY-----\\nplanted-17key\\n"  # whose last line says not what it is
    gh.write_text(
        "#!/bin/sh\ncase $* in *immutable-releases|*POST*/pulls)"
        f" {told}; printf %b '{cut}' >&2; exit 1 ;; esac\n"
        f'exec {shutil.which("gh")} "$@"\n',
        encoding="utf-8",
    )
    gh.chmod(0o755)
    timeouts = {**SOON["timeouts"], "own_grace_seconds": 0}
    configure(small_org, forge="github", github_release=True, gate="slack", attestation="auto")
    configure(small_org, **{**SOON, "timeouts": timeouts})
    path = f"{gh.parent}{os.pathsep}{os.environ['PATH']}"
    with SlackServer(script={1: [Say("approve")]}) as slack:
        env = {**github.env, **slack.environ, "PATH": path}
        ran = _run(small_org, "alpha", "--verbose", env=env, approved=(), clock=Passing())

    assert ran.code == 1, ran.err
    assert (ran.result or {})["error_code"] == "PR_FAILED"
    sent = json.dumps([each for each in slack.messages if each.get("bot_id")], ensure_ascii=False)
    assert "GitHub did not tell: ***" in sent
    assert _find_planted(small_org, ran, slack=sent, github=github.received) == []


def test_of_a_request_in_json(small_org: Org, spill: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _by_a_bug(small_org, spill, monkeypatch)
    request = {
        "run_id": RUN,
        "gate_attestation": APPROVED[1],
        "omni_home": str(small_org.omni_home),
        "repos": [IN_A_LINE],
    }

    unknown = _run(small_org, "run-node", "--input", "-", stdin=json.dumps(request))
    failed = _run(small_org, "run-node", "--input", "-", stdin=json.dumps({**request, "repos": []}))

    assert "***" in json.loads(unknown.out)["error"]
    assert "***" in json.loads(failed.out)["error"]
    assert _find_planted(small_org, unknown) + _find_planted(small_org, failed) == []


def _run(
    org: Org,
    *args: str,
    env: Mapping[str, str] | None = None,
    approved: tuple[str, ...] = APPROVED,
    stdin: str = "",
    clock: Clock | None = None,
) -> Ran:
    given = args if args[:1] == ("run-node",) else ("--run-id", RUN, *approved, *args)
    all_of_it = {**VARIABLES, "HOME": str(org.root / "home"), **(env or {})}
    return run_cli(org, *given, env=all_of_it, stdin=stdin, clock=clock)


def _find_planted(org: Org, ran: Ran, **sent: str) -> list[str]:
    """Where ``planted`` stands, of all that was printed or sent and all that the run has made."""
    shown = {"out": ran.out, "err": ran.err, "result": json.dumps(ran.result), **sent}
    for path in _made_by_the_run(org):
        shown[str(path)] = path.read_text(encoding="utf-8")
    assert [name for name in shown if name.endswith("journal.jsonl")]
    return [
        f"{name}: {text[max(text.index('planted') - 40, 0) :][:120]}"
        for name, text in shown.items()
        if "planted" in text
    ]


def _made_by_the_run(org: Org) -> list[Path]:
    folders = (org.root / "state_home", *org.remotes.glob("*.forge"))
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]
