"""Write how long something takes, for people."""

from __future__ import annotations

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def write_duration(seconds: float) -> str:
    """Such as ``0.4 s``, ``12 s``, ``3 m 5 s``, ``1 h 59 m``, ``2 d 4 h``."""
    if seconds < 0:  # the machine's clock was set back meanwhile
        return "an unknown time"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, size, below, small in (
        ("d", _DAY, _HOUR, "h"),
        ("h", _HOUR, _MINUTE, "m"),
        ("m", _MINUTE, 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"
