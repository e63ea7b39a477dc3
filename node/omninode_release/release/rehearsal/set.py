"""What VERIFY would find once all is published, looked for before the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.adapters.uv_environment import is_unreachable
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.models.check import Check
from omninode_release.release.verify import NotVerified, make_environment, open_environment
from omninode_release.system.scratch import temporary_folder
from omninode_release.text.uv_output import explain_uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.steps import Stage
    from omninode_release.release.world import World

_SUBJECT, _NAME = "packages", "install"


def check_set(world: World, rows: Sequence[RepoPlan], stage: Stage) -> Iterator[Check]:
    """A word where uv finds no way to install together what the rehearsal has built.

    It stops the run where ``verify: fail`` would. Of one package its own lock has told.
    """
    published = [row for row in rows if world.config.publishes(row.repo)]
    if world.config.verify == "off" or len(published) < 2:
        return
    versions = {_name(row): row.versions[1] for row in published}
    commits = {row.repo: row.base_sha or "" for row in published}
    with temporary_folder("verify-") as folder:
        environment = open_environment(world, folder.resolve() / "venv", step="rehearsal")
        try:
            make_environment(environment, world, commits)
            environment.resolve(versions, stage.wheels.resolve(), map(_name, stage.list_released()))
        except NotVerified as why:
            yield Check(_SUBJECT, _NAME, "unknown", str(why))
        except CommandFailed as failure:
            yield _judge(failure, len(published), is_failure=world.config.verify == "fail")
        except (ReleaseError, OSError) as error:  # out of time, out of room, no uv
            yield Check(_SUBJECT, _NAME, "unknown", f"it could not be looked at: {error}")


def _judge(failure: CommandFailed, number: int, *, is_failure: bool) -> Check:
    words = explain_uv(failure.stderr)
    if is_unreachable(failure):
        return Check(_SUBJECT, _NAME, "unknown", f"an index could not be asked: {words}")
    text = f"the {number} packages of this run do not install together: {words}"
    hint = "mend what they require on their base branches, and start again"
    if not is_failure:
        return Check(_SUBJECT, _NAME, "warning", text, hint)
    return Check(_SUBJECT, _NAME, "failed", text, hint, ErrorCode.PIN_CONFLICT)


def _name(row: RepoPlan) -> str:
    return str(canonicalize_name(row.package))
