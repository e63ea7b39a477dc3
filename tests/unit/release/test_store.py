"""The journal: one whole line for each program, however many threads write."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from omninode_release.release.store import Journal
from omninode_release.system.clock import SystemClock
from omninode_release.system.process import JournalEntry
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from pathlib import Path


def test_threads_that_write_at_once_leave_whole_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.journal.jsonl", SystemClock(), Secrets())
    long = "x" * 5000  # more than a page: a reader may meet half of such a line

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: journal(JournalEntry(f"{n}", (long,), "/", 0, 0.1)), range(400)))
    journal.close()

    lines = (tmp_path / "run.journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["step"] for line in lines} == {str(n) for n in range(400)}
    assert len(lines) == 400


def test_a_journal_nobody_wrote_to_is_not_made(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.journal.jsonl", SystemClock(), Secrets())

    journal.close()

    assert not list(tmp_path.iterdir())
