"""Take out of foreign words what Slack would act upon."""

from __future__ import annotations

from omninode_release.text.control_characters import plain

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def slack_text(text: str) -> str:
    """``text`` as Slack shows it word for word.

    ``<!channel>`` in a commit's subject would ping everybody, ``<https://…|log in>`` show a link
    that lies (Slack, Formatting message text, "Escaping text": exactly these three characters).
    """
    return "\n".join(plain(line) for line in text.split("\n")).translate(_ESCAPES)
