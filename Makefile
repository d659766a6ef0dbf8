# `make` lists the targets. PYTHON=python3.12 selects the interpreter of .venv.

PYTHON ?= python3
PYTEST_ARGS ?=
# One a core; with more than four of them the engine is what they wait for.
WORKERS ?= --numprocesses=auto --maxprocesses=4
# The tests start Python some thousand times: what it has compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-fast unit setup lint engine engine-down lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name about; do \
		printf '  make %-12s %s\n' "$$name" "$$about"; done

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

unit: .venv/installed-dev
	.venv/bin/python -m pytest $(WORKERS) --hypothesis-profile=daily tests/unit $(PYTEST_ARGS)

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
