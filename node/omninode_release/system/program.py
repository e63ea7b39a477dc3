"""A program while it runs: waiting for its end, within a deadline, and ending it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys

from omninode_release.system.clock import SystemClock
from omninode_release.system.program_group import end_group

_PART_SECONDS = 10.0
"""A deadline is waited for in parts: of the time that this process itself was stopped for (Ctrl-Z),
no more counts than one part."""

_LAST_LOOK_SECONDS = 0.1
_LONGEST_SECONDS = 2_000_000.0  # three weeks; the kernel counts no further than 24 days


class Program(subprocess.Popen[bytes]):
    """A program whose end the kernel tells; Popen would look again every other millisecond."""

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is not None:
            return self.returncode
        is_told = timeout is not None and _wait_to_be_told(self.pid, timeout)
        return super().wait(0 if is_told else timeout)

    def read(self, stdin: bytes | None, seconds: float) -> tuple[bytes, bytes]:
        """All that it prints until it ends. Raises TimeoutExpired.

        What is much to write to it is written in one go: Popen does not take that up again. A
        program that it left behind, such as a daemon, may hold its output open after its end: that
        is waited for no longer than a part, and not beyond the deadline.
        """
        if stdin is not None and len(stdin) > select.PIPE_BUF:
            return self.communicate(stdin, timeout=min(seconds, _LONGEST_SECONDS))
        if stdin is not None:
            self._write(stdin)
        clock = SystemClock()
        while True:
            part, began = min(seconds, _PART_SECONDS), clock.monotonic()
            has_ended = self.poll() is not None
            try:
                return self.communicate(timeout=part)
            except subprocess.TimeoutExpired as late:
                was_stopped = clock.monotonic() - began >= part + _LAST_LOOK_SECONDS
                seconds -= part
                has_ended = has_ended or (seconds <= 0 and self.poll() is not None)
                if has_ended and not was_stopped:
                    return self._let_go(late)
                if seconds > 0:
                    continue
                if not was_stopped:
                    raise
                return self.communicate(timeout=_LAST_LOOK_SECONDS)  # after such a stop

    def _write(self, stdin: bytes) -> None:
        """Write what a pipe takes at once, whether it is read or not."""
        if self.stdin is not None:
            with contextlib.suppress(BrokenPipeError), self.stdin:
                self.stdin.write(stdin)
        self.stdin = None

    def _let_go(self, late: subprocess.TimeoutExpired) -> tuple[bytes, bytes]:
        """What it has printed until then; whoever holds its output prints for no one."""
        for pipe in filter(None, (self.stdout, self.stderr)):
            pipe.close()
        return late.output or b"", late.stderr or b""

    def end(self) -> None:
        end_group(self.pid, self._ends_within)

    def _ends_within(self, seconds: float) -> bool:
        try:
            return self.wait(seconds) is not None
        except subprocess.TimeoutExpired:
            return False


def _wait_to_be_told(pid: int, seconds: float) -> bool:
    """Wait for the end of a process for so long; False where the kernel tells of none."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ended = os.pidfd_open(pid)
            try:
                waiting = select.poll()
                waiting.register(ended, select.POLLIN)
                waiting.poll(max(seconds, 0) * 1000)
            finally:
                os.close(ended)
            return True
    return False
