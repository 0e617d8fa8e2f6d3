# One word per task; each is a line over the package. `make audit TARGET=dir` audits your own service.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
TARGET ?= examples/orders-ingest
OUT    ?= outputs

.PHONY: setup audit lab test lint types cases accept docs bench profile clean

$(VENV)/.audit: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.develop: $(VENV)/.audit
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[lab,test,dev]'
	touch $@

setup: $(VENV)/.develop

audit: $(VENV)/.audit
	$(BIN)/rda audit "$(TARGET)" --out "$(OUT)"

lab: $(VENV)/.develop
	$(BIN)/rda lab "$(TARGET)" --out "$(OUT)"

test: $(VENV)/.develop lint types
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/.develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.develop
	$(BIN)/mypy

cases: $(VENV)/.develop
	$(BIN)/python -m pytest -q tests/test_cases.py

# Rewrite the golden files and show what changed.
accept: $(VENV)/.develop
	RDA_ACCEPT=1 $(BIN)/python -m pytest -q tests -k golden || true
	git diff --stat -- tests/golden

docs: $(VENV)/.develop
	$(BIN)/python -m tests.write_docs

bench: $(VENV)/.develop
	$(BIN)/python tests/benchmarks/stages.py "$(TARGET)"

profile: bench

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
