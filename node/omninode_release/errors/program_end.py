"""How a program that failed ended, and what it said last, in few words."""

from __future__ import annotations

import re
import signal

from omninode_release.errors.excerpt import start_of

# Where git says why: its last line is often advice. A refused push names the ref behind a `!`.
_REASON = re.compile(r"\s*(?:fatal: |! \[|error: cannot lock |error: some local refs )")
_SAYS_NOTHING = "Could not read from remote repository"
_LONGEST_LINE = 1000
"""Of a line that an error quotes; a program may print megabytes in one."""
_SIGNALS = {each.value: each.name for each in signal.Signals}


def say_end(returncode: int) -> str:
    """How it ended; where memory is full, the system kills it, and it says nothing itself."""
    if returncode >= 0:
        return f"exited {returncode}"
    return f"was killed by {_SIGNALS.get(-returncode, f'signal {-returncode}')}"


def find_last_words(printed: str) -> str:
    """The line that says why, or the last one; before it what the remote said, if it did."""
    lines = [line for line in split_lines(printed) if line.strip()]
    at = next((n for n, line in enumerate(lines) if _REASON.match(line)), len(lines) - 1)
    if at and _SAYS_NOTHING in lines[at]:  # what ssh said stands before it
        at -= 1
    told = (line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:"))
    remote = [line for line in told if line]
    # GitHub lists what its rules object to below a greeting and an address.
    listed = [line for line in remote[1:] if line.startswith("- ")]
    said = [*remote[:1], *listed[:2]] if listed else remote[:2]
    return "; ".join(start_of(line, _LONGEST_LINE) for line in (*said, lines[at].strip()))


def split_lines(text: str) -> list[str]:
    """The lines of what a program printed; a carriage return begins a line, as on a terminal.

    ``splitlines`` also splits at characters that stand inside of lines: U+2028 may be in a tag.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
