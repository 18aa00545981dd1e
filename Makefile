# Two commands: make run, make test. The rest: check, fix, bench, lock, stripe-sandbox.

PYTHON := $(firstword $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$name; done))
BIN := .venv/bin
# The programs of a virtual environment know where it stood: a moved one is made anew.
MOVED := $(shell test -e .venv/place && test "$$(cat .venv/place)" != "$(CURDIR)" && rm -rf .venv)
# Without a home to write to, uv keeps nothing.
UV := VIRTUAL_ENV=.venv $(BIN)/uv $(shell test -z "$$HOME" || mkdir -p "$$HOME/.cache/uv" 2>/dev/null || echo --no-cache)

.DEFAULT_GOAL := run
.PHONY: run test check fix bench lock stripe-sandbox

run: .venv/run-ready
	@PATH="$(CURDIR)/$(BIN):$$PATH"; export PATH; exec python -m tools.run

test: .venv/test-ready
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m tools.suite

bench: .venv/test-ready
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m bench

stripe-sandbox: .venv/run-ready
	@PATH="$(CURDIR)/$(BIN):$$PATH"; export PATH; exec python -m tools.stripe_sandbox

check: .venv/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html' 'templates/**/*.html')
	$(BIN)/djhtml --tabwidth 2 --check templates
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy .
	$(BIN)/vulture
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/pytest -q tests/test_architecture.py tests/test_vendor.py

fix: .venv/test-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	-$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html' 'templates/**/*.html')
	-$(BIN)/djhtml --tabwidth 2 templates

lock: .venv/test-ready
	for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes $$name.in -o $$name.txt; done
	grep '^uv==' requirements-dev.in | cut -d' ' -f1 | $(BIN)/uv pip compile -q --universal \
		--python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements-uv.txt

.venv/bin/uv: requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "NAT Global Campus needs Python 3.11, 3.12 or 3.13; none is on the PATH."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python has no venv module. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@echo "$(CURDIR)" > .venv/place
	@touch $@

.venv/run-ready: .venv/bin/uv requirements.txt
	@echo "Installing the libraries ..."
	@$(UV) pip install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/test-ready: .venv/bin/uv requirements-dev.txt
	@echo "Installing the libraries and the tools ..."
	@$(UV) pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@
