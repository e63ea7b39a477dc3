# `make` lists what there is. Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.complete
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Two more than there are cores: tests wait for programs.
JOBS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')
# Tests make and remove a million small files, which takes a fourth longer on a disk: they are made in
# memory where there is plenty. What a failed test has made stays there.
IN_MEMORY := $(shell test -z "$$TMPDIR" && \
  test "$$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 3000000 2>/dev/null && echo yes)
in_memory = folder=$$(mktemp -d /dev/shm/omni-tests-XXXXXX) && \
  TMPDIR=$$folder $(1) --override-ini tmp_path_retention_policy=failed && rm -rf $$folder
run_tests = $(if $(IN_MEMORY),$(call in_memory,$(1)),$(1))
# Hundreds of our own processes start in the tests: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE
# Where the six real histories lie, for `make field` and `make bench`.
export FIELD_DATA ?= $(abspath ../shared/field-data)

.PHONY: help setup demo test fuzz mutants check static fix schemas docs snap bench bench-peers wheel onex \
  oldest picture field clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do \
	  printf '  make %-8s %s\n' "$$name" "$$what"; done

$(SETUP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: expected Python 3.11 or later, found $$($(PYTHON) --version); pass PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up .venv (a minute, once)"
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --requirement constraints.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(SETUP) ## a complete .venv with .venv/bin/omni-release

demo: $(SETUP) ## release six small packages for real, in a temporary folder
	@$(BIN)/omni-release demo

test: $(SETUP) ## run the tests (offline once set up)
	@$(call run_tests,$(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal $(ARGS))

fuzz: $(SETUP) ## make every kind of input odd, 10,000 times each (OMNI_FUZZ_EXAMPLES)
	@$(call run_tests,OMNI_FUZZ_EXAMPLES=$${OMNI_FUZZ_EXAMPLES:-10000} $(BIN)/python -m pytest --quiet tests/fuzz $(ARGS))

mutants: $(SETUP) ## break the engine in each of the ways of tests/mutants; tests must notice
	@$(BIN)/python bench/mutants.py $(ARGS)

check: static test ## all that CI holds a change to, the tests last (make -j2 check: both at once)

static: $(SETUP) ## format, lint, types and contract
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/omni-release validate

fix: $(SETUP) ## format and mend what ruff can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --fix --quiet .

schemas: $(SETUP) ## write schemas/ from the models, and models/phase.py from contract.yaml
	@$(BIN)/python -m omninode_release.contract.write_phase_names
	@$(BIN)/python -m omninode_release.contract.schema_files

docs: schemas ## write the generated tables of SKILL.md, prompt.md and docs/reference.md
	@$(BIN)/python -m omninode_release.commands.write_documents

snap: $(SETUP) ## update the snapshots and show what changed in them
	@$(call run_tests,$(BIN)/python -m pytest --quiet --snapshot-update $(ARGS))
	@git --no-pager diff --stat -- 'tests/**/__snapshots__'
	@git --no-pager diff -- 'tests/**/__snapshots__'

bench: $(SETUP) ## measure plans, start-up and a run's own overhead (ARGS=--full: growth)
	@$(BIN)/python bench/bench.py $(ARGS)

bench-peers: $(SETUP) ## the same beside three peers (needs a package index; minutes)
	@$(BIN)/python bench/peers.py $(ARGS)

wheel: $(SETUP) ## build the wheel, list it, and run it from an empty environment
	@bash bench/wheel.sh $(BIN)

onex: $(SETUP) ## run the wheel under ONEX's own tools (needs Python 3.12 and a package index)
	@$(BIN)/python bench/onex.py

oldest: $(SETUP) ## run tests with our oldest libraries (needs Python 3.11 and a package index)
	@$(BIN)/python bench/oldest.py $(ARGS)

picture: $(SETUP) ## draw what README and docs show of the demo: a picture, a film, the gate
	@$(BIN)/python bench/picture.py

field: $(SETUP) ## release the five real repositories of FIELD_DATA (needs a package index)
	@$(BIN)/python bench/field.py

clean: ## remove the virtual environments and build output
	@rm -rf .venv .venv-onex dist build
