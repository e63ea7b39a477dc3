"""How much work something is, so that two sizes of it can be compared on a busy machine."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least processor time of three; what other processes take is not in it."""
    found = []
    for _ in range(3):
        gc.collect()
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return max(min(found), 1e-3)
