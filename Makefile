# Targets set up what they need: a virtual environment in .venv, and system packages where root allows it.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8052
BIN := $(VENV)/bin
VERSION := $(shell cksum < pyproject.toml | cut -d' ' -f1)
INSTALLED := $(VENV)/.installed-$(VERSION)
READY := $(VENV)/.ready-$(VERSION)
# On every core; ARGS="-n 0 …" is for a debugger, and for a few tests.
PYTEST := -m pytest -n auto --dist worksteal

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
OR_SAY_WHY := || { echo "make: the first run needs a package index; what pip ran into stands above"; exit 1; }

# The tests start Python a hundred times: what it compiles is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help serve test check format bench matrix matrix-oldest matrix-newest system clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(INSTALLED) ## Run the double with the demo world on PORT (8052); ARGS are passed on.
	@exec $(BIN)/mockserver serve --port $(PORT) $(ARGS)

test: $(READY) system ## Run the whole test suite; ARGS are passed to pytest.
	$(BIN)/python $(PYTEST) $(ARGS)

check: $(READY) system ## Check format, lint, types and tests, as CI does.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python $(PYTEST) $(ARGS)

format: $(READY) ## Format the code and mend what the linter can mend.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## Measure speed and memory beside the peers; PEERS=all adds mountebank and WireMock from npm.
	$(BIN)/python tests/benchmarks/run.py $(if $(PEERS),--peers $(PEERS)) $(ARGS)

MATRIX := .venv-matrix
MATRIX_TESTS := tests/test_plugin.py tests/runtime tests/interception tests/controls tests/test_examples.py
OLDEST := "pytest==7.4.*" "flask==2.3.*" "werkzeug==2.3.*" "freezegun==1.2.2" "time-machine==2.14.*"
NEWEST := --upgrade --upgrade-strategy eager pytest flask werkzeug freezegun time-machine

matrix: matrix-oldest matrix-newest ## Run the plugin's tests with the oldest and with the newest of what it stands on.

matrix-oldest:
	@$(call set_up_end,oldest,python3.10 python3.11 python3.12 python3,$(OLDEST))
	$(MATRIX)/oldest/bin/python $(PYTEST) $(MATRIX_TESTS) $(ARGS)

matrix-newest:
	@$(call set_up_end,newest,python3.15 python3.14 python3.13 python3.12 python3,$(NEWEST))
	$(MATRIX)/newest/bin/python $(PYTEST) $(MATRIX_TESTS) $(ARGS)

# The first of some Pythons that runs and can make a virtual environment, those of pyenv included.
first_python = for name in $(1); do for version in "" $$(pyenv whence $$name 2>/dev/null); do \
	PYENV_VERSION=$$version $$name -c 'import ensurepip, sys; print(sys.executable)' 2>/dev/null && exit; done; done

# Arguments: the end's name, the Pythons to try, what to install.
define set_up_end
	set -e; bin=$(MATRIX)/$(1)/bin; \
	test -x $$bin/python || { echo "Setting up $(MATRIX)/$(1) ..."; "$$($(call first_python,$(2)))" -m venv $(MATRIX)/$(1); }; \
	$$bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"; \
	$$bin/python -m pip install --quiet --disable-pip-version-check --editable ".[excel]" --group dev $(3); \
	{ $$bin/python --version; $$bin/python -m pip list --disable-pip-version-check --format freeze \
	| grep -iE '^(pytest|pluggy|flask|werkzeug|freezegun|time.machine|django|fastapi)='; } | paste -sd ' '
endef

clean: ## Remove the virtual environment and what the tools left behind.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "make: Python 3.10 or newer is needed; say where with PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "make: no virtual environment could be made in $(VENV); the reason stands above (on Debian, a missing module: apt-get install python3-venv)"; exit 1; }
	@$(PIP) --upgrade "pip>=25.1" $(OR_SAY_WHY)
	@$(PIP) --editable ".[excel]" $(OR_SAY_WHY)
	@rm -f $(VENV)/.installed-* && touch $@

$(READY): $(INSTALLED)
	@echo "Installing what the tests need ..."
	@$(PIP) --group dev --group contract $(OR_SAY_WHY)
	@rm -f $(VENV)/.ready-* && touch $@

system: ## Install what the end-to-end tests call (php, node, curl, chromium), where root and apt-get allow it.
	@missing=""; for tool in php node curl chromium; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  packages=$$(echo $$missing | sed 's/\bphp\b/php-cli/; s/\bnode\b/nodejs/'); echo "Installing $$packages ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$packages >/dev/null && exit 0; \
	fi; \
	echo "make: missing:$$missing; the end-to-end tests that call them are skipped (on Debian: apt-get install php-cli nodejs curl chromium)"
