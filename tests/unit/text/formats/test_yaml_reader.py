"""A key written twice is an error in a file of ours, and the last one counts in any other."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from omninode_release.text.formats.yaml_reader import read_foreign_yaml, read_yaml, read_yaml_nodes
from support.effort import takes_at_most

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


ODD = {
    "a date that is none": "a:\n  b: 2024-13-45",
    "an empty number": "a: 1\nb: !!int ''",
    "no truth value": "a: 1\nb: !!bool x",
    "no time": "a: 1\nb: !!timestamp x",
    "no bytes": "a: 1\nb: !!binary é",
    "a tag that does not fit": "a: 1\nb: !!map x",
    "a huge number": f"a: 1\nb: 0x{'f' * 10_000}",
    "sixties without end": f"a: 1\nb: 1{':1' * 3000}",
    "a list for a key": "a: 1\n? [b]\n: c",
    "brackets that crash the parser": f"a: 1\nb: {'[' * 100_000}",
    "dashes that crash the parser": f"a: 1\n\n# more\nb:\n  {'- ' * 200_000}x",
    "a value inside of itself": "a: 1\nb: &b [*b]",
    "a value of values of values": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefgh")),
    "aliases on a thousand levels": "a0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 1000)),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "release.yaml"
    path.write_text(text, encoding="utf-8")

    with path.open("rb") as file, pytest.raises(yaml.MarkedYAMLError) as caught:
        read_yaml(file)

    assert re.search(rf'"{path}", line \d+', str(caught.value))
    with pytest.raises(yaml.MarkedYAMLError):
        read_foreign_yaml(text)


@pytest.mark.parametrize("text", ["\udc80", "a: \0", "a\n---\nb"])
def test_what_is_no_document_is_a_yaml_error(text: str) -> None:
    for read in (read_yaml, read_foreign_yaml, read_yaml_nodes):
        with pytest.raises(yaml.YAMLError):
            read(text)


def test_a_document_of_any_size_is_read_in_time_that_grows_with_it() -> None:
    read = partial(read_yaml, "".join(f"k{n}: {n}\n" for n in range(2_000)))
    longer = partial(read_yaml, "".join(f"k{n}: {n}\n" for n in range(16_000)))

    # Eight times the keys: sixty-four times the work where each is compared with each.
    assert takes_at_most(25, read, longer)
