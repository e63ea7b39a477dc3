"""A command that must fail, held against what the contract promises for its code.

``fails`` runs it and checks all that is the same for every failure: exit status, error text,
result file, state file, what became of each repository, and that nothing in the world differs
but what the steps before the failure were to make. A scenario adds what is special to it.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TextIO

from omninode_release.contract.load import load_contract
from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase, PhaseState
from support.cli import Ran, Terminal, run_cli, state_home
from support.gitrepo import world

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.system.clock import Clock

_P = ParamSpec("_P")
StateAfter = Literal["failed", "unchanged", "none"]

# What a repository's release has made in the world once a step is complete; each adds to the last.
_MADE: Mapping[Phase, set[str]] = {
    Phase.WORKTREE: {"worktree", "branch"},
    Phase.PUSH: {"remote branch"},
    Phase.PR: {"pull request"},
    Phase.MERGE: {"main"},
    Phase.TAG: {"tags"},
    Phase.PUBLISH: {"publish run", "index"},
}
RELEASED = {"pull request", "main", "tags", "publish run", "index"}
"""What stays of a released repository: its worktree and branches are cleaned up."""

# Where something of the world lies, and the word for it; {repo} stands where the name does.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"remotes/(?P<repo>[^/]+)/refs/heads/release/.*", "remote branch"),
    (r"remotes/(?P<repo>[^/]+)/refs/heads/main", "main"),
    (r"remotes/(?P<repo>[^/]+)/refs/tags/.*", "tags"),
    (r"remotes/(?P<repo>[^/]+)/refs/pull/.*", "pull request"),
    (r"pull requests/(?P<repo>[^/]+)/(?:pulls|checks)/.*", "pull request"),
    (r"pull requests/(?P<repo>[^/]+)/runs/.*", "publish run"),
    (r"clones/(?P<repo>[^/]+)/refs/refs/(?:omni-release|remotes)/.*", "fetched"),
    (r"clones/(?P<repo>[^/]+)/refs/refs/heads/release/.*", "branch"),
    (r"clones/(?P<repo>[^/]+)/refs/refs/tags/.*", "tags"),
    (r"clones/(?P<repo>[^/]+)/worktrees", "worktree"),
    (r"worktrees/release/[^/]+/(?P<repo>[^/]+)/.*", "worktree"),
    (r"(?P<repo>worktrees)/release/[^/]+\.owner", "fetched"),
    (r"index/(?P<repo>[^-]+)-.*", "index"),
)

_provoked: set[ErrorCode] = set()


def provokes(code: ErrorCode) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    """Mark a test as the scenario of ``code``; one that does not provoke it fails."""

    def marked(test: Callable[_P, None]) -> Callable[_P, None]:
        @functools.wraps(test)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> None:
            _provoked.clear()
            test(*args, **kwargs)
            assert code in _provoked, f"nothing here ended with {code}"

        return checked

    return marked


def provoked(code: ErrorCode) -> None:
    """Say that ``code`` was seen, in a scenario that ``fails`` does not fit."""
    _provoked.add(code)


@dataclass(frozen=True)
class Failure:
    """How a command failed."""

    ran: Ran
    state: dict[str, Any]
    """The state file; empty when there is none that can be read."""
    touched: set[str]
    """What differs in the world, such as ``alpha worktree``; what a fetch brings is left out."""

    @property
    def error(self) -> str:
        """What a person reads on stderr."""
        return self.ran.err

    @property
    def result(self) -> dict[str, Any]:
        assert self.ran.result is not None, "it wrote no result"
        return self.ran.result

    def detail(self, repo: str) -> dict[str, Any]:
        """The repository's entry in the result."""
        return next(each for each in self.result["details"] if each["repo"] == repo)

    def says(self, *words: str) -> None:
        """Every one of ``words`` stands in what a person reads."""
        for each in words:
            assert each in self.error, f"expected {each!r} in:\n{self.error}"


