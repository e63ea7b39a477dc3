"""What a step of GitHub Actions is told by lines of its log and of its files.

The runner acts on every line of a log that begins with ``::``, whoever wrote it ("Workflow commands
for GitHub Actions", GitHub Docs). So foreign words are printed between ``write_stop`` and
``write_restart`` only, and escaped in a command of ours.
"""

from __future__ import annotations

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}
_CUT = "\n\n*The rest does not fit here; omni-release report RUN_ID shows all of it.*\n"


def write_error(title: str, text: str) -> str:
    """The line that makes an annotation."""
    return f"::error title={_escape(title, _PROPERTY)}::{_escape(text, _DATA)}"


def write_stop(token: str) -> str:
    """From here on commands are text, until ``token`` is named; it must not be guessed."""
    return f"::stop-commands::{token}"


def write_restart(token: str) -> str:
    return f"::{token}::"


def write_output(name: str, value: str, delimiter: str) -> str:
    """An output in its file, whatever is in the value; the delimiter must not be guessed."""
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def fit_summary(text: str, *, most: int = 1_000_000) -> bytes:
    """A job summary in UTF-8; GitHub shows none of one above 1 MiB."""
    whole = text.encode()
    if len(whole) <= most:
        return whole
    lines = whole[: most - len(_CUT)].rpartition(b"\n")[0]
    return lines + _CUT.encode()


def _escape(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(each, each) for each in text)
