"""One call of our contract by ONEX's own local runtime; run by ``onex.py`` in ONEX's environment.

    onex_local.py STATE_ROOT [INPUT]

The contract is looked up as ONEX's commands do it: by entry point, beside the package. Prints it
and how the runtime judged the call; exits as the runtime says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from omnibase_core.cli.cli_node import _resolve_packaged_contract
from omnibase_core.runtime.runtime_local import RuntimeLocal

NODE = "node_skill_release_orchestrator"


def main(argv: list[str]) -> int:
    contract = _resolve_packaged_contract(NODE)
    given = Path(argv[1]) if argv[1:] else None
    runtime = RuntimeLocal(contract, state_root=Path(argv[0]), input_path=given)
    print(contract)
    print(runtime.run().value)
    return int(runtime.exit_code)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
