# Everything here works on a fresh machine with Python >= 3.11 and make; `make run` and `make test` set up by themselves.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONUNBUFFERED := 1
# What was compiled once is kept, whatever the shell says: the tests alone would compile some hundred files anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run test e2e check audit bench soak train lock clean

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

# On all cores; the tests of one file stay together, because they share what is dear to set up. In the order of the folders:
# by default those files come last that have few tests, which are the longest ones.
test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

e2e: $(READY)
	@$(BIN)/python -m pytest -n auto --dist loadfile -m e2e tests/e2e

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house
	$(BIN)/python -m tests.house.licences
	@mkdir -p dist
	$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --of JSON --output-file dist/sbom.json requirements.lock

# Known vulnerabilities of the locked packages; asks PyPI, so it needs the network.
audit: $(READY)
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.lock

bench: $(READY)
	@$(BIN)/python -m benchmarks

# Every golden conversation in the room and in LINE (without the switch a sample), then a year of 10,000 residents'
# check-ins with crashes, downtime and a clock that is put back, deploys in the middle of a sweep, then 210 killed
# processes and 104,000 events over SQLite and PostgreSQL: some hours.
soak: $(READY)
	@EVERY_CONVERSATION=1 $(BIN)/python -m pytest -q tests/road/test_room_golden.py
	@$(BIN)/python -m benchmarks.year
	@$(BIN)/python -m benchmarks.deploying
	@$(BIN)/python -m benchmarks.soak --events 52000 --kills 105

train: $(READY)
	@$(BIN)/python -m nlp.train

# Pins every package with hashes; names no registry.
lock: $(READY)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements.lock --output-file requirements-dev.lock --group dev
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements-dev.lock --output-file requirements-build.lock --group build

clean:
	rm -rf $(VENV) data .mypy_cache .ruff_cache .hypothesis
