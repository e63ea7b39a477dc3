"""What a hint says is typed literally, from a folder that has nothing to do with it; then it works.

The folders have a blank in their names, and nothing in the environment says where the clones are.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from contextlib import chdir
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

import pytest

from omninode_release.commands.main import main
from omninode_release.models.phase import Phase
from omninode_release.system.clock import FixedClock
from support.cli import MOMENT, Ran, Terminal, state_home
from support.endings import APPROVED, RUN, TOKEN, Died, branch, break_phase, worktree
from support.forges import SOON
from support.gitrepo import all_refs, git, land
from support.orgs import copy_org
from support.repos import configure, leave_steps, run_hooks, spoil
from support.typed_commands import Typed, find_hints, find_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from support.github import GitHub


@pytest.fixture
def spaced(pair_template: Org, tmp_path: Path) -> Org:
    """The two repositories of ``small_org``, in folders with blanks in their names."""
    (tmp_path / "a stranger's folder").mkdir()
    org = copy_org(pair_template, tmp_path / "our org")
    leave_steps(org)
    configure(org, hooks="none")
    return org


_LOOKS = (("status",), ("wait",), ("report",))


@dataclass
class Person:
    """A person who reads hints and types them."""

    org: Org
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: Callable[[], TextIO] = lambda: Terminal("approve\n")

    def runs(self, *args: str) -> Ran:
        """The command as the person began: with the folder on the command line alone."""
        return self.types(("omni-release", "--omni-home", str(self.org.omni_home), *args))

    def types(self, argv: tuple[str, ...]) -> Ran:
        """One command line of ours; whoever is asked approves."""
        variables = {"ONEX_STATE_DIR": str(state_home(self.org))}
        environ = {key: v for key, v in os.environ.items() if not key.startswith("OMNI_")}
        out, err = io.StringIO(), io.StringIO()
        with chdir(self.org.root.parent / "a stranger's folder"):
            code = main(
                argv[1:],
                environ={**environ, **variables, **self.env},
                clock=FixedClock(MOMENT),
                stdin=self.stdin(),
                stdout=out,
                stderr=err,
            )
        return Ran(code, out.getvalue(), err.getvalue(), None)

    def follows(self, ran: Ran, *, fills: dict[str, str] | None = None) -> list[Ran]:
        """Type every command of the hints as it stands, the ones of other programs too.

        ``fills`` is what the person puts in the place of words in capitals.
        """
        hints = [*dict.fromkeys(find_hints(ran.out, ran.err, None))]
        commands = [each for hint in hints for each in find_typed(hint)]
        assert commands, f"nothing to type in:\n{ran.out}{ran.err}"
        return [end for each in commands if (end := self._type(each, fills or {})) is not None]

    def _type(self, command: Typed, fills: dict[str, str]) -> Ran | None:
        argv = tuple(fills.get(word, word) for word in command.argv)
        if argv[0] == "omni-release":
            return self.types(argv)
        text = re.sub(r"[A-Z]{4,}\b", lambda found: fills.get(found[0], found[0]), command.text)
        folder = self.org.root.parent / "a stranger's folder"
        shell = ["/bin/sh", "-c", text]
        environ = {**os.environ, **self.env}
        done = subprocess.run(
            shell, cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{text}\n{done.stderr}"
        return None


def is_released(org: Org) -> None:
    for tag in ("alpha/v1.1.0", "beta/v0.4.1"):
        repo = tag.partition("/")[0]
        assert f"refs/tags/{tag}" in all_refs(org.remote(repo))


def _shallow(org: Org) -> None:
    path = org.clone("alpha")
    tip = git(path, "rev-parse", "origin/main")
    (path / ".git" / "shallow").write_text(f"{tip}\n", encoding="utf-8")


def _no_base(org: Org) -> None:
    clone = org.clone("alpha")
    git(clone, "update-ref", "refs/remotes/origin/other", "refs/remotes/origin/main")
    for ref in ("HEAD", "main"):
        git(clone, "update-ref", "--no-deref", "-d", f"refs/remotes/origin/{ref}")


def _branch_in_the_way(org: Org) -> None:
    git(org.clone("alpha"), "branch", "release", "main")


def _branch_in_the_way_there(org: Org) -> None:
    git(org.remote("alpha"), "branch", "release", "main")


def _mirror(org: Org) -> None:
    git(org.clone("alpha"), "config", "remote.origin.mirror", "true")


@pytest.mark.parametrize(
    ("breaks", "args"),
    [
        (_shallow, ()),
        (_no_base, ("--dry-run", "--offline")),
        (_branch_in_the_way, ()),
        (_branch_in_the_way_there, ()),
        (_mirror, ()),
    ],
)
def test_what_is_refused_before_the_gate_is_mended_by_its_hint(
    spaced: Org, breaks: Callable[[Org], None], args: tuple[str, ...]
) -> None:
    person = Person(spaced)
    breaks(spaced)
    refused = person.runs(*args)
    assert "Cannot be released:" in refused.out or "FAILED" in refused.err

    person.follows(refused)

    again = person.runs(*args)
    assert again.code == 0, again.err
    assert "Cannot be released:" not in again.out


def test_a_run_goes_on_from_anywhere_by_its_hint_alone(
    spaced: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(spaced)
    moved = spaced.omni_home.rename(spaced.root / "our clones")
    config = (moved / "release.yaml").rename(spaced.root / "our rules.yaml")
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        words = ("--omni-home", str(moved), "--config", str(config), "--run-id", RUN, *APPROVED)
        stopped = person.types(("omni-release", *words))
    assert stopped.code == 3
    assert f"then omni-release --resume {RUN} --gate-attestation {TOKEN}\n" in stopped.err

    ended = person.follows(stopped)

    assert [ran.code for ran in ended] == [0], ended[0].err
    is_released(spaced)


def _stopped_without_a_terminal(spaced: Org) -> tuple[Person, Ran]:
    person = Person(spaced, stdin=io.StringIO)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=False)
        stopped = person.runs("--run-id", RUN, *APPROVED)
    assert stopped.code == 3
    return person, stopped


def test_a_run_that_a_token_approved_goes_on_by_its_hint_without_a_terminal(spaced: Org) -> None:
    person, stopped = _stopped_without_a_terminal(spaced)
    result = state_home(spaced) / "skill-results" / RUN / "release.json"
    [[*argv]] = json.loads(result.read_text(encoding="utf-8"))["next"]
    assert argv == ["omni-release", "--resume", RUN, *APPROVED]

    ended = person.follows(stopped)

    assert [ran.code for ran in ended] == [0], ended[0].err
    is_released(spaced)


def test_every_command_that_looks_at_a_run_names_the_token_that_approved_it(spaced: Org) -> None:
    person, _ = _stopped_without_a_terminal(spaced)
    folder = state_home(spaced) / "state" / "release"
    shown = [
        *(person.types(("omni-release", *words, RUN)) for words in _LOOKS),
        *(person.types(("omni-release", *words, RUN, "--json")) for words in _LOOKS[:2]),
        person.types(("omni-release", "clean", RUN)),
        person.runs("--run-id", RUN),
        person.runs("--run-id", RUN, "--dry-run"),
    ]
    written = [path.read_text(encoding="utf-8") for path in folder.glob("*.events.jsonl")]
    result = state_home(spaced) / "skill-results" / RUN / "release.json"
    written.append(result.read_text(encoding="utf-8"))

    for text in (*(ran.out + ran.err for ran in shown), *written):
        assert re.search(rf"--resume(?: |\",\s*\"){RUN}", text), text
        # A terminal folds its lines, and data has each word by itself.
        words = " ".join(re.sub(r'[",\[\]]', " ", text).split())
        assert words.count(f"--resume {RUN}") == words.count(f"--resume {RUN} {' '.join(APPROVED)}")
    ended, *_ = person.follows(person.types(("omni-release", "status", RUN)))
    assert ended.code == 0, ended.err
    is_released(spaced)


def test_a_run_that_was_killed_goes_on_by_what_looks_at_it(spaced: Org) -> None:
    person = Person(spaced, stdin=io.StringIO)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.COMMIT, after_effect=True, error=Died())
        with pytest.raises(Died):
            person.runs("--run-id", RUN, *APPROVED)

    looked = person.types(("omni-release", "wait", RUN, "--json"))

    last = json.loads(looked.out.rpartition("\n{")[2].join(("{", "")))
    [argv] = last["next"]
    assert argv == ["omni-release", "--resume", RUN, *APPROVED]
    assert person.types(tuple(argv)).code == 0
    is_released(spaced)


def test_a_run_that_a_person_approved_goes_on_without_a_token(spaced: Org) -> None:
    person, _ = _stopped_without_a_terminal(spaced)
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=False)
        assert Person(spaced).runs("--resume", RUN).code == 3

    shown = person.types(("omni-release", "status", RUN))

    assert shown.out.endswith(f"Next: omni-release --resume {RUN}\n")
    assert APPROVED[0] not in shown.out


def test_a_run_in_the_background_says_where_its_clones_are(spaced: Org) -> None:
    configure(spaced, commit_subject="release: {repo} v{version} [{ticket}]")
    person = Person(spaced, stdin=io.StringIO)
    home = ("--omni-home", str(spaced.omni_home))

    for words in ((*home, "release", "--detach"), ("--detach", *home)):
        started = person.types(("omni-release", *words, "--run-id", RUN, *APPROVED))
        assert started.code == 0, started.err
        ended = person.types(("omni-release", "wait", RUN))
        assert ended.code == 2
        assert f"omni-release --omni-home '{spaced.omni_home}' " in ended.out, ended.out


def test_a_caller_in_json_is_told_where_the_clones_are(spaced: Org) -> None:
    configure(spaced, commit_subject="release: {repo} v{version} [{ticket}]")
    asked = {"repos": ["alpha"], "omni_home": str(spaced.omni_home), "run_id": RUN}
    asked |= {"gate_attestation": TOKEN}
    person = Person(spaced, stdin=lambda: io.StringIO(json.dumps(asked)))

    ran = person.types(("omni-release", "run-node", "--input", "-"))

    assert f"omni-release --omni-home '{spaced.omni_home}' " in json.loads(ran.out)["error"]


@pytest.mark.parametrize("words", [("--dry-run", "--preflight"), ("doctor",)], ids=" ".join)
def test_a_check_that_fails_says_where_the_clones_are(spaced: Org, words: tuple[str, ...]) -> None:
    configure(spaced, commit_subject="release: {repo} v{version} [{ticket}]")

    looked = Person(spaced).runs(*words)

    assert f"omni-release --omni-home '{spaced.omni_home}' --ticket TICKET" in looked.out


def test_a_token_that_covers_the_plan_no_more_is_in_no_hint(spaced: Org) -> None:
    person, stopped = _stopped_without_a_terminal(spaced)
    land(spaced.remote("beta"), "more.md", "x\n", "feat: more")

    [stale] = person.follows(stopped)
    refused = person.runs("--resume", RUN, *APPROVED)

    assert stale.err.startswith("PLAN_STALE"), stale.err
    assert APPROVED[0] not in stale.err
    assert refused.err.startswith("INVALID_GATE_TOKEN"), refused.err
    assert "what is planned for beta has changed since" in refused.err
    [ended] = Person(spaced).follows(refused)
    assert ended.code == 0, ended.err
    assert "refs/tags/beta/v0.5.0" in all_refs(spaced.remote("beta"))


def test_a_file_that_is_left_is_committed_as_the_hint_says(spaced: Org) -> None:
    run_hooks(spaced)
    land(spaced.remote("alpha"), ".pre-commit-config.yaml", _LEAVES_A_REPORT, "ci: a report")
    person = Person(spaced)
    stopped = person.runs("--run-id", RUN, *APPROVED)
    assert "WORKTREE_DIRTY" in stopped.err

    ended = person.follows(stopped)

    assert [ran.code for ran in ended] == [0], ended[0].err
    assert "a report.txt" in git(spaced.remote("alpha"), "ls-tree", "--name-only", "main")


def test_a_finding_of_a_hook_is_mended_as_the_hint_says(spaced: Org) -> None:
    spoil(spaced, "alpha")
    person = Person(spaced)
    stopped = person.runs("--run-id", RUN, *APPROVED)
    assert "LINT_FAILED" in stopped.err
    (worktree(spaced, "alpha") / "notes.md").write_text("no blanks\n", encoding="utf-8")

    ended = person.follows(stopped, fills={"FILES": "notes.md"})

    assert [ran.code for ran in ended] == [0], ended[0].err
    is_released(spaced)


def test_a_branch_of_the_same_name_is_moved_as_the_hint_says(spaced: Org) -> None:
    land(spaced.remote("alpha"), "other.md", "x\n", "docs: other")
    git(spaced.clone("alpha"), "commit", "--quiet", "--allow-empty", "--message", "mine")
    git(spaced.clone("alpha"), "branch", branch("alpha"), "HEAD")
    person = Person(spaced)
    stopped = person.runs("--run-id", RUN, *APPROVED)
    assert "WORKTREE_CONFLICT" in stopped.err

    ended = person.follows(stopped, fills={"OTHER": "mine"})

    assert [ran.code for ran in ended] == [0], ended[0].err
    assert "refs/heads/mine" in all_refs(spaced.clone("alpha"))


def test_a_state_that_cannot_be_read_is_moved_as_the_hint_says(
    spaced: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(spaced)
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=False)
        assert person.runs("--run-id", RUN, *APPROVED).code == 3
    path = state_home(spaced) / "state" / "release" / f"{RUN}.json"
    path.write_text("{", encoding="utf-8")
    refused = person.types(("omni-release", "--resume", RUN))
    assert "STATE_CORRUPT" in refused.err

    person.follows(refused)

    assert path.with_name(f"{RUN}.json.broken").exists()
    assert person.runs("--run-id", RUN, *APPROVED).code == 0


def test_a_run_of_other_clones_is_found_as_the_hint_says(
    spaced: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(spaced)
    with monkeypatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=False)
        assert person.runs("--run-id", RUN, *APPROVED).code == 3
    other = spaced.root / "other"
    other.mkdir()
    (other / "release.yaml").write_bytes((spaced.omni_home / "release.yaml").read_bytes())
    refused = person.types(("omni-release", "--omni-home", str(other), "--resume", RUN))
    assert f"the run {RUN} belongs to" in refused.err

    ended = person.follows(refused)

    assert [ran.code for ran in ended] == [0], ended[0].err
    is_released(spaced)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["beside", "elsewhere"])
def test_a_fresh_command_says_where_the_clones_and_the_rules_are(
    spaced: Org, *, elsewhere: bool
) -> None:
    person, config = Person(spaced), spaced.omni_home / "release.yaml"
    place = ["--omni-home", str(spaced.omni_home)]
    if elsewhere:
        place += ["--config", str(config.rename(spaced.root / "our rules.yaml"))]
    refused = person.types(("omni-release", *place, "alpha", "--version", "alpha=0.0.1"))
    assert refused.code == 1, refused.out

    told = next(iter(find_typed(refused.err.rpartition("Next: ")[2])))

    assert told.argv[: len(place) + 1] == ("omni-release", *place)
    words = [word.replace("X.Y.Z", "9.0.0") for word in told.argv]
    ran = person.types((*words, "--run-id", RUN))
    assert ran.code == 0, ran.err
    assert "refs/tags/alpha/v9.0.0" in all_refs(spaced.remote("alpha"))


def test_a_command_beside_a_result_says_where_the_clones_are(spaced: Org, tmp_path: Path) -> None:
    person = Person(spaced)

    planned = person.runs("plan", "--out", str(tmp_path / "plan.json"))

    [release] = find_typed(planned.err.rpartition("Next: ")[2])
    assert person.types(release.argv).code == 0
    is_released(spaced)
    [explain] = find_typed(person.runs("explain", "alpha").out)
    assert person.types(explain.argv).out.startswith("alpha 1.0.0 → 1.1.0\n")


def test_a_file_that_init_leaves_alone_is_the_one_that_is_compared(spaced: Org) -> None:
    person, other = Person(spaced), spaced.root / "their rules.yaml"
    shutil.copyfile(spaced.omni_home / "release.yaml", other)

    refused = person.runs("init", "--config", str(other))

    [check] = find_typed(refused.err.rpartition("Next: ")[2])
    assert f"Compared {other}\n" in person.types(check.argv).out


@pytest.mark.skipif(shutil.which("gh") is None, reason="gh is not installed")
@pytest.mark.parametrize(
    ("broken", "command"),
    [
        ({"archived": True}, "gh api"),
        ({"squash_allowed": False}, "gh repo edit"),
        ({"workflow": "disabled_manually"}, "gh workflow enable"),
        ({"labels": ()}, "gh label create"),
    ],
    ids=["archived", "squash", "workflow", "label"],
)
def test_a_setting_of_github_is_mended_by_its_hint(
    small_org: Org, github: GitHub, broken: dict[str, Any], command: str
) -> None:
    (small_org.root.parent / "a stranger's folder").mkdir()
    configure(small_org, forge="github", pull_request={"labels": ["a release"]}, **SOON)
    for repo in ("alpha", "beta"):
        github.policy(repo).labels = ("a release",)
    for name, value in broken.items():
        setattr(github.policy("alpha"), name, value)
    person = Person(small_org, github.env)
    refused = person.runs()
    assert f"{command} " in refused.err, refused.out + refused.err

    person.follows(refused)

    again = person.runs("--dry-run", "--preflight", "--strict")
    assert "FAILED" not in again.out, again.out


_LEAVES_A_REPORT = """\
repos:
  - repo: local
    hooks:
      - id: report
        name: report
        language: system
        pass_filenames: false
        always_run: true
        entry: touch 'a report.txt'
"""
