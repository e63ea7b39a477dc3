"""Take out of foreign words what Slack would act upon."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.text.control_characters import plain
from omninode_release.text.forge_text import cut_middle

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 3_900
"""Characters of one message: Slack splits one of more than 4,000, and cuts at 40,000."""
_END = 600  # of them, for the end of a text that is too long
_LEFT_OUT = "\n… (too long for one message)\n"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def slack_text(text: str) -> str:
    """``text`` as Slack shows it word for word.

    ``<!channel>`` in a commit's subject would ping everybody, ``<https://…|log in>`` show a link
    that lies (Slack, Formatting message text, "Escaping text": exactly these three characters).
    """
    return "\n".join(plain(line) for line in text.split("\n")).translate(_ESCAPES)


def one_message(text: str) -> str:
    """``slack_text`` in the length of one message: of a longer text its beginning and its end."""
    return cut_middle(slack_text(text), LONGEST, end=_END, note=_LEFT_OUT)


def is_too_long(text: str) -> bool:
    """True for a text that ``one_message`` cuts."""
    return len(slack_text(text)) > LONGEST


def typed_text(text: str) -> str:
    """What a person typed, of a message's text as Slack answers it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def split_text(text: str, limit: int) -> Iterator[str]:
    """``text`` in parts of at most ``limit`` characters, between lines where that can be."""
    part = ""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        for piece in (line[at : at + limit] for at in range(0, len(line), limit)):
            if len(part) + len(piece) > limit:
                yield part
                part = ""
            part += piece
    if part:
        yield part
