"""Adding a phase as CONTRIBUTING.md says: three files by hand; what is forgotten is named.

Each test works in a copy of the checkout, whose own command looks at it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from omninode_release.models.phase import PhaseState

ROOT = Path(__file__).resolve().parents[3]
PARTS = (
    "contract.yaml", "topics.yaml", "SKILL.md", "prompt.md", "references", "pyproject.toml", "docs",
    "schemas", "node", "tests/scenarios",
)  # fmt: skip
PHASES = "node/omninode_release/phases"
MODULE = '''"""SEAL: a seal on the tag. Recognised by there being one."""

from __future__ import annotations

from omninode_release.models.field_types import Tag
from omninode_release.phases.output import PhaseOutput
from omninode_release.phases.ports import Context, Step
from omninode_release.phases.tag import TagOutput


class SealOutput(PhaseOutput):
    """Tags that are sealed."""

    tags: tuple[Tag, ...]
    """Their names."""

    def summary(self) -> str:
        return f"sealed {', '.join(self.tags)}"


OUTPUT = SealOutput


def done(step: Step, ctx: Context) -> SealOutput | None:
    del step, ctx
    return None


def apply(step: Step, ctx: Context) -> SealOutput:
    del ctx
    return SealOutput(tags=step.evidence(TagOutput).tags)
'''
BLOCK = """\
  - phase: SEAL
    state: SEALED
    handler: omninode_release.phases.seal
    output_schema: phase-seal
    effect: seals the release tags
    idempotency_key: seals on the remote
    check: each tag has one
    errors: [TAG_FAILED]
"""


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def write_module(root: Path) -> None:
    (root / PHASES / "seal.py").write_text(MODULE, encoding="utf-8")


def import_it(root: Path) -> None:
    edit(root / PHASES / "registry.py", "    push,\n", "    push,\n    seal,\n")


def write_line(root: Path) -> None:
    edit(root / PHASES / "registry.py", '"TAG": tag,\n', '"TAG": tag,\n    "SEAL": seal,\n')


def write_block(root: Path) -> None:
    edit(root / "contract.yaml", "  - phase: PUBLISH\n", f"{BLOCK}  - phase: PUBLISH\n")


def write_state(root: Path) -> None:
    edit(root / "contract.yaml", "TAGGED,", "TAGGED, SEALED,")


def make_docs(root: Path) -> None:
    """What the target of this name runs."""
    for module in ("contract.write_phase_names", "contract.schema_files",
                   "commands.write_documents"):  # fmt: skip
        run(root, f"omninode_release.{module}")


STEPS = (write_module, import_it, write_line, write_block, write_state, make_docs)


def run(root: Path, *argv: str) -> str:
    """What a module of the checkout prints."""
    done = subprocess.run(
        (sys.executable, "-m", *argv),
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "node")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


def validate(root: Path) -> list[str]:
    """What the command finds, line by line."""
    lines = run(root, "omninode_release", "validate").splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def copy(folder: Path) -> Path:
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, symlinks=True,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy(tmp_path)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to which the phase was added."""
    root = copy(tmp_path_factory.mktemp("added"))
    for step in STEPS:
        step(root)
    return root


