"""A key written twice is an error in a file of ours, and the last one counts in any other."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from omninode_release.text.yaml_reader import read_foreign_yaml, read_yaml, read_yaml_nodes

TWICE = "a: 1\nb:\n  c: 2\n  c: 3\n"


def test_a_value_is_read() -> None:
    text = "on: push\nlist: [1, x]\nday: 2026-02-25\n"

    assert read_yaml(text) == read_foreign_yaml(text)
    assert read_yaml("a: {b: null}") == {"a": {"b": None}}


def test_a_key_written_twice_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "release.yaml"
    path.write_text(TWICE, encoding="utf-8")

    with path.open("rb") as file, pytest.raises(yaml.MarkedYAMLError) as caught:
        read_yaml(file)

    assert "the key 'c' is written twice" in str(caught.value)
    assert f'"{path}", line 4' in str(caught.value)


def test_in_a_foreign_file_the_last_one_counts() -> None:
    assert read_foreign_yaml(TWICE) == {"a": 1, "b": {"c": 3}}


@pytest.mark.parametrize("text", ["!!python/object/apply:os.getcwd []", "a: !!python/name:os.x"])
def test_nothing_in_a_file_is_carried_out(text: str) -> None:
    for read in (read_yaml, read_foreign_yaml):
        with pytest.raises(yaml.YAMLError):
            read(text)


def test_nodes_know_their_lines() -> None:
    node = read_yaml_nodes(TWICE)

    assert isinstance(node, yaml.MappingNode)
    assert [key.start_mark.line for key, _ in node.value] == [0, 1]
    assert read_yaml_nodes("") is None
