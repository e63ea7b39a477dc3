"""The ``omni-release`` command, also as ``python -m omninode_release``."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import sys

from omninode_release import __version__

_NO_FILE_LOCKS = """\
USAGE_ERROR: expected a system with the file locks of Unix, such as Linux or macOS, found {}.
Next: on Windows, type the same in WSL (wsl --install sets it up)
"""


def command() -> int:
    """Run the command line of this process and answer its exit code.

    What is imported stays to the end; a quarter of a dry run went into looking through it for
    garbage, as it was loaded and once more on the way out (docs.python.org, gc.freeze).
    """
    _open_streams()
    if sys.argv[1:] == ["--version"]:  # answered without importing the rest
        with contextlib.suppress(OSError):  # a full disk, a closed pipe
            sys.stdout.write(f"omni-release {__version__}\n")
        return _end(0)
    if not _has_file_locks():
        sys.stderr.write(_NO_FILE_LOCKS.format(sys.platform))
        return 2
    gc.set_threshold(1_000_000)
    on_ctrl_c = signal.getsignal(signal.SIGINT)
    if on_ctrl_c is signal.default_int_handler:  # before the work, it ends without a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from omninode_release.commands.main import main  # noqa: PLC0415
    from omninode_release.errors.stops import STOPS  # noqa: PLC0415

    signal.signal(signal.SIGINT, on_ctrl_c)
    variables = dict(os.environ)
    # pydantic would look through all that is installed for plugins, and run them.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    code = main(environ=variables)
    for each in (signal.SIGINT, *STOPS):  # all is done and told: the code is not another any more
        signal.signal(each, signal.SIG_IGN)
    gc.freeze()
    return _end(code)


def _has_file_locks() -> bool:
    """False on Windows, where what follows could not even be imported."""
    try:
        import fcntl  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def _open_streams() -> None:
    """Give the process three streams that take any text.

    A caller may have closed one (``>&-``); the next file to be opened would get its number. A
    character that the terminal's encoding lacks is written as an escape.
    """
    for name, fd in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            setattr(sys, name, os.fdopen(fd, "r" if fd == 0 else "w", encoding="utf-8"))
        stream = getattr(sys, name)
        if fd and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _end(code: int) -> int:
    """Flush stdout; the interpreter would turn a closed pipe into exit code 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


if __name__ == "__main__":
    raise SystemExit(command())
