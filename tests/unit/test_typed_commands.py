"""Every command that the source tells a person to type: it parses, and no value comes apart."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from support.typed_commands import find_faults, find_typed
from support.wheel import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = ROOT / "node" / "omninode_release"
NEEDS_NO_QUOTES = re.compile(
    r"run_id|\brepo\b|_RUN|\.host\b|\bhost\b|slug|each\.name|near|option|shlex\.|quote|typed"
    r"|here|look|rename|cwd|remote|resume|fetch|state\.omni_home|hook|command|signing|move|lock\("
)
"""Values that are made of letters, digits and dashes, or come quoted already."""
# What only looks like a command: it is put together elsewhere, or it is prose.
NO_COMMANDS = {"commands/demo.py", "text/next_commands.py", "planning/survey/fits.py"}


def render(node: ast.AST) -> str | None:
    """A text as the source would print it, with an open quote for a value that needs quotes."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for each in node.values:
        if isinstance(each, ast.FormattedValue):
            value = ast.unparse(each.value)
            typed = re.match(r"typed(?:_git)?\(", value)
            parts.append("" if typed else "x1" if NEEDS_NO_QUOTES.search(value) else "O'dd")
        else:
            parts.append(render(each) or "")
    return "".join(parts)


def texts() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        left: set[ast.AST] = {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        left |= {v for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        if name in NO_COMMANDS:
            continue
        for node in ast.walk(tree):
            text = render(node) if node not in left else None
            if text:
                yield f"{name}:{getattr(node, 'lineno', 0)}", text


def lists() -> Iterator[tuple[str, str]]:
    """Commands that are given word by word, as far as their words are literal."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            match node.func.id, node.args:
                case "typed_git", [_, *words]:
                    said = ["git"]
                case "typed", [ast.Tuple(elts=words)]:
                    said = []
                case _:
                    continue
            said += [str(w.value) if isinstance(w, ast.Constant) else "x1" for w in words]
            if said[2:3] != ["x1"] or said[1] != "remote":  # which of several is chosen there
                yield f"{name}:{node.lineno}", " ".join(said)


def of_the_pages() -> Iterator[tuple[str, str]]:
    """Commands behind a prompt, and those in backticks that are more than a command's name.

    Generated tables show options as help does.
    """
    for path in sorted((ROOT / "docs").glob("*.md")):
        text = re.sub(r"(?s)<!-- generated: .*?<!-- end: ", "", path.read_text(encoding="utf-8"))
        shown = re.findall(r"^ *\$ ([^#\n]+)", text, re.MULTILINE)
        told = re.findall(r"(?<!`)`([^`]+)`(?!`)", text)
        for line in (*shown, *(" ".join(each.split()) for each in told)):
            for command in line.split(" < ")[0].split(" && "):
                if re.match(r"(omni-release|git|gh|uv) \S+ .", command):
                    yield path.name, command


def test_every_command_of_the_pages_parses() -> None:
    found = [*of_the_pages()]

    assert ("first-release.md", "gh auth setup-git") in found
    faults = [f"{name}: {fault}" for name, text in found for fault in find_faults(text)]
    assert faults == []


def test_every_command_in_a_text_parses() -> None:
    faults = [f"{place}: {fault}" for place, text in texts() for fault in find_faults(text)]
    assert not faults, "\n".join(faults)


def test_every_command_that_is_put_together_parses() -> None:
    found = list(lists())
    faults = [f"{place}: {fault}" for place, text in found for fault in find_faults(text)]
    assert not faults, "\n".join(faults)
    assert len(found) > 30


@pytest.mark.parametrize(
    ("hint", "why"),
    [
        ("omni-release --resum r1", "No such option"),
        ("omni-release status 'a b'", "expected a run id"),
        ("git -C /x frobnicate", "git has no command"),
        ("git -C /x fetch --unshalow", "there is no option --unshalow"),
        ("git -C /x remote set-uri origin URL", "git has no command"),
        ("git -C /a'b fetch", "git has no command"),
        ("gh repo unarchiv o/r", "needs a command"),
        ("uv lok --check", "uv has no command lok"),
        ("uv lock --chek", "there is no option --chek"),
    ],
)
def test_what_would_be_refused_is_found(hint: str, why: str) -> None:
    assert why in "".join(find_faults(hint))


def test_commands_end_where_prose_goes_on() -> None:
    hint = (
        "see git -C '/a b' log x says what it is; gh pr close URL, then omni-release --resume r1."
    )

    assert [(each.argv, each.is_whole) for each in find_typed(hint)] == [
        (("git", "-C", "/a b", "log", "x"), True),
        (("gh", "pr", "close", "URL"), False),
        (("omni-release", "--resume", "r1"), True),
    ]
