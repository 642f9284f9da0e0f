# `make run` and `make test` call what they need. Long steps say what they are waiting for.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ENV := .venv/.ready
MODEL := models/.trained
WIDGET := bot/channels/page/widget.js
PY := .venv/bin/python
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix widget
LEARNT_FROM := config.yml domain.yml $(wildcard data/*/*.yml) $(wildcard bot/nlu/*.py bot/nlu/*.npz) $(wildcard bot/safety/*.py bot/safety/content/*.yml) requirements.lock
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help setup train widget run check test test-fast lock

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(ENV) ## install everything into .venv, from the lock
$(ENV): requirements.lock pyproject.toml .python-version bootstrap
	@./bootstrap
	@touch $@

train: $(MODEL) ## train the model into models/
$(MODEL): $(ENV) $(LEARNT_FROM)
	@.venv/bin/reframe train
	@touch $@

widget: $(WIDGET) ## build the chat widget into bot/channels/page/
$(WIDGET): $(ENV) widget/package-lock.json $(wildcard widget/*.* widget/src/*) $(wildcard bot/safety/content/resources.yml bot/safety/content/emergency.yml)
	@mkdir -p widget/src/generated
	@.venv/bin/reframe resources export > widget/src/generated/directory.json
	@echo "Building the widget …"
	@$(NPM) ci --no-audit --no-fund --silent
	@$(NPM) run build --silent
	@touch $@

run: $(ENV) $(MODEL) $(WIDGET) ## start the bot on http://127.0.0.1:5005 and the console on http://127.0.0.1:5006
	@.venv/bin/reframe console serve & console=$$!; trap 'kill $$console 2>/dev/null || true; wait $$console || true' EXIT; .venv/bin/reframe serve

check: $(ENV) ## lint, types, content and training data
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/reframe content check
	.venv/bin/reframe content coverage
	.venv/bin/reframe data duplicates
	.venv/bin/reframe resources check

test-fast: $(ENV) $(WIDGET) ## the tests that need neither Rasa nor a model, in seconds
	$(PY) -m pytest -q tests/unit
	$(NPM) test --silent

test: $(ENV) $(MODEL) $(WIDGET) ## all tests
	@PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --prefix tests/telegram_emulator --no-audit --no-fund --silent
	$(NPM) test --silent
	$(PY) -m pytest -q tests

lock: ## resolve the dependencies anew
	.tools/uv/bin/uv pip compile pyproject.toml --extra dev --override overrides.txt --python-version 3.10 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
