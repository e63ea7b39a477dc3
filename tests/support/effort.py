"""How much work something is, so that two sizes of it can be compared on a busy machine."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = 3


def takes_at_most(factor: float, small: Callable[[], object], large: Callable[[], object]) -> bool:
    """True when ``large`` takes at most ``factor`` times the processor time of ``small``.

    Noise only adds: the least time of ``small`` counts, and ``large`` has as many chances.
    """
    most = factor * max(min(_take_time(small) for _ in range(TIMES)), 1e-3)
    return any(_take_time(large) <= most for _ in range(TIMES))


def _take_time(work: Callable[[], object]) -> float:
    """What other processes take is not in it, nor a look for garbage at all that tests hold."""
    gc.disable()
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        gc.enable()
