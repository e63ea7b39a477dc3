"""Lines that fit a terminal: folded between words, never inside one, and never inside a command."""

from __future__ import annotations

import re
import textwrap

from omninode_release.text.next_commands import find_spans

_GLUE = "\N{NO-BREAK SPACE}"
_INDENT = 2
# A command of another program, to the end of its part of the sentence.
_OTHERS = re.compile(
    r"\b(?:git -C|gh (?:api|auth|label|pr|release|repo|workflow)|uv lock|chmod|mv|rm)"
    r" (?:'[^']*'|[^,;()`'])*?(?=[,;()`]|: | && |$)"
)
_LABEL = re.compile(r" *\S+ {2,}")


def fold_line(line: str, width: int | None) -> list[str]:
    """``line`` in pieces of at most ``width``; a word or command that is longer stays whole.

    What follows is indented below what it belongs to. No ``width`` is a line of any length.
    """
    if width is None or len(line) <= width:
        return [line]
    words = _glue_commands(line.lstrip(" "))
    indent = len(line) - len(words)
    pieces = textwrap.wrap(
        words,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * _find_hanging(line, indent, width),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        expand_tabs=False,
        replace_whitespace=False,
    )
    return [piece.replace(_GLUE, " ") for piece in pieces] or [line]


def _find_hanging(line: str, indent: int, width: int) -> int:
    """Where the rest of a line begins: below what stands beside its label, if words fit there."""
    label = _LABEL.match(line)
    longest = max(map(len, line.split()))
    if label is not None and label.end() + longest <= width:
        return label.end()
    return indent + _INDENT


def _glue_commands(text: str) -> str:
    """The text with the spaces inside of commands made unbreakable: they are copied whole."""
    others = (found.span() for found in _OTHERS.finditer(text))
    for start, end in (*find_spans(text), *others):
        text = text[:start] + re.sub(" ", _GLUE, text[start:end]) + text[end:]
    return text
