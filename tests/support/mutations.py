"""Good input made odd, step by step: what a fuzzer feeds on.

``make fuzz`` tries OMNI_FUZZ_EXAMPLES of each; an ordinary run of the tests tries a few.
"""

from __future__ import annotations

import os
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hypothesis.strategies import DrawFn

bounded = settings(
    max_examples=int(os.environ.get("OMNI_FUZZ_EXAMPLES", "60")),
    derandomize="OMNI_FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
"""Few enough for every run of the tests, and the same in each; others on a long one."""


def _deep() -> Any:
    value: Any = "x"
    for _ in range(90):
        value = [value]
    return value


_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**70, 1.5, float("nan"), float("inf"), "", " ", "x", "X" * 5000,
    "\u2028", "\u200b", "\ud800", "\0", "\n", "-x", "--all", "../x", "/x", "a/b", "1.2.3", "\u00b2",
    "9" * 400, "2024-13-45", "2026-02-25T14:00:00Z", "https://[::1", [], {}, [None], ["x"],
    {"a": 1}, [[]], _deep(),
)  # fmt: skip
_TEXTS: tuple[str, ...] = (
    "", "\n", "\0", "\r", "\r\n", "\t", " ", "  ", "\u2028", "\x1f", "\x85", "\\", '"', "'", '"""',
    "'''", "[", "]", "{", "}", "[" * 300, "- " * 300, "{a = " * 120, "=", "==", ":", ": ", "?", "!",
    "&a ", "*a", "<<: ", "#", "\n#", "\n- ", "\n  ", "%", "@", "`", "|", ">", ",", ";", ".", "..",
    "-", "--", "~", "0", "-1", "1" * 5000, "0x" + "f" * 5000, "1e999", "nan", "null", "true", "on",
    "!!int ''", "!!bool x", "!!binary é", "!!timestamp x", "!!python/name:os.x", "2024-13-45",
    "1:60:60", "\nx = 5\n", "\n[tool.uv.sources]\nx = 5\n", "\n[project]\n", "\n[[a]]\n",
    "a" + ".a" * 150, "\ufeff", "é", "\U000e0041", "\ud800", "blob", "missing", "refs/tags/",
)  # fmt: skip


@st.composite
def mutated(draw: DrawFn, good: Any) -> Any:
    """A JSON value in which a few things are others, are gone, or are there twice."""
    value = deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        if not places:
            return draw(st.sampled_from(_ODD))
        holder, key = draw(st.sampled_from(places))
        _CHANGES[draw(st.sampled_from(sorted(_CHANGES)))](holder, key, draw)
    return value


@st.composite
def mutated_text(draw: DrawFn, good: str) -> str:
    """A text in which a few stretches are gone, moved, or others."""
    text = good
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(start + 40, len(text))))
        piece = draw(st.sampled_from((*_TEXTS, text[start:end] * 2)))
        text = text[:start] + piece + text[end:]
    return text


def mutated_bytes(good: str) -> st.SearchStrategy[bytes]:
    """The same as bytes, some of which are no UTF-8."""
    return mutated_text(good).map(lambda text: text.encode(errors="surrogatepass"))


def one_of(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """A mutation of one of several good values."""
    return st.sampled_from(range(len(values))).flatmap(lambda number: mutated(values[number]))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every list or object with each of its keys."""
    items = value.items() if isinstance(value, dict) else ()
    listed = enumerate(value) if isinstance(value, list) else ()
    for key, each in (*items, *listed):
        yield value, key
        yield from _places(each)


def _replace(holder: Any, key: Any, draw: DrawFn) -> None:
    holder[key] = deepcopy(draw(st.sampled_from(_ODD)))


def _remove(holder: Any, key: Any, draw: DrawFn) -> None:
    del draw, holder[key]


def _wrap(holder: Any, key: Any, draw: DrawFn) -> None:
    holder[key] = draw(st.sampled_from(([holder[key]], {"x": holder[key]}, str(holder[key]))))


def _repeat(holder: Any, key: Any, draw: DrawFn) -> None:
    del draw
    if isinstance(holder, list):
        holder.insert(key, deepcopy(holder[key]))
    else:
        holder[f"{key}x"] = deepcopy(holder[key])


_CHANGES: dict[str, Callable[[Any, Any, DrawFn], None]] = {
    "remove": _remove,
    "repeat": _repeat,
    "replace": _replace,
    "wrap": _wrap,
}
