# Everything is installed into .venv of this folder. `make` alone lists what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Debian packages that the tests run against, and those of `make services`.
TEST_PACKAGES := postgresql rabbitmq-server prometheus systemd chromium
SERVICE_PACKAGES := postgresql rabbitmq-server
# Test processes at once: many tests wait for telephones more than they compute.
WORKERS ?= 4
# What the pages load, from npm.
VENDOR := src/gdial/web/dashboard/static/vendor/.complete
# More words for `gdial demo` or pytest: make test ARGS="-k settings"
ARGS ?=
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

.PHONY: help setup demo test chaos model screenshots check services stop-services clean lock docs debian-packages

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.runtime $(VENDOR) ## Install GDial into .venv (PYTHON=python3.12 picks another Python)
	@echo "GDial is installed: $(BIN)/gdial --help"

demo: .venv/.runtime $(VENDOR) ## Install what is missing, then show a whole call-out on a simulated telephone network
	@$(BIN)/gdial demo $(ARGS)

test: .venv/.tools $(VENDOR) debian-packages check ## Run the checks and every test
	@echo "Tests"
	@scripts/run_tests.sh $(WORKERS) $(ARGS)

model: .venv/.tools ## Search every order of things for one that breaks a promise, STATES=150000 in each scene
	@$(BIN)/python -m tests.model $(STATES)

chaos: .venv/.tools $(VENDOR) debian-packages ## Kill everything during call-outs: SEED=7, SEEDS=20 in a row, or FROM=5 TO=9
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(FROM),--first $(FROM)) $(if $(TO),--last $(TO)) $(ARGS)

screenshots: .venv/.tools $(VENDOR) debian-packages ## Make a picture of every page of the board in .screenshots, and the README's
	@$(BIN)/python -m tests.browser.screenshots

check: .venv/.tools ## Check style, types and who imports whom
	@echo "Style"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Type: $(BIN)/ruff format"; exit 1; }
	@echo "Types"
	@$(BIN)/mypy --strict --no-error-summary
	@echo "Imports"
	@out=$$($(BIN)/lint-imports 2>&1) || { echo "$$out"; exit 1; }

services: .venv/.runtime ## Start a private PostgreSQL and RabbitMQ in the background and print their addresses
	@scripts/debian_packages.sh $(SERVICE_PACKAGES)
	@$(BIN)/python -m scripts.services start

stop-services: ## Stop them; their data is lost
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m scripts.services stop; else echo "No services run."; fi

docs: .venv/.runtime ## Write the pages that are made from the code
	@$(BIN)/python scripts/write_reference.py

lock: .venv/.tools ## Pin the dependencies of pyproject.toml anew (ARGS=--upgrade for the newest)
	@$(LOCK) --group build $(ARGS) --output-file requirements.lock
	@$(LOCK) --group dev $(ARGS) --output-file requirements-dev.lock
	@$(LOCK:pyproject.toml=) --group node $(ARGS) --output-file requirements-node.lock

clean: stop-services ## Remove what was installed and cached; your gdial-data and .env stay
	@rm -rf .venv .services build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -rf $(dir $(VENDOR))
	@find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

debian-packages:
	@scripts/debian_packages.sh $(TEST_PACKAGES)

.venv/bin/python:
	@PYTHON="$(PYTHON)" scripts/make_venv.sh

# The tools' lock holds the runtime's packages too, in the same versions.
.venv/.tools: requirements-dev.lock pyproject.toml | .venv/bin/python
	@$(BIN)/python scripts/install.py requirements-dev.lock
	@touch .venv/.tools .venv/.runtime

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@$(BIN)/python scripts/install.py requirements.lock
	@touch .venv/.runtime

$(VENDOR): package.json package-lock.json .npmrc requirements-node.lock scripts/front_end.py | .venv/bin/python
	@$(BIN)/python scripts/front_end.py
