# `make` alone lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint docs coverage clean

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/surplus: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@

demo: $(BIN)/surplus ## run the linter over examples/
	$(BIN)/surplus check --exit-zero examples

test: $(BIN)/surplus ## all tests
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report --format=total | sed 's/^/coverage (percent): /'

lint: $(BIN)/surplus ## linters and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict

docs: $(BIN)/surplus ## rewrite the generated pages
	$(BIN)/python tools/build_docs.py

coverage: test ## which lines no test runs
	$(BIN)/coverage report

clean: ## remove what this file made
	rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