@pytest.fixture
def added(template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(template, tmp_path / "added", symlinks=True)


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_a_phase_is_three_files_by_hand(checkout: Path) -> None:
    before = hand_written(checkout)

    for step in STEPS:
        step(checkout)

    assert validate(checkout) == []
    changed = {name for name, text in hand_written(checkout).items() if before.get(name) != text}
    assert changed == {"contract.yaml", f"{PHASES}/registry.py", f"{PHASES}/seal.py"}
    names = (checkout / "node/omninode_release/models/phase.py").read_text(encoding="utf-8")
    assert "    Phase.SEAL: PhaseState.SEALED,\n" in names


def hand_written(root: Path) -> dict[str, str]:
    """Every file that no target writes."""
    generated = {
        "SKILL.md",
        "prompt.md",
        "references/errors.md",
        "references/rules.md",
        "docs/reference.md",
        "node/omninode_release/models/phase.py",
    }
    return {
        name: path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and path.suffix in {".py", ".md", ".yaml"}
        if (name := path.relative_to(root).as_posix()) not in generated
    }


STATES = f"expected {', '.join(PhaseState)} (PLANNED, the state of each phase, DONE)"
Step = Callable[[Path], None]
FORGOTTEN: dict[Step, tuple[tuple[str, str, str], ...]] = {
    write_module: (
        ("contract.yaml", "handler: omninode_release.phases.seal",
         f"omninode_release.phases.seal cannot be imported: expected {PHASES}/seal.py"),
        (f"{PHASES}/registry.py", "    seal,",
         "expected the module phases/seal.py, found none"),
    ),
    import_it: (
        (f"{PHASES}/registry.py", '"SEAL": seal',
         "expected seal to be imported above, found it is not"),
    ),
    write_line: (
        (f"{PHASES}/registry.py", '"TAG": tag',
         'expected the line "SEAL": seal, below this one, found none'),
    ),
    write_block: (
        (f"{PHASES}/registry.py", '"SEAL": seal',
         "expected a block of SEAL under `phases` in contract.yaml, found none"),
        ("contract.yaml", "states:",
         STATES),
    ),
    write_state: (
        ("contract.yaml", "states:",
         STATES.replace("TAGGED,", "TAGGED, SEALED,")),
    ),
    make_docs: (
        ("node/omninode_release/models/phase.py", "# generated: states",
         "the block states is stale: run `make docs`"),
        ("node/omninode_release/models/phase.py", "# generated: phases",
         "the block phases is stale: run `make docs`"),
        ("node/omninode_release/models/phase.py", "# generated: leads-to",
         "the block leads-to is stale: run `make docs`"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("step", FORGOTTEN, ids=lambda step: step.__name__)
def test_a_forgotten_step_is_named(checkout: Path, step: Step) -> None:
    for each in STEPS[:-1]:
        if each is not step:
            each(checkout)

    if step is not make_docs:  # refuses, by the same words
        said = run(checkout, "omninode_release.contract.write_phase_names")
        assert said.splitlines() == validate(checkout)
    found = validate(checkout)

    for file, text, words in FORGOTTEN[step]:
        start = f"{file}:{line_of(checkout / file, text)}: {words}"
        assert [each for each in found if each.startswith(start)], found
    assert len(found) == len(FORGOTTEN[step])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def apply(", "def _apply(", "seal.py:1: expected apply() of a phase, found none"),
        ("OUTPUT = ", "_OUTPUT = ", "seal.py:1: expected OUTPUT, summary() in its OUTPUT of a"),
        ("def summary(", "def words(", "seal.py:1: expected summary() in its OUTPUT of a phase"),
        ("OUTPUT = SealOutput", "OUTPUT = SaelOutput", "seal.py:1: expected summary() in its"),
        ("def done(", "def done((", "seal.py:"),
        ("import Tag\n", "import Tga\n", "seal.py:5: cannot be imported: ImportError: cannot"),
    ],
)
def test_a_part_that_is_forgotten_is_named(added: Path, old: str, new: str, said: str) -> None:
    edit(added / PHASES / "seal.py", old, new)

    (found,) = validate(added)

    assert found.startswith(f"{PHASES}/{said}")


def test_a_schema_that_was_not_made_is_named(added: Path) -> None:
    (added / "schemas" / "phase-seal.schema.json").unlink()

    (found,) = validate(added)

    assert found == "schemas/phase-seal.schema.json:1: is missing: run `make schemas`"


def test_a_phase_out_of_order_is_named(added: Path) -> None:
    edit(added / PHASES / "registry.py", '    "SEAL": seal,\n', "")
    edit(added / PHASES / "registry.py", '    "TAG": tag,\n',
         '    "SEAL": seal,\n    "TAG": tag,\n')  # fmt: skip

    (found,) = validate(added)

    assert found.endswith("expected TAG here, as in contract.yaml, found SEAL")


def test_a_phase_that_stands_twice_is_named(checkout: Path) -> None:
    edit(checkout / "contract.yaml", "- phase: TAG\n    state: TAGGED",
         "- phase: MERGE\n    state: MERGED")  # fmt: skip

    found = validate(checkout)

    at = line_of(checkout / "contract.yaml", "handler: omninode_release.phases.tag")
    assert f"contract.yaml:{at - 2}: the phase MERGE stands here again" in found
    assert f"contract.yaml:{at - 1}: the state MERGED stands here again" in found
