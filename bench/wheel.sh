#!/usr/bin/env bash
# Build the wheel, list it, install it into an empty environment outside the checkout, run it there.
set -euo pipefail
bin=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$bin/uv" build --quiet --wheel --out-dir "$work/dist"
wheel=$(echo "$work"/dist/*.whl)
"$bin/python" -m zipfile --list "$wheel" | awk 'NR > 1 {print "  " $1}'
"$bin/uv" venv --quiet --python "$bin/python" "$work/venv"
"$bin/uv" pip install --quiet --python "$work/venv/bin/python" --constraint constraints.txt "$wheel"
cd "$work"
export PATH="$work/venv/bin:$PATH"
omni-release --version
omni-release validate
omni-release install-skill --dest "$work/skills"
omni-release demo --keep "$work/demo" | tail -n 12
echo '{"dry_run": true, "offline": true}' |
  OMNI_HOME="$work/demo/omni_home" ONEX_STATE_DIR="$work/state" omni-release run-node --input - |
  "$work/venv/bin/python" -c 'import json, sys; print("run-node:", json.load(sys.stdin)["status"])'
