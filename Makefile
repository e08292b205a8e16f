SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: venv
venv: .venv/.installed ## Make .venv from the lock (PYTHON=... chooses the interpreter)
	@:

.venv/.installed: requirements/dev.txt pyproject.toml
	@PYTHON="$(PYTHON)" scripts/venv

.PHONY: lock
lock: ## Resolve the dependencies anew into requirements/ (ARGS=--upgrade takes newer versions)
	scripts/lock $(ARGS)

.PHONY: fmt
fmt: venv ## Format, and fix what ruff can fix
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

.PHONY: lint
lint: venv ## ruff, mypy, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: test
test: lint cluster-binaries ## The gate: lint, then all tests with branch coverage
	$(BIN)/pytest --cov --cov-report=term:skip-covered $(ARGS)

# Once, for about ten minutes; afterwards without a word. Where it cannot be done, the tests that need a cluster
# are skipped, unless they are required.
.PHONY: cluster-binaries
cluster-binaries: venv ## Build the Kubernetes that the tests run, where it is not there yet
	@$(BIN)/python -m tests.cluster.binaries || [ "$${SPANHOOK_REQUIRE_CLUSTER:-}" != 1 ]

.PHONY: demo
demo: venv ## The five-language shop, instrumented, on this machine (ARGS=--once checks and ends)
	@$(BIN)/spanhook demo $(ARGS)

.PHONY: bench
bench: venv ## Measure the webhook, creations through an API server, what images tell, and what tracing costs
	$(BIN)/python -m bench $(ARGS)

.PHONY: soak
soak: venv ## A traced Go server under 1,000,000 requests: answers as ever, every span accounted for (ARGS=--requests=...)
	$(BIN)/python -m bench.nodeagent.soak $(ARGS)

.PHONY: kernels
kernels: venv ## The node agent's tests on Debian's Linux 5.10, 6.1 and 6.12, emulated (ARGS="--kernel 6.1")
	$(BIN)/python -m tests.kernels $(ARGS)

.PHONY: docs
docs: venv ## Write the pages of docs/ that are generated from the code
	$(BIN)/python -m console.reference

.PHONY: clean
clean: ## Remove caches and built output; .venv stays
	rm -rf .coverage .coverage.* htmlcov build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . \( -name .git -o -name .venv -o -name node_modules \) -prune -o -name __pycache__ -type d -exec rm -rf {} +
