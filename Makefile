# `make audit` and `make test` need Python 3.11 or later, git and make; everything else is installed into .venv.
#
#   make audit [TARGET=dir] [ARGS="--fail-on P1"]   audit a service (default: the bundled example)
#   make lab   [TARGET=dir]                         the same as a notebook in JupyterLab
#   make test                                       everything that CI runs

TARGET ?= examples/orders-ingest
ARGS ?=
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup audit lab test quick lint format accept docs profile bench constraints clean

help:  ## list these words
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later found; install one or run: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment; install its venv module (Debian: apt install python3-venv)" >&2; exit 1; }

# What has been installed is noted in stamp files, so that it is installed once and again only when its list changes.
$(VENV)/.audit: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing rda_nb into $(VENV) (about a minute) ..."
	@$(PIP) --editable '.[fast]' 2>/dev/null || { echo "No compiled SQL parser for this system; the plain one is used."; \
		$(PIP) --editable .; }
	@touch $@

$(VENV)/.lab: $(VENV)/.audit
	@echo "Installing JupyterLab into $(VENV) ..."
	@$(PIP) --editable '.[lab]'
	@touch $@

$(VENV)/.test: $(VENV)/.lab
	@echo "Installing the test tools into $(VENV) ..."
	@$(PIP) --editable '.[lab,test,dev]'
	@touch $@

setup: $(VENV)/.test  ## make .venv with everything that development needs

audit: $(VENV)/.audit  ## audit TARGET
	@$(BIN)/rda audit "$(TARGET)" $(ARGS)

lab: $(VENV)/.lab  ## open JupyterLab on the audit notebook of TARGET
	@$(BIN)/rda lab "$(TARGET)" $(ARGS)

test: setup lint  ## all that CI runs
	$(BIN)/python -m pytest -n auto

quick: setup  ## the tests that take no wheel, kernel or browser
	$(BIN)/python -m pytest -n auto -m "not slow"

lint: setup  ## ruff, mypy and the import floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

accept: setup  ## rewrite the golden files and show what changed
	RDA_ACCEPT=1 $(BIN)/python -m pytest -q -k golden
	git --no-pager diff --stat -- tests/golden

docs: setup  ## rewrite the generated pages
	$(BIN)/python -m rda_nb.handbook

profile: $(VENV)/.audit  ## seconds per stage and per check on TARGET
	@$(BIN)/rda audit "$(TARGET)" --timings --no-write-target $(ARGS)

bench: setup  ## time and memory of an audit of TARGET beside a bare parse of its files
	@$(BIN)/python -m tests.benchmarks.beside_parsing "$(TARGET)"

constraints: setup  ## write the versions in .venv to constraints.txt
	@{ echo "# The versions that the tests last passed with; ranges are in pyproject.toml."; \
		$(BIN)/python -m pip freeze --exclude-editable --exclude rda-nb | grep -v '@' | LC_ALL=C sort -f; } > constraints.txt

clean:  ## remove the environment and all that can be made again
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
