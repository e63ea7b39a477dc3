"""``omni-release demo``: six small packages in six repositories, released for real.

The organisation, its remotes, its index and the tool's own state all lie in one folder; nothing
outside of it is touched. What runs is the ordinary command, on the ordinary engine.
"""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from packaging.specifiers import SpecifierSet

from omninode_release.adapters.git import Git
from omninode_release.adapters.uv import Links
from omninode_release.adapters.uv_environment import UvEnvironment
from omninode_release.commands import options
from omninode_release.commands.demo_org import build_org, demo_spec
from omninode_release.commands.outcome import print_outcome
from omninode_release.errors import split_lines, usage_error
from omninode_release.models.request import ReleaseRequest
from omninode_release.release.core import release
from omninode_release.release.session import make_programs
from omninode_release.system.scratch import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.result import ModelSkillResult
    from omninode_release.release.environment import Environment
    from omninode_release.system.process import Programs

_RUN = "demo"
_TOKEN = f"1740312612.000100:{_RUN}"
_SHOWN = "omnibase_infra"
_SECONDS = 120.0
_IMPORTS = (
    "import importlib.metadata as m\n"
    "for n in ('omnibase_spi', 'omnibase_core', 'omnibase_infra', 'omniintelligence',"
    " 'omnimemory', 'omniclaude'): __import__(n)\n"
    "for d in sorted(m.distributions(), key=lambda d: d.name):\n"
    "    pins = ', '.join(r for r in d.requires or () if 'extra ==' not in r)\n"
    "    print(f'  {d.name:<22} {d.version:<7} {pins}'.rstrip())\n"
)


def _demo(environment: Environment, keep: Path | None, prepare: Path | None) -> int:
    """Build the organisation, release it and show what became of it.

    Answers the release's exit code. Raises USAGE_ERROR.
    """
    if prepare is not None:
        if keep is not None:
            raise usage_error("demo: --keep and --prepare exclude each other: pass one of them.")
        return _prepare(environment, environment.absolute(prepare))
    with _folder(keep and environment.absolute(keep), "--keep") as root:
        inside = replace(
            environment,
            variables=_variables(environment.variables, root),
            policies=(),  # the machine's demands are of releases that leave it
        )
        run = make_programs(inside)
        say = environment.show
        say(f"Building six repositories, their remotes and a package index in {root} …")
        org = build_org(demo_spec(), root, run=run)
        request = ReleaseRequest(omni_home=org.omni_home, run_id=_RUN, gate_attestation=_TOKEN)
        argv = ["--omni-home", str(org.omni_home), "--run-id", _RUN, "--gate-attestation", _TOKEN]
        say("The gate is answered by a token issued beforehand; without one a person is asked.")
        say("", f"$ omni-release {shlex.join(argv)}", "")
        outcome = release(request, inside)
        code = print_outcome(outcome, inside, as_json=False)
        if code == 0:
            _show_change(org, run, environment.print)
            empty = UvEnvironment(root / "venv", run, _SECONDS, Links(org.index, only=True))
            _install(outcome.result, empty, say)
        if keep is None:
            say("", "The folder is removed now; `omni-release demo --keep DIR` leaves it.")
        else:
            _show_around(root, say, environment.print)
    return code


