# `make` lists the targets. PYTHON=python3.12 selects the interpreter of .venv.

PYTHON ?= python3
PYTEST_ARGS ?=
# One more than there are cores, since tests wait: for latencies, a scan, a signal's grace. With more than four
# the engine is what they wait for.
WORKERS ?= --numprocesses=$(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --maxprocesses=4
# The tests start Python some thousand times: what it has compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-clients test-fast test-odd-answers test-odd-files test-races test-faults unit setup lint
.PHONY: engine engine-down lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name about; do \
		printf '  make %-15s %s\n' "$$name" "$$about"; done

demo: .venv/installed-base ## Show an accepted image, then a refused one, built and pushed for real
	@scripts/with-engine scripts/demo

# The tests run even if lint fails, so that all failures are known at once.
test: .venv/installed-dev ## Run every check and every test (PYTEST_ARGS='-k scan' selects some)
	@$(MAKE) --no-print-directory lint; lint=$$?; \
	command -v busybox >/dev/null || scripts/apt-install busybox-static || exit; \
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || scripts/apt-install chromium || exit; \
	[ -e /usr/share/java/groovy-all.jar ] && command -v java >/dev/null || \
	  scripts/apt-install groovy default-jre-headless || exit; \
	scripts/codenarc || exit; \
	scripts/with-engine .venv/bin/python -m pytest $(WORKERS) $(PYTEST_ARGS) || exit; \
	[ $$lint = 0 ] || { echo 'test: the tests pass, but lint fails: see above' >&2; exit $$lint; }

test-fast: .venv/installed-dev ## Run lint and the unit tests, of each property a few examples: the daily loop
	@$(MAKE) --no-print-directory --jobs --output-sync=target lint unit

test-clients: .venv/installed-dev ## Run eight clients of others, which are large to install, against the sandbox
	@PYTHON=$(PYTHON) scripts/independent-clients >&2
	@scripts/with-engine .venv/bin/python -m pytest -n0 --clients tests/integration/clients $(PYTEST_ARGS)

test-faults: .venv/installed-dev ## Play every cell of the fault matrix, about twenty minutes on two cores, and count
	@scripts/with-engine .venv/bin/python -m pytest $(WORKERS) --faults=all tests/integration/faults $(PYTEST_ARGS)

unit: .venv/installed-dev
	.venv/bin/python -m pytest $(WORKERS) --hypothesis-profile=daily tests/unit $(PYTEST_ARGS)

test-races: .venv/installed-dev ## Run 100 rounds of each race between pipelines (RACES='--rounds 10 --story "same version"')
	.venv/bin/python -m tests.support.races.rounds $(RACES)

test-odd-answers: .venv/installed-dev ## Try 10,000 odd answers of AWS, and count them by operation
	.venv/bin/python -m pytest -n0 -q -s --hypothesis-profile=many tests/unit/registry/test_odd_answers.py

test-odd-files: .venv/installed-dev ## Try ten thousand odd files, and count how each ended
	.venv/bin/python -m pytest -n0 -s --hypothesis-profile='ten thousand' tests/unit/cli/test_odd_files.py $(PYTEST_ARGS)

setup: .venv/installed-dev ## Create .venv with everything for development

lint: .venv/installed-dev ## Run ruff, mypy and import-linter
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

engine: ## Start a Docker engine and keep it up, unless one answers
	@scripts/engine up

engine-down: ## Stop the engine that `make engine` started
	@scripts/engine down

lock: ## Resolve the dependencies again into requirements/*.txt
	scripts/lock $(LOCK_ARGS)

clean: ## Remove what these targets created in this folder
	rm -rf .venv .make dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The stamps are in the environment that they stand for, so that they are removed with it.
.venv/installed-%: requirements/%.txt pyproject.toml
	@scripts/venv $(PYTHON) $<
	@touch $@
