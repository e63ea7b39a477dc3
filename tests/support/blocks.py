"""What Slack holds the blocks of a message to (Block Kit's reference), and its words for it."""

from __future__ import annotations

from typing import Any

_LEAVES = {"text": {"type", "text", "style"}, "link": {"type", "url", "text", "style"}}
_SECTIONS = {"rich_text_section", "rich_text_preformatted"}


class _Invalid(Exception):
    """Slack would not take it."""


def find_blocks_error(blocks: Any) -> str | None:
    """Slack's error for the blocks; None for those it takes."""
    if not isinstance(blocks, list):
        return "invalid_blocks_format"
    if sum(block.get("type") == "table" for block in blocks) > 1:
        return "invalid_attachments"
    try:
        _require(len(blocks) <= 50)
        for block in blocks:
            _check(block)
    except (_Invalid, KeyError, TypeError, AttributeError):
        return "invalid_blocks"
    return None


def texts_of(value: Any) -> list[str]:
    """Everything a person reads of blocks, in order."""
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    if not isinstance(value, dict):
        return []
    own = value.get("text")
    found = [own] if isinstance(own, str) else texts_of(own)
    return found + [t for key in ("rows", "elements") for t in texts_of(value.get(key, []))]


def links_of(value: Any) -> dict[str, str]:
    """The text of every link, and its address."""
    if isinstance(value, list):
        return {text: url for each in value for text, url in links_of(each).items()}
    if not isinstance(value, dict):
        return {}
    own = {value["text"]: value["url"]} if value.get("type") == "link" else {}
    return own | {
        k: v for key in ("rows", "elements") for k, v in links_of(value.get(key, [])).items()
    }


def _check(block: dict[str, Any]) -> None:
    match block["type"]:
        case "header":
            _only(block, {"type", "text"})
            _check_plain(block["text"], 150)
        case "section":
            _only(block, {"type", "text"})
            _check_plain(block["text"], 3000)
        case "rich_text":
            _check_rich_text(block)
        case "table":
            _check_table(block)
        case _:
            raise _Invalid


def _check_plain(text: dict[str, Any], most: int) -> None:
    _only(text, {"type", "text", "emoji"})
    _require(text["type"] == "plain_text" and 1 <= len(text["text"]) <= most)


def _check_rich_text(block: dict[str, Any]) -> int:
    """Answers how many characters it has."""
    _only(block, {"type", "elements"})
    size = 0
    _require(len(block["elements"]) > 0)
    for section in block["elements"]:
        _only(section, {"type", "elements"})
        _require(section["type"] in _SECTIONS and len(section["elements"]) > 0)
        for leaf in section["elements"]:
            _only(leaf, _LEAVES[leaf["type"]])
            _require(len(leaf["text"]) > 0)
            if leaf["type"] == "link":
                _require(leaf["url"].startswith(("http://", "https://")))
                _require(len(leaf["url"]) <= 3000)
            size += len(leaf["text"])
    _require(size <= 3000)
    return size


def _check_table(block: dict[str, Any]) -> None:
    _only(block, {"type", "rows", "column_settings"})
    rows = block["rows"]
    _require(1 <= len(rows) <= 100 and all(1 <= len(row) <= 20 for row in rows))
    _require(len({len(row) for row in rows}) == 1)
    size = 0
    for row in rows:
        for cell in row:
            _require(cell["type"] == "rich_text")
            size += _check_rich_text(cell)
    _require(size <= 10_000)


def _only(value: dict[str, Any], known: set[str]) -> None:
    _require(set(value) <= known)


def _require(holds: bool) -> None:  # noqa: FBT001
    if not holds:
        raise _Invalid
