"""Text of any size takes time that grows with it: eight times the text, eight times the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.text.requirements import split_requirement
from omninode_release.text.toml_document import find_line
from omninode_release.text.version_files import bump_literal
from support.effort import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

WORK: dict[str, tuple[int, Callable[[int], object]]] = {
    "a string that never ends": (4_000, lambda n: bump_literal('x = "' + '\\"' * n, "1.2.3")),
    "a text that never ends": (4_000, lambda n: bump_literal('x = """' + '\\"""' * n, "1.2.3")),
    "many literals": (2_000, lambda n: bump_literal('__version__ = "1"\n' * n, "1.2.3")),
    "a requirement with room in it": (4_000, lambda n: split_requirement("a b" + " " * n + "c")),
    "a value that stands in many places": (
        200,
        lambda n: find_line("a = [\n" + '  "x",\n' * n + "]\n", ("a", n - 1)),
    ),
}


@pytest.mark.parametrize(("size", "work"), WORK.values(), ids=WORK)
def test_work_grows_with_the_text(size: int, work: Callable[[int], object]) -> None:
    assert cpu_seconds(lambda: work(8 * size)) < 30 * cpu_seconds(lambda: work(size))
