"""Files that a crash leaves whole, and files that grow."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from omninode_release.system.files import (
    JsonLines,
    append,
    atomic_create,
    atomic_write,
    atomic_write_shared,
    encode_json,
    open_to_append,
    read_file,
)
from omninode_release.system.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"

    atomic_write(path, b"one", mode=0o600)
    atomic_write_shared(path, b"two")

    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "claim.json"

    assert atomic_create(path, b"mine")
    assert not atomic_create(path, b"another's")

    assert path.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_that_a_crash_tore_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a"')

    append(path, b'{"a": 2}\n')

    assert path.read_bytes() == b'{"a": 1}\n{"a"\n{"a": 2}\n'


def test_a_log_is_made_with_its_first_line(tmp_path: Path) -> None:
    log = JsonLines(tmp_path / "runs" / "events.jsonl", Secrets())
    log.close()
    assert list(tmp_path.iterdir()) == []

    log.write({"said": "ä"})
    log.write({"said": "\udcff"})  # half a character, as a name that is not UTF-8 comes
    log.close()

    lines = (tmp_path / "runs" / "events.jsonl").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == [{"said": "ä"}, {"said": "\udcff"}]
    assert encode_json({"said": "ä"}) == '{\n  "said": "ä"\n}\n'.encode()


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (os.mkfifo, "a named pipe"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
    ],
    ids=["pipe", "folder", "device"],
)
def test_what_is_no_file_ends_at_once_with_its_name(
    tmp_path: Path, plant: Callable[[Path], object], kind: str
) -> None:
    path = tmp_path / "here"
    plant(path)

    for act in (read_file, open_to_append):
        with pytest.raises(OSError) as caught:  # noqa: PT011 - its words are looked at
            act(path)
        assert caught.value.filename == str(path)
        said = caught.value.strerror or ""
        assert kind in said or "symbolic link" in said or said == "Is a directory"


def test_nothing_is_added_to_what_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    (tmp_path / "log").symlink_to("mine")

    with pytest.raises(OSError, match="symbolic link"):
        append(tmp_path / "log", b"{}\n")

    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_a_temporary_file_that_is_another_name_of_a_file_is_not_written_into(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    os.link(tmp_path / "mine", tmp_path / ".state.json.tmp")

    atomic_write(tmp_path / "state.json", b"{}")

    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"
