# Everything from a bare clone with Python 3.11 and git: each target makes .venv by itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# The tests start hundreds of processes: each would compile all sources anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test check format lint imports types tests soak soak-laws soak-steady chaos docs \
	bench bench-quick bench-burst bench-tokens clean

help: ## say what the targets do
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP): pyproject.toml
	@echo "==> making $(VENV) and installing Renkei with its test tools (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Renkei needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

install: $(STAMP) ## make .venv with everything in it

demo: $(STAMP) ## four simulated vendors, a first sync, a live form answer, and a second sync
	@$(BIN)/renkei demo $(DEMO)

test: check ## what CI runs: format, lint, imports, types, tests

check: format lint imports types tests

format: $(STAMP)
	@echo "==> format" && $(BIN)/ruff format --check --quiet .

lint: $(STAMP)
	@echo "==> lint" && $(BIN)/ruff check --quiet .

imports: $(STAMP)
	@echo "==> imports" && $(BIN)/lint-imports --no-cache > .lint-imports.log || (cat .lint-imports.log; exit 1)
	@tail -n 3 .lint-imports.log; rm -f .lint-imports.log

types: $(STAMP)
	@echo "==> types" && $(BIN)/mypy

tests: $(STAMP)
	@echo "==> tests" && $(BIN)/python -m pytest -n 4 --dist worksteal -q $(PYTEST)

soak: soak-laws soak-steady ## both soaks, one after the other (two or three hours)

soak-laws: $(STAMP) ## ten thousand random schedules, and as many orders of opt-outs (an hour or two)
	@RENKEI_SOAK=$(or $(SOAK),10000) $(BIN)/python -m pytest -n 2 -q -p no:cacheprovider \
		tests/sync/engine/test_convergence.py tests/sync/engine/test_consent_orders.py \
		tests/journeys/test_random_schedules.py -k sqlite

soak-steady: $(STAMP) ## an hour at 50 records a second on SQLite: memory, files and log stay flat
	@$(BIN)/python -m benchmarks.steady $(or $(STEADY),--only sqlite)

bench-burst: $(STAMP) ## ten thousand webhooks at once, and one at a time; fails when a goal is missed
	@$(BIN)/python -m benchmarks.burst --gate $(BURST)

bench-tokens: $(STAMP) ## twenty workers, a thousand token expiries; fails unless each is refreshed once
	@$(BIN)/python -m benchmarks.tokens --gate

chaos: $(STAMP) ## the crash suite with full figures on all four back ends (an hour or more)
	@$(BIN)/renkei chaos --records 100000 --kills 500 --flushes 50 --restarts 20 $(CHAOS)

docs: $(STAMP) ## write the generated reference
	@$(BIN)/python docs/generate.py

bench: $(STAMP) ## the whole pipeline beside floors and a peer, as ratios (minutes)
	@$(BIN)/python -m benchmarks.run $(BENCH)

bench-quick: $(STAMP) ## the same with 20,000 records; fails when an "at least" ratio is missed
	@$(BIN)/python -m benchmarks.run --records 20000 --gate $(BENCH)

clean: ## remove what the targets made
	rm -rf $(VENV) renkei-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
