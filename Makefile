# make map    draw every route file in geodata/ into maps/
# make test   the main suite, then the browser suite
# make lint   ruff, mypy, import-linter, codespell
# make docs   the documentation, into site/
# make bench  timings
# make clean  remove what was made, the environment too
#
# Needs Python 3.11 or later with venv; all else is fetched into .venv. Another interpreter:
# make PYTHON=python3.12 map. Where packages come from is the machine's own setting.

PYTHON ?= python3
CHROMIUM ?=
ROUTES ?= geodata
MAPS ?= maps

.DEFAULT_GOAL := map
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: map test test-main test-browser lint format docs bench constraints clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALLED_FROM := pyproject.toml hatch_build.py constraints.txt \
	web/package.json web/package-lock.json web/.npmrc
ASSETS := geo_routes/maps/assets/assets.json

map: .venv/installed
	@$(BIN)/geo-routes map $(ROUTES) -o $(MAPS)

test: test-main test-browser

test-main: .venv/installed-test
	@$(BIN)/python -m pytest -q -m "not browser" -n auto --dist worksteal

test-browser: .venv/installed-test
	@CHROMIUM='$(CHROMIUM)' sh tools/browser.sh
	@CHROMIUM="$$(cat .venv/chromium)" $(BIN)/python -m pytest -q -m browser

# mypy reads the tests too, so it needs what they import. All five run, whatever the first one says.
lint: .venv/installed-test .venv/installed-lint
	@wrong=0; \
	$(BIN)/ruff check --quiet . || wrong=1; \
	$(BIN)/ruff format --quiet --check . || { wrong=1; echo "geo-routes: make format puts that right" >&2; }; \
	$(BIN)/mypy --no-error-summary || wrong=1; \
	$(BIN)/lint-imports --no-logo || wrong=1; \
	$(BIN)/codespell || wrong=1; \
	exit $$wrong

format: .venv/installed-lint
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .

docs: .venv/installed-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: .venv/installed-test
	@$(BIN)/python -m pytest -q --benchmark-enable --benchmark-only benchmarks

# The newest versions inside the ranges of pyproject.toml, for every Python that it admits.
constraints: .venv/installed
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --universal --upgrade --all-extras --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --output-file .venv/constraints pyproject.toml
	@{ sed -n '/^#/p' constraints.txt; cat .venv/constraints; } > .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt

clean:
	@rm -rf .venv build dist site geo_routes/maps/assets tests/browser/node_modules
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .import_linter_cache
	@rm -rf __pycache__
	@find geo_routes tests $(wildcard benchmarks) -name __pycache__ -type d -exec rm -rf {} +
	@rm -f maps/*.html

STAMPS := .venv/installed .venv/installed-test .venv/installed-lint .venv/installed-docs

# A stamp whose assets are gone is no longer true.
ifeq ($(wildcard $(ASSETS)),)
.PHONY: $(STAMPS)
endif

# pip's own account of a failure runs over many lines: it is kept, and the one that matters is shown.
define install
	@$(PIP) install -c constraints.txt -e '$(1)' >.venv/pip.log 2>&1 || { \
		if grep -o 'geo-routes: .*' .venv/pip.log >&2; then :; \
		elif grep -q -E 'NewConnectionError|NameResolutionError|ConnectTimeout' .venv/pip.log; then \
			echo "geo-routes: pip cannot reach its package index; connect to the network and run make again" >&2; \
		else \
			grep -E '(^ *ERROR|[A-Za-z]+Error): ' .venv/pip.log | tail -n 1 >&2; \
			echo "geo-routes: pip could not install; its whole account is in .venv/pip.log" >&2; \
		fi; exit 1; }
	@touch .venv/installed $@
endef

.venv/installed: $(INSTALLED_FROM) | $(BIN)/pip
	@echo "geo-routes: installing into .venv" >&2
	$(call install,.)

$(filter-out .venv/installed,$(STAMPS)): .venv/installed-%: $(INSTALLED_FROM) | $(BIN)/pip
	@echo "geo-routes: installing into .venv what make $* needs" >&2
	$(call install,.[$*])

# pip is what venv makes last. A venv that fails is taken away again, so that none is half made.
$(BIN)/pip:
	@command -v '$(PYTHON)' >/dev/null || \
		{ echo "geo-routes: $(PYTHON) is missing; install Python 3.11 or later" >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "geo-routes: $(PYTHON) is too old; name a Python 3.11 or later, as in make PYTHON=python3.12" >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "geo-routes: $(PYTHON) has no venv; install python3-venv" >&2; exit 1; }
	@trap 'rm -rf .venv; exit 1' INT TERM; '$(PYTHON)' -m venv .venv || \
		{ rm -rf .venv; echo "geo-routes: .venv could not be made" >&2; exit 1; }