def _prepare(environment: Environment, folder: Path) -> int:
    """Build the organisation and leave it unreleased, to be released by hand."""
    with _folder(folder, "--prepare") as root:
        inside = replace(environment, variables=_variables(environment.variables, root))
        environment.show(
            f"Building six repositories, their remotes and a package index in {root} …"
        )
        org = build_org(demo_spec(), root, run=make_programs(inside))
    hook = shlex.quote(str(org.remote(_SHOWN) / "hooks" / "pre-receive"))
    environment.print(
        "",
        "Nothing is released yet. In a shell:",
        "",
        f"export OMNI_HOME={shlex.quote(str(org.omni_home))}",
        f"export ONEX_STATE_DIR={shlex.quote(str(root / 'state'))}",
        f"export PRE_COMMIT_HOME={shlex.quote(str(root / 'pre-commit'))}",
        "",
        "The plan; the release, which asks you; how far that is, or was:",
        "",
        "omni-release --dry-run",
        f"omni-release --run-id {_RUN}",
        f"omni-release status {_RUN}",
        "",
        f"To see it fail at {_SHOWN} and go on, before it is released:",
        "",
        f"mkdir -p {shlex.quote(str(org.remote(_SHOWN) / 'hooks'))}",
        f"printf '#!/bin/sh\\necho not today >&2\\nexit 1\\n' > {hook}",
        f"chmod +x {hook}",
        f"omni-release --run-id {_RUN}",
        f"rm {hook}",
        f"omni-release --resume {_RUN}",
    )
    return 0


def _show_around(root: Path, say: Callable[..., None], show: Callable[..., None]) -> None:
    """Tell how to look at what was released and kept."""
    state = f"ONEX_STATE_DIR={shlex.quote(f'{root}/state')}"
    remote = shlex.quote(str(root / "remotes" / f"{_SHOWN}.git"))
    say("", "The folder stays. To look at it:", "")
    show(
        f"{state} omni-release status {_RUN}",
        f"{state} omni-release wait {_RUN}",
        f"{state} omni-release report {_RUN}",
        f"git -C {remote} log --oneline main",
        f"git -C {remote} tag --list",
        f"ls {shlex.quote(str(root / 'index'))}",
    )


@contextmanager
def _folder(keep: Path | None, option: str) -> Iterator[Path]:
    if keep is None:
        with temporary_folder("demo-") as root:
            yield root.resolve()
        return
    if keep.exists() and not keep.is_dir():
        raise usage_error(f"demo {option}: expected a new or empty folder, found a file at {keep}.")
    if keep.exists() and any(keep.iterdir()):
        raise usage_error(f"demo {option}: expected a new or empty folder, found files in {keep}.")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()


def _variables(variables: Mapping[str, str], root: Path) -> dict[str, str]:
    """The user's environment, with every place a release writes to inside ``root``."""
    mine = {name: value for name, value in variables.items() if not name.startswith("OMNI_")}
    return mine | {
        "ONEX_STATE_DIR": str(root / "state"),
        "PRE_COMMIT_HOME": str(root / "pre-commit"),
        # Signing keys and hooks of the user's own have no business in a demonstration.
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def _show_change(org: Org, run: Programs, say: Callable[..., None]) -> None:
    git = Git(org.remote(_SHOWN), run)
    say("", f"What reached {_SHOWN}:", "")
    for args in (("log", "--oneline", "-3", "main"), ("show", "--stat", "--format=", "main")):
        say(f"$ git {shlex.join(args)}", git(*args).stdout.rstrip(), "")
    diff = git("show", "--format=", "--unified=0", "main", "--", "pyproject.toml").stdout
    say("$ git show main -- pyproject.toml")
    say(*(line for line in split_lines(diff) if line.startswith(("-", "+", "@@"))))


def _install(
    result: ModelSkillResult, environment: UvEnvironment, say: Callable[..., None]
) -> None:
    """Install what nothing else requires into an empty environment, and import every package."""
    released = {each.distribution: each.new_version for each in result.details}
    names = ["omninode-claude", "omninode-intelligence", "omninode-memory"]
    environment.make(SpecifierSet())
    environment.install({name: released[name] or "" for name in names})
    say("", f"Installed together into an empty environment ({', '.join(names)} and what they pin):")
    say(environment.run_python(_IMPORTS).rstrip())


command = options.command(
    "demo",
    _demo,
    click.Option(
        ["--keep"],
        type=options.PATH,
        metavar="DIR",
        help="A new or empty folder to build everything in, and to leave.",
    ),
    click.Option(
        ["--prepare"],
        type=options.PATH,
        metavar="DIR",
        help="A new or empty folder to build everything in, and to release nothing.",
    ),
    help="Release six small packages in six repositories, on this machine only.",
)
