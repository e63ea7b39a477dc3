"""Texts cut to a length, always with a mark where something is missing.

Only there can the beginning or the end of a secret stand: ``Secrets.hide`` looks beside each mark.
"""

from __future__ import annotations

MARK = "…"


def start_of(text: str, most: int) -> str:
    """The text, or as much of its beginning as fits into ``most`` characters with the mark."""
    return text if len(text) <= most else f"{text[: most - len(MARK)]}{MARK}"


def end_of(text: str, most: int) -> str:
    """The text, or as much of its end as fits."""
    return text if len(text) <= most else f"{MARK}{text[len(text) - most + len(MARK) :]}"


def show(value: object, most: int = 80) -> str:
    """A value from outside as Python writes it, which escapes what moves a cursor."""
    return start_of(repr(value), most)
