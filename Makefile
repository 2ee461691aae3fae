# make sandbox   the whole wallet on this machine, with a chat page in the browser
# make test      the whole test suite against the real components
# make check     formatter, linter, types, import contracts, style
# make bench     the benchmarks
# make faults    the long fault campaigns: FAULTS_KILLS=600 LEDGER_STEPS=20000 LEDGER_KILLS=60 SEED=1
#                FAULTS_ARGS="--report docs/evidence/campaign.md" writes down what came of it, CARDS_ARGS that of cards
# make install   only .venv;   make lock   new pins;   make clean   removes what make made
#
# Needs make, git and Python 3.11 or newer. Another Python: make PYTHON=/path/to/python3.

VENV ?= .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
FITS := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c '$(FITS)' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(PY) -m pip --disable-pip-version-check --quiet --quiet
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes $(LOCK_ARGS)
# The long ones first, so that no process is left with one at the end.
TEST_FOLDERS := $(wildcard tests/e2e tests/faults tests/integration tests/unit)
# Tests wait for servers more than they compute, so three at a time fit two cores.
TEST_JOBS ?= 3
FAULTS_KILLS ?= 600
LEDGER_STEPS ?= 20000
LEDGER_KILLS ?= 60
SEED ?= 1
export FAULTS_KILLS LEDGER_STEPS LEDGER_KILLS SEED

.PHONY: sandbox test check bench faults install components lock clean

sandbox: $(INSTALLED)
	@exec $(PY) -m bot.sandbox

# Compiled once and not in each of the hundreds of processes, also where the environment asks for no .pyc files.
test: export PYTHONDONTWRITEBYTECODE =
test: $(INSTALLED) components
	$(PY) -m pytest $(TEST_FOLDERS) -m "not campaign" -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: $(INSTALLED)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.style

bench: $(INSTALLED) components
	$(PY) -m tests.benchmarks $(BENCH_ARGS)

faults: $(INSTALLED) components
	$(PY) -m tests.faults.ledger
	$(PY) -m tests.faults.cards $(CARDS_ARGS)
	$(PY) -m tests.faults.mass_sends $(MASS_ARGS)
	$(PY) -m tests.faults.sends $(SENDS_ARGS)
	$(PY) -m pytest tests/faults tests/integration -m campaign
	$(PY) -m tests.faults $(FAULTS_ARGS)

install: $(INSTALLED)

components: $(INSTALLED)
	@$(PY) -m bot.sandbox.components ensure

$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (on Debian 12 and later: apt-get install python3)"; exit 1; }
	@$(PYTHON) -c '$(FITS)' || { echo "$(PYTHON) is older than Python 3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) lacks the module venv (on Debian: apt-get install python3-venv)"; exit 1; }
	@echo "installing into $(VENV) with $$($(PYTHON) --version); this is done once and takes a minute or two"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --no-deps --require-hashes --only-binary=:all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# The pins are kept where they still fit; LOCK_ARGS=--upgrade looks for newer releases.
lock:
	@$(PYTHON) -m venv .cache/lock
	@.cache/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	$(LOCK) --all-extras --output-file requirements.lock pyproject.toml
	cp requirements.lock requirements.runtime.lock
	$(LOCK) --extra build --output-file requirements.runtime.lock pyproject.toml

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
