# `make run` and `make test` call what they need. Long steps say what they are waiting for.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ENV := .venv/.ready
MODEL := models/.trained
PY := .venv/bin/python
LEARNT_FROM := config.yml domain.yml $(wildcard data/*/*.yml) $(wildcard bot/nlu/*.py bot/nlu/*.npz) $(wildcard bot/safety/*.py bot/safety/content/*.yml) requirements.lock
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help setup train run check test test-fast evaluate lock

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

run: $(ENV) $(MODEL) ## start the bot on http://127.0.0.1:5005
	@exec .venv/bin/reframe serve

check: $(ENV) ## lint, types, content and training data
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/reframe content check
	.venv/bin/reframe content coverage
	.venv/bin/reframe data duplicates
	.venv/bin/reframe resources check

test-fast: $(ENV) ## the tests that need neither Rasa nor a model, in seconds
	$(PY) -m pytest -q tests/unit

test: $(ENV) $(MODEL) ## all tests
	$(PY) -m pytest -q tests

lock: ## resolve the dependencies anew
	.tools/uv/bin/uv pip compile pyproject.toml --extra dev --override overrides.txt --python-version 3.10 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