def fails(
    org: Org,
    code: ErrorCode,
    *args: str,
    at: tuple[str, Phase] | None = None,
    also: Collection[str] = (),
    state: StateAfter | None = None,
    stdin: TextIO | None = None,
    env: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> Failure:
    """Run a command that must end with ``code``; a person at the terminal approves.

    ``at`` is the repository and step that fail; without it nothing at all may be modified.
    ``also`` is what else differs, ``state`` what becomes of the state file where it is not what
    the contract says of the code in general: a refusal before the gate makes none.
    """
    spec = load_contract().error(code)
    before, states = world(org), _states(org)

    ran = run_cli(org, *args, stdin=stdin or Terminal("approve\n"), env=env, clock=clock)

    provoked(code)
    after = _states(org)
    run_id = (ran.result or {}).get("run_id", "")
    found = after.get(run_id)
    found = found if isinstance(found, dict) else {}
    failure = Failure(ran, found, set(_touched(before, world(org))))
    _check_ending(failure, code)
    expected = state or spec.state_status
    if at is not None:
        _check_repositories(failure, code, at)
        expected = "failed"
    if expected == "failed":
        assert failure.state["status"] == ("partial" if _released(failure) else "failed")
        assert failure.state["error_code"] == code
        assert failure.state["error"] == failure.result["error"]
    else:
        assert after == states, "a state file was written, removed or changed"
    assert expected != "none" or run_id not in after
    assert failure.touched == made(failure, at) | set(also), ran.err
    return failure


def _check_ending(failure: Failure, code: ErrorCode) -> None:
    spec, ran = load_contract().error(code), failure.ran
    partial = ran.result is not None and ran.result["status"] == "PARTIAL"
    assert ran.code == (3 if partial and spec.exit_code == 1 else spec.exit_code), ran.err
    assert ran.err.startswith(f"{code}: "), ran.err
    assert re.search(r"^Next: \S", ran.err, re.MULTILINE), f"no next command in:\n{ran.err}"
    assert (ran.result is not None) is spec.result_file
    if ran.result is not None:
        assert ran.result["error_code"] == code
        assert ran.result["status"] in {spec.result_status or "FAILED", "PARTIAL"}
        assert partial is bool(_released(failure))
        assert ran.result["error"], "the result does not say what happened"


def _check_repositories(failure: Failure, code: ErrorCode, at: tuple[str, Phase]) -> None:
    """Those before the failure are done, those after it blocked, in state and result alike."""
    failed, phase = at
    repos = failure.state["repos"]
    position = list(repos).index(failed)
    done, blocked = list(repos)[:position], list(repos)[position + 1 :]
    reached = list(PhaseState)[phase.leads_to.rank - 1]
    assert f"--resume {failure.result['run_id']}" in failure.error
    assert repos[failed]["phase"] == phase.leads_to
    assert repos[failed]["completed_phase"] == reached
    assert repos[failed]["in_progress"] is None
    assert repos[failed]["phase_history"][-1]["event"] == "FAILED"
    for name, where, what in (
        (failed, phase.leads_to, code),
        *((name, "DONE", None) for name in done),
        *((name, "PLANNED", ErrorCode.TIER_BLOCKED) for name in blocked),
    ):
        for told in (repos[name], failure.detail(name)):
            assert (told["phase"], told["error_code"]) == (where, what)
            assert bool(told["error"]) is (what is not None)
    counts = {name: failure.result[f"repos_{name}"] for name in ("succeeded", "failed", "blocked")}
    assert counts == {"succeeded": len(done), "failed": 1, "blocked": len(blocked)}
    assert failure.result["repos_attempted"] == len(done) + 1


def made(failure: Failure, at: tuple[str, Phase] | None) -> set[str]:
    """What a run that failed ``at`` that step has to have made, and nothing else."""
    words = {f"{repo} {what}" for repo in _released(failure) for what in RELEASED}
    if at is not None:
        repo, failed = at
        before = list(Phase)[: list(Phase).index(failed)]
        words |= {f"{repo} {what}" for phase in before for what in _MADE.get(phase, ())}
    return words


def _released(failure: Failure) -> list[str]:
    repos = failure.state.get("repos") or {}
    return [name for name, repo in repos.items() if repo["phase"] == "DONE"]


def _touched(before: Any, after: Any) -> Iterator[str]:
    """What differs, in words; a path no word is known for stands for itself."""
    for path in _differences(before, after):
        found = next(
            ((match, word) for rule, word in _WORDS if (match := re.fullmatch(rule, path))), None
        )
        if found is None:
            yield path
        elif found[1] != "fetched":
            yield f"{found[0]['repo']} {found[1]}"


def _differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before.keys() | after.keys():
            yield from _differences(
                before.get(key), after.get(key), f"{path}/{key}" if path else key
            )
    elif before != after:
        yield path


def _states(org: Org) -> dict[str, Any]:
    """Every active and archived state by run id; text where it is not JSON."""
    folder = state_home(org) / "state" / "release"
    return {
        path.relative_to(folder).as_posix().removesuffix(".json"): _json(path)
        for path in sorted(folder.rglob("*.json"))
    }


def _json(path: Path) -> Any:
    text = path.read_text(encoding="utf-8", errors="backslashreplace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
