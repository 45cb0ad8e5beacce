# Targets set up what they need: a virtual environment in .venv, and system packages where root allows it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8052
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(shell cat pyproject.toml | cksum | cut -d' ' -f1)

.PHONY: help serve test check format bench system clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(READY) ## Run the double with the demo world on PORT (8052); ARGS are passed on.
	@exec $(BIN)/mockserver serve --port $(PORT) $(ARGS)

test: $(READY) system ## Run the whole test suite; ARGS are passed to pytest.
	$(BIN)/python -m pytest $(ARGS)

check: $(READY) system ## Check format, lint, types and tests, as CI does.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(ARGS)

format: $(READY) ## Format the code and mend what the linter can mend.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## Measure speed and memory beside the peers; PEERS=all adds mountebank and WireMock from npm.
	$(BIN)/python tests/benchmarks/run.py $(if $(PEERS),--peers $(PEERS)) $(ARGS)

clean: ## Remove the virtual environment and what the tools left behind.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "make: Python 3.10 or newer is needed; say where with PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "make: this Python has no venv module (on Debian: apt-get install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[excel]" --group dev
	@rm -f $(VENV)/.ready-* && touch $@

system: ## Install what the end-to-end tests call (php, node, curl), where root and apt-get allow it.
	@missing=""; for tool in php node curl; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  packages=$$(echo $$missing | sed 's/\bphp\b/php-cli/; s/\bnode\b/nodejs/'); echo "Installing $$packages ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$packages >/dev/null && exit 0; \
	fi; \
	echo "make: missing:$$missing; the end-to-end tests that call them are skipped (on Debian: apt-get install php-cli nodejs curl)"
