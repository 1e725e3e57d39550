# meishan_model: every target is one command of `meishan`, in a virtual environment of its own.
SCENARIO ?= balanced
SOLVER   ?= highs
HOURS    ?= 8760
PARK     ?= meishan
PYTHON   ?= python3
VENV     := .venv
BIN      := $(VENV)/bin

COSTS_OPTION = $(if $(COSTS),--costs $(COSTS))
COMMON       = --scenario $(SCENARIO) $(COSTS_OPTION) --hours $(HOURS)

.DEFAULT_GOAL := help
.PHONY: help setup solve check dispatch weather test test-fast bench lint format clean

help: ## list the targets and variables
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | \
	  awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'
	@echo
	@echo "  YEAR=2035  SCENARIO=balanced  COSTS=configs/costs/low_storage  SOLVER=highs|cbc  HOURS=336"

setup: $(VENV)/.ready ## make the virtual environment with the pinned versions

$(VENV)/.ready: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

solve: setup ## solve the slices from the target year down to YEAR and print a summary
	@test -n "$(YEAR)" || { echo "say which year: make solve YEAR=2035"; exit 2; }
	@$(BIN)/meishan solve $(YEAR) $(COMMON) --solver $(SOLVER)

check: setup ## check all sheets, print the baseline's reconciliation and stale results
	@$(BIN)/meishan check $(COMMON)

dispatch: setup ## draw a week of a solved slice: YEAR=2035 WEEK=28 ZONE=port OUT=dispatch.png
	@test -n "$(YEAR)" || { echo "say which year: make dispatch YEAR=2035"; exit 2; }
	@$(BIN)/meishan dispatch $(YEAR) $(COMMON) --week $(or $(WEEK),28) --zone "$(ZONE)" --output $(or $(OUT),dispatch.png)

weather: setup ## make a park's synthetic weather year; EPW=<file> puts a measured one in its place
	@$(BIN)/meishan weather --park $(PARK) $(if $(EPW),--epw "$(EPW)")

test: setup ## run all tests
	@$(BIN)/pytest -n 2

test-fast: setup ## run the tests that need no long solve
	@$(BIN)/pytest -n 2 -m "not slow"

bench: setup ## compare the engine with solph.Model, CBC and PyPSA on the real slice (half an hour)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@$(BIN)/meishan solve 2035
	@$(BIN)/python -m benchmarks.bench

lint: setup ## check style, types and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove the virtual environment and caches, not the results
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
