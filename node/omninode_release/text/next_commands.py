"""The commands of ours in a hint, word by word, for a caller that runs them.

A hint is prose with commands in it. Taken is what can be run as it stands: no placeholder
(``RUN_ID``, ``X.Y.Z``), and nothing that stops a run or gives one up, which a person decides.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omninode_release.models.check import Check
    from omninode_release.models.state import RunState

_VALUE = r"(?:'[^']*'|[^\s,;()`]*[^\s,;()`.:])"
_OPTION = rf"--(?:omni-home|config|resume|after|gate-attestation) {_VALUE}"
_ABOUT_A_RUN = rf"(?:status|wait|report|cancel)(?: {_VALUE}(?=[\s,;).`]|$))"
_ALONE = rf"(?:init --check|(?:status|doctor|graph|init)\b|validate\b(?: (?=['/]){_VALUE})?)"
_COMMAND = re.compile(
    rf"omni-release"
    rf"(?P<options>(?: {_OPTION})*)"
    rf"(?: (?P<word>{_ABOUT_A_RUN}|{_ALONE}|[a-z-]+(?= --help))(?: {_OPTION})*)?"
    rf"(?P<help> --help)?"
)
_PLACEHOLDER = re.compile(r"[A-Z][A-Z_.]*\Z")
_GOES_ON = re.compile(r" (?:['/-]|[A-Z_.]+\b)")
"""How the rest of a command begins, where not all of it is taken."""
_PROSE = frozenset({"lists", "says", "shows"})
"""What follows ``omni-release status`` in a hint where it is about no run."""


# What begins a release or looks at clones; what is about a run finds them in its state.
_LOOKS_AT_CLONES = re.compile(
    r"omni-release(?= (?!(?:status|wait|report|cancel|abandon|clean|completion|demo|install-skill"
    r"|run-node|validate)\b)(?:--(?!omni-home|config|resume|help)|[a-z]))"
    r"(?! [a-z-]+ --help)(?! [a-z-]+(?: --check)? --omni-home )"
)


def place_commands(hint: str, place: Sequence[str]) -> str:
    """The hint with what its caller has said of clones and configuration in each command."""
    words = shlex.join(("omni-release", *place))
    return _LOOKS_AT_CLONES.sub(lambda _: words, hint) if place else hint


def name_fresh_run(repo: str, resumed: str | None) -> str:
    """What releases another version of ``repo``: the run that is ``resumed`` keeps its own."""
    ended = f"omni-release abandon {resumed}, then " if resumed else ""
    return f"{ended}--version {repo}=X.Y.Z of a fresh run"


def place_checks(checks: Iterable[Check], place: Sequence[str]) -> list[Check]:
    """The same in the hint of each check."""
    return [check._replace(hint=place_commands(check.hint, place)) for check in checks]


_ASKS_ANEW = frozenset({ErrorCode.INVALID_GATE_TOKEN, ErrorCode.PLAN_STALE})
"""What is planned has changed since: the token that was passed does not cover it."""
_MOVES_ORIGIN = " remote set-url origin "
"""Then it is planned for another address, which the token does not cover either."""


def pass_token(hint: str, run_id: str, token: str | None, code: ErrorCode | None) -> str:
    """The hint with the token of its caller where the run goes on: there may be no person to ask.

    ``code`` is that of the error which the hint is of.
    """
    if not token or code in _ASKS_ANEW or _MOVES_ORIGIN in hint:
        return hint
    goes_on = rf"omni-release(?: {_OPTION})*? --resume {re.escape(run_id)}(?![\w-]|\.\w)"
    given = f" --gate-attestation {shlex.quote(token)}"
    return re.sub(rf"{goes_on}(?! --gate-attestation)", lambda found: found[0] + given, hint)


def find_resume(state: RunState) -> tuple[str, ...]:
    """What goes on with a run that stopped, by the token that let it through, where one did."""
    gate, codes = state.gate, {each.error_code for each in state.repos.values()}
    by_token = gate is not None and (gate.provider, gate.decision) == ("attestation", "approved")
    covers = by_token and not _ASKS_ANEW & {state.error_code, *codes}
    given = ("--gate-attestation", state.gate_token) if covers and state.gate_token else ()
    return ("omni-release", "--resume", state.run_id, *given)


def find_spans(hint: str) -> Iterator[tuple[int, int]]:
    """Where in the hint each command stands, from and to."""
    for found in _COMMAND.finditer(hint):
        text = found[0]
        words = _split(text)
        if words[-1:] and words[-1] in _PROSE:
            text = text.removesuffix(f" {words.pop()}")
        if _is_whole(words, hint[found.start() + len(text) :]):
            yield found.start(), found.start() + len(text)


def _is_whole(words: Sequence[str], rest: str) -> bool:
    """True for what can be run as it stands, ``rest`` being what the hint says after it.

    Half a command may do something else: without its word it begins a release of everything.
    """
    says_where = ("--omni-home", "--config")
    asked = [
        word for at, word in enumerate(words) if not {word, *words[at - 1 : at]} & {*says_where}
    ]
    is_cut = "--resume" not in words and _GOES_ON.match(rest)
    return len(asked) > 1 and not is_cut and not any(map(_PLACEHOLDER.match, words))


def find_commands(hint: str) -> Iterator[tuple[str, ...]]:
    """Each command once, in the order of the hint."""
    found = (tuple(_split(hint[start:end])) for start, end in find_spans(hint))
    yield from dict.fromkeys(words for words in found if words[1] != "cancel")


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed: not a command of ours
        return []
