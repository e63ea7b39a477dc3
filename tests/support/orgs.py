"""Organisations to release: built once a session, copied for every test."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.commands.demo_org import Org, build_org
from omninode_release.system.process import Programs

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR = Path(__file__).resolve().parents[2] / "fixtures" / "pair" / "org.yaml"


def programs() -> Programs:
    """Programs in the guarded environment of the session."""
    return Programs(os.environ)


def built_once(dest: Path, build: Callable[[Path], object]) -> Org:
    """The organisation at ``dest``; of several processes that ask, the first builds it."""
    done = dest.with_suffix(".done")
    with dest.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(dest, ignore_errors=True)
            build(dest)
            done.touch()
    return Org(dest.resolve())


def declared(spec: Path) -> Callable[[Path], object]:
    """What builds the organisation that ``spec`` (an org.yaml) declares."""
    return lambda dest: build_org(spec, dest, run=programs())


def copy_org(template: Org, dest: Path) -> Org:
    """A copy that shares nothing with its template: clones push to the copied remotes."""
    shutil.copytree(template.root, dest, symlinks=True)
    org = Org(dest.resolve())
    for repo in org.repos:
        # The text, not `git remote set-url`: six processes are half the time of a copy.
        config = org.clone(repo) / ".git" / "config"
        text = config.read_text(encoding="utf-8")
        old, new = (f"url = {place.remote(repo)}\n" for place in (template, org))
        if text.count(old) != 1:
            raise ValueError(f"expected {old!r} in {config}")
        config.write_text(text.replace(old, new), encoding="utf-8")
    return org
