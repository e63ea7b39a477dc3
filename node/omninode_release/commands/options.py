"""What several commands share: options and help. What they do is imported when they do it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import click

from omninode_release.errors import usage_error
from omninode_release.models.command_words import COMMANDS
from omninode_release.models.run_id import RUN_ID_RULE, is_run_id
from omninode_release.release.environment import PLACES, Environment
from omninode_release.system.files import atomic_write_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH = 100
_NEED_NO_CLONES = frozenset({"demo", "install-skill", "completion"})


def command(
    word: str,
    callback: Callable[..., int] | str,
    *params: click.Parameter,
    help: str = "",  # noqa: A002
) -> click.Command:
    """The command that ``omni-release WORD`` calls; the environment is its first argument.

    A callback that imports much is given as ``package.module:function``, and found when it is
    called: help must not pay for it. A command that does not ask for folder and configuration as
    arguments, and may need them, finds them in the environment.
    """
    asked = {param.name for param in params}
    beside = () if word in _NEED_NO_CLONES else (config(), omni_home())
    added = [each for each in beside if each.name not in asked]

    def call(environment: Environment, **given: Any) -> int:  # noqa: ANN401 - click's
        found = resolve_name(callback) if isinstance(callback, str) else callback
        said = {each.opts[0]: given.pop(each.name or "") for each in added}
        _require_places(environment, said)
        variables = {PLACES[option]: value for option, value in said.items()}
        code: int = found(environment.with_variables(variables), **given)
        return code

    made = click.Command(
        word,
        callback=click.pass_obj(call),
        params=[*params, *added],
        help=help or f"{COMMANDS[word].capitalize()}.",
        short_help=COMMANDS[word],
    )
    add_help(made)
    return made


def _require_places(environment: Environment, said: Mapping[str, Path | None]) -> None:
    """Raise CONFIG_INVALID for a place that is named and not there, also where none is needed.

    What a configuration says is asked by those that use it: a run is cancelled beside a broken one.
    """
    folder, file = said.get("--omni-home"), said.get("--config")
    if folder is None and file is None:
        return
    # Only who names one has to pay for it.
    from omninode_release.contract.load import read_config  # noqa: PLC0415
    from omninode_release.release.requests.find_organisation import require_folder  # noqa: PLC0415

    if folder is not None:
        require_folder(environment.absolute(folder))
    if file is not None and not os.access(path := environment.absolute(file, what="file"), os.R_OK):
        read_config(path)


def add_help(made: click.Command) -> None:
    """Give a command ``-h`` and ``--help``, printed where the environment says."""
    made.add_help_option = False
    made.params.append(
        click.Option(
            ["-h", "--help"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_help,
            help="Show this text.",
        )
    )
    made.context_settings = {"max_content_width": _WIDTH}


def _print_help(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:  # noqa: FBT001
    if asked and not ctx.resilient_parsing:
        ctx.find_object(Environment).print(ctx.get_help())  # type: ignore[union-attr] # main's
        ctx.exit(0)


class _Path(click.Path):
    """A file or folder; an empty name, which a shell makes of an unset variable, is refused."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401 - click's
        if not os.fspath(value):
            self.fail("expected a name, found an empty one.", param, ctx)
        return self.coerce_path_result(value)


class _Seconds(click.FloatRange):
    """A time to wait; ``nan`` is a number to Python, and a deadline that never comes."""

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not seconds >= 0:
            self.fail(f"expected a number of seconds, found {value}.", param, ctx)
        return seconds


PATH = _Path(path_type=Path)
NAME = _Path()
"""The same as it was typed; ``-`` may mean a stream."""
SECONDS = _Seconds(min=0)


# Options; a function each, since a click parameter belongs to one command.


def omni_home() -> click.Option:
    return _place(
        "--omni-home", "DIR", "Folder with the clones. [$OMNI_HOME, or the current folder]"
    )


def config() -> click.Option:
    return _place(
        "--config", "FILE", "Release configuration. [$OMNI_RELEASE_CONFIG, OMNI_HOME/release.yaml]"
    )


def _place(name: str, metavar: str, text: str) -> click.Option:
    """An option that may stand before the word of a command, after it, or on both sides."""

    def choose(ctx: click.Context, param: click.Parameter, values: tuple[Path, ...]) -> Path | None:
        before = ctx.parent.params.get(param.name or "") if ctx.parent else None
        said = [*([before] if before else []), *values]
        folder = ctx.ensure_object(Environment).folder
        if len({os.path.normpath(folder / each) for each in said}) > 1:
            raise usage_error(
                f"{name}: expected one {metavar}, found {' and '.join(map(str, said))}.",
                hint="leave out all but one",
            )
        return said[-1] if said else None

    return click.Option(
        [name], type=PATH, multiple=True, callback=choose, metavar=metavar, help=text
    )


def as_json(text: str) -> click.Option:
    return click.Option(["--json", "as_json"], is_flag=True, help=text)


def tell(environment: Environment, value: Mapping[str, Any], *lines: str, as_json: bool) -> None:
    """Print what a command did: the value for a caller in JSON, or the lines for a person."""
    if as_json:
        environment.print_json(value, indent=2)
    else:
        environment.show(*lines)


def verbose() -> click.Option:
    return click.Option(["--verbose"], is_flag=True, help="Show every program that is run.")


def repos() -> click.Argument:
    return click.Argument(["repos"], nargs=-1, metavar="[REPO]...")


def run_id(*, required: bool = True) -> click.Argument:
    """The name of a run; anything else is a USAGE_ERROR."""

    def check(ctx: click.Context, _param: click.Parameter, value: Any) -> str | None:  # noqa: ANN401
        if value is not None and not is_run_id(value):
            raise usage_error(
                f"{ctx.info_name}: expected a run id ({RUN_ID_RULE}), found {value!r}."
            )
        return value if value is None else str(value)

    return click.Argument(
        ["run_id"],
        required=required,
        metavar="RUN_ID" if required else "[RUN_ID]",
        callback=check,
        shell_complete=list_run_ids,
    )


def list_run_ids(ctx: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """The runs that are not archived and whose names begin so, for a shell."""
    from omninode_release.release.store import Store  # noqa: PLC0415 - only a shell asks

    environment = ctx.ensure_object(Environment)
    store = Store(environment.places_of_runs(), environment.clock)
    return [path.stem for path in store.list_states() if path.stem.startswith(begun)]


def write_file(environment: Environment, option: str, name: str, data: bytes) -> Path:
    """Write what an option names a file for, and answer where. Raises USAGE_ERROR."""
    if name == "-":
        raise usage_error(
            f"{option}: expected the name of a file, found -, which means stdout elsewhere.",
            hint="name a file; ./- is one that is called so",
        )
    path = environment.absolute(name, what="file")
    try:
        atomic_write_shared(path, data)
    except OSError as error:
        raise usage_error(
            f"{option}: expected a file that can be written at {path}, found: {error.strerror}.",
            hint="name another file",
        ) from error
    return path
