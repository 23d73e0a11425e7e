# arbx for developers: `make help` lists what there is. Needs Python 3.11-3.13 and make; Node >= 20 for the local chain.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
PLUGINS := $(patsubst %/pyproject.toml,%,$(wildcard plugins/*/*/pyproject.toml))
PROJECTS := . $(PLUGINS)
INSTALLED := .venv/.installed
NODE := node_modules/.installed
LOCKS := requirements/dev.txt requirements/docs.txt
# Two workers halve the run; a test file (and so a session-scoped local chain) stays on one of them.
WORKERS ?= 2
PYTEST_ARGS ?=

.PHONY: help venv node demo test lint format types arch docs bench wheels stranger lock clean

help:  ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

venv: $(INSTALLED)  ## create .venv with everything installed, pinned by hash

.venv/bin/python:
	@scripts/new-venv .venv

.venv/bin/uv: requirements/build.txt | .venv/bin/python
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes \
	  -r requirements/build.txt
	@touch $@

$(INSTALLED): $(LOCKS) $(PROJECTS:%=%/pyproject.toml) | .venv/bin/uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $(LOCKS)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
	  $(PROJECTS:%=-e %)
	@touch $@

node: $(NODE)  ## install the local chain (anvil and real contracts) from npm

# Without Node the local chain is missing, and only that: its tests skip and say why.
$(NODE): $(wildcard package.json package-lock.json)
	@scripts/install-node-modules

demo: venv node  ## boot a local chain, find the cycles that pay, prove them, execute the best
	@$(BIN)/arbx demo

test: venv node  ## run every test: core, plugins, doctests, pages, local chain
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --max-worker-restart=0 $(PYTEST_ARGS)

lint: venv  ## check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: venv  ## rewrite what ruff can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: venv  ## check types, strictly, core and each plugin
	@scripts/check-types

arch: venv  ## check who imports whom
	@PYTHONPATH=core:$(shell printf '%s:' $(PLUGINS)) $(BIN)/lint-imports --no-logo

docs: venv  ## build the documentation into site/, warnings are errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: venv node  ## measure: a table, and JSON in bench-results/
	@mkdir -p bench-results
	@$(BIN)/python -m pytest benchmarks --benchmark-quiet -p no:cacheprovider \
	  --benchmark-json=bench-results/raw.json $(PYTEST_ARGS)

wheels: venv  ## build every wheel into dist/
	@scripts/build-wheels

stranger: wheels  ## install a plugin where nothing else is, and run its tests there
	@scripts/stranger-test

lock: venv  ## compile requirements/*.in anew
	@scripts/compile-requirements

clean:  ## remove what was built here; the next make starts afresh
	rm -rf .venv node_modules dist site build bench-results .cache .import_linter_cache
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find core plugins tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
