"""A command on a real terminal of 80x24, with a person at it who answers the gate."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROMPT = b"approve or reject?"


class Shown(NamedTuple):
    """How a command ended, and what it wrote before the answer and after it."""

    code: int
    before: bytes
    after: bytes

    @property
    def text(self) -> str:
        """All of it, without what moves the cursor and colours."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", (self.before + self.after).decode())


def on_terminal(
    argv: Sequence[str], variables: Mapping[str, str], *, answer: str = "approve"
) -> Shown:
    """Run the command; the question is answered as soon as it is asked."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        argv,
        env={"TERM": "xterm-256color", **variables},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        before, after, asked = b"", b"", False
        while data := _read(ours):
            if asked:
                after += data
                continue
            before += data
            if PROMPT in before:
                os.write(ours, f"{answer}\n".encode())
                asked = True
    os.close(ours)
    return Shown(process.returncode, before, after)


def _read(fd: int) -> bytes:
    """What comes next; nothing at the end, which Linux tells by an error."""
    select.select([fd], [], [], 120)
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""
