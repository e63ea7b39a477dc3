"""The gate on a terminal: the question is printed, the answer read from the keyboard."""

from __future__ import annotations

import contextlib
import queue
import termios
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from omninode_release.errors import ErrorCode, ReleaseError, split_lines
from omninode_release.gate.ports import START_AGAIN, GateAnswer, GateRejected
from omninode_release.gate.reply import decide_reply
from omninode_release.system.account import Account
from omninode_release.text.control_characters import plain
from omninode_release.text.fold import fold_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omninode_release.gate.ports import Change, Question
    from omninode_release.models.config_parts import GateCommands
    from omninode_release.models.state import GateRecord
    from omninode_release.system.clock import Clock

_SHOW = "d"
"""Followed by a repository, the word that shows its changes."""


@dataclass(frozen=True)
class ConsoleGate:
    """Asks the person at the terminal; refuses where there is no terminal."""

    stdin: TextIO
    stdout: TextIO
    clock: Clock
    commands: GateCommands
    seconds: float
    account: Account = field(default_factory=Account.of_process)
    """Whom an answer is from."""
    width: int | None = None
    """How many columns there are; None where a line may have any length."""

    @property
    def is_below_plan(self) -> bool:
        """True on a terminal, where the plan and the rules have just been shown."""
        return self.width is not None

    def require(self) -> None:
        """Raise GATE_FAILED when there is no terminal to ask on."""
        if not self.stdin.isatty():
            raise ReleaseError(
                ErrorCode.GATE_FAILED,
                "expected a terminal to ask for approval on, found stdin redirected.",
                hint=f"in a terminal, {START_AGAIN}",
            )

    def ask(
        self, question: Question, earlier: GateRecord | None, posted: Callable[[str], None]
    ) -> GateAnswer:
        """Wait for an approval. Raises GATE_REJECTED, GATE_TIMEOUT or GATE_FAILED."""
        try:
            return self._ask(question, earlier, posted)
        except (OSError, ValueError) as error:  # a full disk, a closed stream
            raise ReleaseError(
                ErrorCode.GATE_FAILED,
                f"expected to show the plan on the terminal, found: {error}.",
                hint=f"in a terminal whose output is not redirected, {START_AGAIN}",
            ) from error

    def _ask(
        self, question: Question, earlier: GateRecord | None, posted: Callable[[str], None]
    ) -> GateAnswer:
        del earlier, posted  # what stood on a terminal is gone with the process
        self.require()
        # On a terminal the plan stands right above; in a log the question stands by itself.
        whole = f"{question.rules}\n\n{question.message}".lstrip()
        brief = question.brief if self.is_below_plan else ""
        self._print(f"\n{brief or whole}\n")
        _forget_typed_ahead(self.stdin)
        answers = _read_lines(self.stdin)
        deadline = self.clock.monotonic() + self.seconds
        while True:
            self.stdout.write(self._prompt(question))
            self.stdout.flush()
            answer = self._read_answer(answers, deadline)
            decision = decide_reply(answer, self.commands, question.plan_hash)
            if decision == "approved":
                return GateAnswer(str(self.account))
            if decision == "rejected":
                raise GateRejected(
                    f"{self.account} rejected the plan on the console.",
                    by=str(self.account),
                    reason=answer.strip(),
                )
            self._print(self._reply(answer, question))

    def _prompt(self, question: Question) -> str:
        approve, reject = self.commands.approve[0], self.commands.reject[0]
        shows = f" ({_SHOW} REPO shows its changes)" if question.changes else ""
        return f"{approve} or {reject}?{shows} "

    def _reply(self, answer: str, question: Question) -> str:
        """What a person is shown who has decided nothing."""
        words = answer.split()
        if question.changes and words[:1] == [_SHOW]:
            return _show_changes(words[1:], question.changes)
        approve, reject = self.commands.approve[0], self.commands.reject[0]
        return f"That decides nothing: type {approve} or {reject} by itself."

    def _print(self, text: str) -> None:
        """Write foreign words without the characters that would move the cursor."""
        if text:
            lines = [
                each for line in split_lines(text) for each in fold_line(plain(line), self.width)
            ]
            self.stdout.write("".join(f"{line}\n" for line in lines))

    def _read_answer(self, answers: queue.Queue[str], deadline: float) -> str:
        try:
            left = deadline - self.clock.monotonic()
            line = answers.get(timeout=min(max(left, 0), threading.TIMEOUT_MAX))
        except queue.Empty:
            raise ReleaseError(
                ErrorCode.GATE_TIMEOUT,
                f"the gate was not answered within {self.seconds / 60:g} minutes.",
                hint=f"{START_AGAIN}, and answer in time",
            ) from None
        if not line:
            raise ReleaseError(
                ErrorCode.GATE_FAILED,
                "expected an answer on the terminal, found its end (Ctrl-D).",
                hint=f"{START_AGAIN}, and answer",
            )
        return line


def _show_changes(repos: Sequence[str], changes: Sequence[Change]) -> str:
    """The changes of the repositories named, or what can be named."""
    known = {change.repo: change for change in changes}
    unknown = [repo for repo in repos if repo not in known]
    if unknown or not repos:
        found = ", ".join(unknown) or "no name"
        return f"{_SHOW}: expected a repository of the plan ({', '.join(known)}), found {found}."
    return "\n".join(f"\n{known[repo].text}\n\n{known[repo].show_diff()}\n" for repo in repos)


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
