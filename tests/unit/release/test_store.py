"""What a run writes down: a journal of whole lines, and a state that no crash tears."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omninode_release.release.state_file import read_state
from omninode_release.release.store import Journal, Store
from omninode_release.system.clock import SystemClock
from omninode_release.system.files import encode_json
from omninode_release.system.paths import Places
from omninode_release.system.process import JournalEntry
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    import pytest

    from omninode_release.models.state import RunState

STATES = Path(__file__).resolve().parents[2] / "states"


def test_threads_that_write_at_once_leave_whole_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.journal.jsonl", SystemClock(), Secrets())
    long = "x" * 5000  # more than a page: a reader may meet half of such a line

    with ThreadPoolExecutor(8) as pool:
        entries = [JournalEntry(f"{n}", (long,), "/", 0, 5.0, 0.1) for n in range(400)]
        list(pool.map(journal, entries))
    journal.close()

    lines = (tmp_path / "run.journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["step"] for line in lines} == {str(n) for n in range(400)}
    assert len(lines) == 400


def test_a_journal_nobody_wrote_to_is_not_made(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run.journal.jsonl", SystemClock(), Secrets())

    journal.close()

    assert not list(tmp_path.iterdir())


def _store(folder: Path) -> tuple[Store, RunState, Path]:
    store = Store(Places(folder, folder, folder), SystemClock())
    state = read_state(STATES / "stopped-at-merge-0.1.0.json", "pair")
    return store, state, store.places.state("pair")


def test_a_reader_of_the_state_meets_the_old_one_whole(tmp_path: Path) -> None:
    store, state, path = _store(tmp_path)
    store.save(state)
    old = path.read_bytes()

    with path.open("rb") as reader:
        store.save(state.model_copy(update={"status": "completed"}))

        assert reader.read() == old
    assert read_state(path, "pair").status == "completed"


class _Counting(Secrets):
    """Secrets that count the texts they are asked about."""

    asked = 0

    def hide(self, text: str) -> str:
        type(self).asked += 1
        return super().hide(text)


def test_a_step_of_one_repository_reads_no_other_again(tmp_path: Path) -> None:
    plain, pair, path = _store(tmp_path)
    beta = pair.repos["beta"]
    many = {f"beta-{n}": beta.model_copy(update={"repo": f"beta-{n}"}) for n in range(50)}
    state = pair.model_copy(update={"repos": pair.repos | many})
    # A word of the plan's commits, and one that only the step brings.
    secrets = _Counting(frozenset({"greeting", "step's own"}))
    store = Store(plain.places, plain.clock, secrets)
    store.save(state)
    whole, _Counting.asked = _Counting.asked, 0
    told = beta.model_copy(update={"error": "the step's own words"})
    later = state.with_repo("beta", told, at=state.updated_at)

    store.save(later)

    assert _Counting.asked < whole / 10
    assert path.read_bytes() == encode_json(secrets.hide_in(later.model_dump(mode="json")))
    assert b"greeting" not in path.read_bytes()
    assert b"step's own" not in path.read_bytes()


def test_a_state_is_on_the_disk_before_it_takes_its_name_and_the_name_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, state, path = _store(tmp_path)
    store.save(state)  # the folders are there
    calls: list[tuple[str, int, int]] = []
    replace = os.replace

    def synced(fd: int) -> None:
        found = os.fstat(fd)
        calls.append(("fsync", found.st_ino, found.st_size))

    def replaced(source: Any, target: Any) -> None:
        calls.append(("replace", os.stat(source).st_ino, os.stat(source).st_size))  # noqa: PTH116
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    store.save(state)

    file, folder = path.stat(), path.parent.stat()
    assert calls[:2] == [(name, file.st_ino, file.st_size) for name in ("fsync", "replace")]
    assert [call[:2] for call in calls[2:]] == [("fsync", folder.st_ino)]
