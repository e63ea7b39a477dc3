"""The commands in a hint, as a person who types them literally would: does each one parse?

A hint is prose with commands in it. A command ends where its sentence does, or at a word of prose;
what stands there for a person to fill in is in capitals (``X.Y.Z``, ``URL``) or an ellipsis.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from omninode_release.commands.main import COMMAND_LINE, PROGRAM
from omninode_release.errors import ReleaseError
from omninode_release.release.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PROGRAMS = (
    "omni-release",
    "git",
    "gh",
    "uv",
    "rm",
    "mv",
    "ls",
    "df",
    "chmod",
    "kill",
    "export",
    "unset",
)
_START = re.compile(rf"(?<![\w/.@:'\"-])({'|'.join(_PROGRAMS)}) +(?=['-]|[\w-]+(?:[\s,;.:)`]|$))")
_WORD = re.compile(r"\s*((?:'[^']*'|\"[^\"]*\"|[^\s'\"])+)")
_PROSE = re.compile(
    r"""(?x:
    and|as|at|beside|by|cannot|compares|does|exited|explains|finds|finishes|first|for|from|has|here|in|is|it
    |keeps|lists|looks|makes|names|needs|of|on|once|or|perhaps|plans|pushes|reads|releases|removes
    |says|sets|shows|stays|takes|tells|that|then|there|to|tries|where|which|with|work|would|writes
    )\Z"""
)
"""What goes on with the sentence: never a word of a command in a hint."""
_TAKES_A_NAME = frozenset({"--resume", "--run-id", "--repo"})
_PLACEHOLDER = re.compile(r"(?:(?P<name>[\w-]+)=)?(?P<word>[A-Z][A-Z_.]+(?:\.\.\.)?|…)\Z")
_NESTED = frozenset({"remote", "worktree", "submodule", "stash", "notes"})
_UNTOLD = {
    "show": {"--no-patch", "--stat"},
    "log": {"--oneline"},
    # Left out since 2.46, and taken still.
    "config": {"--add", "--get-regexp", "--global", "--show-origin", "--unset"},
    "ls-remote": {"--heads"},
}
"""Options of git that its short help leaves out."""


class Typed(NamedTuple):
    """One command of a hint."""

    text: str
    argv: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """True for what can be typed as it stands: nothing is left for a person to fill in."""
        return not any(_PLACEHOLDER.match(word) for word in self.argv)


def find_typed(hint: str) -> Iterator[Typed]:
    """Every command of a hint, in order."""
    at = 0
    while found := _START.search(hint, at):
        at, words = _read_words(hint, found.start())
        if len(words) > 1:
            yield Typed(hint[found.start() : at], tuple(words))
        at = max(at, found.end())


def find_hints(out: str, err: str, result: Mapping[str, Any] | None) -> Iterator[str]:
    """What a command tells a person to type next, wherever it does."""
    for text in (out, err):
        yield from re.findall(r"(?:Next: | → )(.*)", text)
    told = [result, *result["details"]] if result else []
    yield from (each["error"].rpartition(" Next: ")[2] for each in told if each.get("error"))


def find_faults(hint: str) -> list[str]:
    """What would be refused of the commands in a hint, each with why."""
    judged = ((each, _find_fault(each)) for each in find_typed(hint))
    return [f"`{command.text}`: {why}" for command, why in judged if why]


def _read_words(hint: str, start: int) -> tuple[int, list[str]]:
    """The words of the command that begins there, and where it ends."""
    words: list[str] = []
    at = start
    while found := _WORD.match(hint, at):
        raw = found[1]
        bare = raw.rstrip("`,;:)")
        goes_on = words and words[-1] not in _TAKES_A_NAME and _PROSE.match(bare)
        if raw.startswith("(") or raw in {"&&", "|", "->", "→"} or goes_on:
            break
        bare = bare[:-1] if bare.endswith(".") and bare.strip(".") else bare
        if bare:
            words.append(_unquote(bare))
            at = found.start(1) + len(bare)
        if bare != raw:
            break
    return at, words


def _unquote(word: str) -> str:
    """The word as the shell hands it on; what the shell would take apart stays as it is, quoted."""
    try:
        taken = shlex.split(word)
    except ValueError:
        return word
    if len(taken) == 1 and not re.search(r"[;&|<>$`*?]", re.sub(r"'[^']*'", "", word)):
        return taken[0]
    return word


def _find_fault(command: Typed) -> str | None:
    argv = [_fill_in(word) for word in command.argv]
    if open_quote := next((word for word in argv if "'" in word and " " not in word), None):
        return f"the shell would not take {open_quote!r} for one word"
    match argv:
        case [_, "--version"] | ["export" | "unset", *_]:
            return None
        case ["omni-release", *words]:
            return find_refusal(words)
        case ["git", *words]:
            return _refused_by_git(words)
        case ["gh" | "uv", *_]:
            return _refused_by_help(argv)
        case _:
            return None if _where(argv[0]) else "there is no such program"


def _fill_in(word: str) -> str:
    found = _PLACEHOLDER.match(word)
    if found is None:
        return word
    value = "1.2.3" if found["word"] == "X.Y.Z" else "x"
    return f"{found['name']}={value}" if found["name"] else value


def find_refusal(args: Sequence[str]) -> str | None:
    """Why our own command line does not take these words."""
    environment = Environment({}, stdout=io.StringIO(), stderr=io.StringIO())
    try:
        with COMMAND_LINE.make_context(PROGRAM, list(args), obj=environment) as ctx:
            # What click's own invoke goes on with; before 8.2 it had no underscore.
            named = "_protected_args" if hasattr(ctx, "_protected_args") else "protected_args"
            rest = [*getattr(ctx, named), *ctx.args]
            word, command, left = COMMAND_LINE.resolve_command(ctx, rest)
            if command is None:
                return f"there is no command {word}"
            with command.make_context(word, left, parent=ctx):
                return None
    except click.exceptions.Exit:
        return None  # --help, --version
    except (click.UsageError, ReleaseError) as error:
        return str(error)


def _refused_by_git(args: Sequence[str]) -> str | None:
    words = [*args]
    while words[:1] in (["-C"], ["-c"]):
        del words[:2]
    if not words or words[0] not in _git_commands():
        return f"git has no command {words[:1]}"
    named = words[:2] if words[0] in _NESTED else words[:1]
    help_text = _ask("git", *named, "-h")
    if len(named) > 1 and f"git {' '.join(named)}" not in help_text:
        return f"git has no command {named}"
    untold = _UNTOLD.get(words[0], set())
    return _unknown_option(words[len(named) :], help_text, untold)


def _refused_by_help(argv: Sequence[str]) -> str | None:
    """The same for programs that know ``--help`` after each of their commands."""
    if _where(argv[0]) is None:
        return None
    named = [argv[0]]
    for word in argv[1:]:
        listed = re.search(rf"^ +{re.escape(word)}:? ", _ask(*named, "--help"), re.MULTILINE)
        if word.startswith("-") or listed is None:
            break
        named.append(word)
    if len(named) == 1:
        return f"{argv[0]} has no command {argv[1]}"
    help_text = _ask(*named, "--help")
    if re.search(r"^(?:[A-Z ]*COMMANDS|Available commands:|Commands:)$", help_text, re.MULTILINE):
        return f"{' '.join(named)} needs a command, found {argv[len(named) :]}"
    return _unknown_option(argv[len(named) :], help_text, set())


def _unknown_option(words: Sequence[str], help_text: str, untold: set[str]) -> str | None:
    known = set(re.findall(r"(?<![\w-])--?[\w-]+", help_text.replace("[no-]", ""))) | untold
    for word in words:
        if word == "--":
            return None
        option = word.partition("=")[0]
        positive = option.replace("--no-", "--", 1)
        if option.startswith("-") and not {option, positive} & known:
            return f"there is no option {option}"
    return None


def _where(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=str(Path(sys.executable).parent))


@cache
def _git_commands() -> frozenset[str]:
    return frozenset(_ask("git", "--list-cmds=main").split())


@cache
def _ask(*argv: str) -> str:
    program = _where(argv[0]) or argv[0]
    done = subprocess.run(
        [program, *argv[1:]], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr
