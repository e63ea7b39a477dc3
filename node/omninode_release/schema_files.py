"""Writing ``schemas/``: every model that crosses a boundary, as draft 2020-12."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.contract import Contract
from omninode_release.models.inputs import ModelReleaseInputs
from omninode_release.models.outputs import OUTPUT_OF
from omninode_release.models.plan import Plan
from omninode_release.models.request import ModelSkillRequest
from omninode_release.models.result import ModelSkillResult
from omninode_release.models.state import RunState
from omninode_release.schemas import DRAFT, resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from omninode_release.models.base import Model

SCHEMA_VERSION = 1
_READ: Mapping[str, type[Model]] = {
    "contract": Contract,
    "release-config": ReleaseConfig,
    "release-inputs": ModelReleaseInputs,
    "skill-request": ModelSkillRequest,
    "state": RunState,
}
_WRITTEN: Mapping[str, type[Model]] = {
    "plan": Plan,
    "result": ModelSkillResult,
    **{f"phase-{phase.lower()}": model for phase, model in OUTPUT_OF.items()},
}


def schemas() -> Iterator[tuple[str, str]]:
    """File name and text of every schema."""
    for name, model in _READ.items():
        yield _file(name, model, "validation")
    for name, model in _WRITTEN.items():
        yield _file(name, model, "serialization")


def _file(
    name: str, model: type[Model], mode: Literal["validation", "serialization"]
) -> tuple[str, str]:
    schema: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": f"urn:omninode-release:schema:{name}:{SCHEMA_VERSION}",
        **model.model_json_schema(mode=mode),
    }
    return f"{name}.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(argv: Sequence[str]) -> int:
    """Write every schema into the folder named, by default the repository's ``schemas/``."""
    folder = Path(argv[0]) if argv else resource("schemas")
    folder.mkdir(exist_ok=True)
    for name, text in schemas():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
