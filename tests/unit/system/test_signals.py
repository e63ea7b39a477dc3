"""Signals that stop a command in order."""

from __future__ import annotations

import os
import signal

import pytest

from omninode_release.errors import Terminated
from omninode_release.system.signals import orderly_stop


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_becomes_an_orderly_stop(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    with orderly_stop(), pytest.raises(Terminated):
        os.kill(os.getpid(), number)

    assert signal.getsignal(number) == before


def test_a_terminal_that_says_twice_that_it_closes_disturbs_no_stop() -> None:
    with orderly_stop():
        with pytest.raises(Terminated):
            os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGHUP)


def test_under_nohup_a_terminal_may_close() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with orderly_stop():
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
