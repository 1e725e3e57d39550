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
# Studies have a short representation of their own unless HOURS is given.
STUDY        = --scenario $(SCENARIO) $(COSTS_OPTION) $(if $(filter-out file,$(origin HOURS)),--hours $(HOURS))

.DEFAULT_GOAL := help
.PHONY: help setup solve pathway compare front abatement sensitivity report export diff check dispatch powerflow weather test test-fast bench bench-powerflow lint format clean

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

pathway: setup ## solve all slices of a scenario, roll forward, write pathway.nc; WHY=wind_onshore
	@$(BIN)/meishan pathway $(COMMON) --solver $(SOLVER) $(if $(WHY),--why "$(WHY)")

compare: setup ## run all pathways, and the balanced one forwards and with foresight: one table
	@$(BIN)/meishan compare $(COSTS_OPTION) --hours $(HOURS) --solver $(SOLVER)

front: setup ## cost against cumulative emissions: THETAS=0.25,1,4 BUDGETS=9e6 VERIFY=1,4
	@$(BIN)/meishan front $(STUDY) --solver $(SOLVER) $(if $(THETAS),--thetas $(THETAS)) $(if $(BUDGETS),--budgets $(BUDGETS)) $(if $(VERIFY),--verify $(VERIFY))

abatement: setup ## marginal abatement cost curve of the target year, lever after lever
	@$(BIN)/meishan abatement $(STUDY)

sensitivity: setup ## vary every assumption alone (168 h, half an hour): SHEETS=prices LIMIT=20 YEAR=2035
	@$(BIN)/meishan sensitivity $(STUDY) $(if $(SHEETS),--sheets $(SHEETS)) $(if $(LIMIT),--limit $(LIMIT)) $(if $(YEAR),--year $(YEAR))

check: setup ## check all sheets, print the baseline's reconciliation and stale results
	@$(BIN)/meishan check $(COMMON)

dispatch: setup ## draw a week of a solved slice: YEAR=2035 WEEK=28 ZONE=port OUT=dispatch.png
	@test -n "$(YEAR)" || { echo "say which year: make dispatch YEAR=2035"; exit 2; }
	@$(BIN)/meishan dispatch $(YEAR) $(COMMON) --week $(or $(WEEK),28) --zone "$(ZONE)" --output $(or $(OUT),dispatch.png)

powerflow: setup ## check a solved slice on the 20 kV grid: volts, losses, N-1; YEAR=2035 AGREE=1
	@test -n "$(YEAR)" || { echo "say which year: make powerflow YEAR=2035"; exit 2; }
	@$(BIN)/meishan powerflow $(YEAR) $(COMMON) $(if $(AGREE),--agree)

report: setup ## write a solved pathway as one HTML file that opens without network
	@$(BIN)/meishan report $(COMMON) $(if $(OUT),--output "$(OUT)")

export: setup ## write the tables of a solved pathway for pyam (IAMC), Excel and as CSV
	@$(BIN)/meishan export $(COMMON) --iamc --excel --csv $(if $(OUT),--output "$(OUT)")

diff: setup ## what differs between two solved pathways: A=balanced B=balanced@low_storage
	@test -n "$(A)" -a -n "$(B)" || { echo "say which two: make diff A=balanced B=supply_side"; exit 2; }
	@$(BIN)/meishan diff "$(A)" "$(B)" --hours $(HOURS)

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

bench-powerflow: setup ## compare power-grid-model with pandapower on a solved slice: YEAR=2050
	@test -n "$(YEAR)" || { echo "say which year: make bench-powerflow YEAR=2050"; exit 2; }
	@test -x .venv-pandapower/bin/python || { $(PYTHON) -m venv .venv-pandapower && .venv-pandapower/bin/pip install --quiet --disable-pip-version-check pandapower==3.5.6; }
	@$(BIN)/python -m benchmarks.powerflow results/$(SCENARIO)/$(YEAR).nc .venv-pandapower/bin/python

lint: setup ## check style, types and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove the virtual environment and caches, not the results
	rm -rf $(VENV) .venv-pandapower .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
