# Everything here works on a fresh machine with Python >= 3.11 and make; `make run` and `make test` set up by themselves.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONUNBUFFERED := 1

.PHONY: setup run test e2e check bench train lock clean

setup: $(READY)

$(READY): requirements.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@echo "[1/3] making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "[2/3] installing the locked packages (a minute or two; about 100 packages)"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes -r requirements.lock -r requirements-dev.lock 2>&1 | sed -un 's/^Collecting \([^ ;]*\).*/      \1/p; /[Ee][Rr][Rr][Oo][Rr]/p'
	@echo "[3/3] installing the project itself"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-build-isolation --no-deps --editable .
	@touch $(READY)

run: $(READY)
	@$(BIN)/tsunagu serve

test: $(READY)
	@$(BIN)/python -m pytest

e2e: $(READY)
	@$(BIN)/python -m pytest -m e2e tests/e2e

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house
	$(BIN)/python -m tests.house.licences

bench: $(READY)
	@$(BIN)/python -m benchmarks

train: $(READY)
	@$(BIN)/python -m nlp.train

# Pins every package with hashes; names no registry.
lock: $(READY)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements.lock --output-file requirements-dev.lock --group dev

clean:
	rm -rf $(VENV) data .mypy_cache .ruff_cache .hypothesis
