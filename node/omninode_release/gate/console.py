"""The gate on a terminal: the question is printed, the answer read from the keyboard."""

from __future__ import annotations

import contextlib
import getpass
import queue
import termios
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.gate.ports import GateAnswer, Question
from omninode_release.gate.reply import decide_reply
from omninode_release.models.config import GateCommands
from omninode_release.models.state import GateRecord
from omninode_release.system.clock import Clock
from omninode_release.text.control_characters import plain


@dataclass(frozen=True)
class ConsoleGate:
    """Asks the person at the terminal; refuses where there is no terminal."""

    stdin: TextIO
    stdout: TextIO
    clock: Clock
    commands: GateCommands
    seconds: float

    def require(self) -> None:
        """Raise GATE_FAILED when there is no terminal to ask on."""
        if not self.stdin.isatty():
            raise ReleaseError(
                ErrorCode.GATE_FAILED,
                "expected a terminal to ask for approval on, found stdin redirected.",
                hint="run it in a terminal, or pass --gate-attestation <slack_ts>:<run_id>",
            )

    def ask(
        self, question: Question, earlier: GateRecord | None, posted: Callable[[str], None]
    ) -> GateAnswer:
        """Wait for an approval. Raises GATE_REJECTED, GATE_TIMEOUT or GATE_FAILED."""
        del earlier, posted  # what stood on a terminal is gone with the process
        self.require()
        approve, reject = self.commands.approve[0], self.commands.reject[0]
        shown = "\n".join(plain(line) for line in question.message.splitlines())
        self.stdout.write(f"\n{shown}\n\n")
        _forget_typed_ahead(self.stdin)
        answers = _read_lines(self.stdin)
        deadline = self.clock.monotonic() + self.seconds
        while True:
            self.stdout.write(f"{approve} or {reject}? ")
            self.stdout.flush()
            answer = self._read_answer(answers, deadline)
            decision = decide_reply(answer, self.commands, question.plan_hash)
            if decision == "approved":
                return GateAnswer(getpass.getuser())
            if decision == "rejected":
                raise ReleaseError(
                    ErrorCode.GATE_REJECTED,
                    f"{getpass.getuser()} rejected the plan on the console.",
                    hint="correct the plan and start again",
                )
            self.stdout.write(f"That decides nothing: type {approve} or {reject} by itself.\n")

    def _read_answer(self, answers: queue.Queue[str], deadline: float) -> str:
        try:
            left = deadline - self.clock.monotonic()
            line = answers.get(timeout=min(max(left, 0), threading.TIMEOUT_MAX))
        except queue.Empty:
            raise ReleaseError(
                ErrorCode.GATE_TIMEOUT,
                f"the gate was not answered within {self.seconds / 60:g} minutes.",
                hint="start again, or pass --gate-attestation",
            ) from None
        if not line:
            raise ReleaseError(
                ErrorCode.GATE_FAILED,
                "expected an answer on the terminal, found its end (Ctrl-D).",
                hint="start again and answer, or pass --gate-attestation",
            )
        return line


def _forget_typed_ahead(stream: TextIO) -> None:
    """Drop what was typed before the plan was shown: it cannot be meant for this plan."""
    with contextlib.suppress(OSError, ValueError, termios.error):  # no descriptor in a test
        termios.tcflush(stream.fileno(), termios.TCIFLUSH)


def _read_lines(stream: TextIO) -> queue.Queue[str]:
    """The stream's lines as they come, and "" at its end.

    A thread reads them: ``select`` does not see what Python has read ahead already.
    """
    answers: queue.Queue[str] = queue.Queue()

    def read() -> None:
        while True:
            try:
                line = stream.readline()
            except (OSError, ValueError):  # the terminal hung up
                line = ""
            answers.put(line)
            if not line:
                return

    threading.Thread(target=read, daemon=True, name="gate").start()
    return answers
