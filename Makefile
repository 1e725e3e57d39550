# meishan_model: every target is one command of `meishan`, in a virtual environment of its own.
SCENARIO ?= balanced
SOLVER   ?= highs
HOURS    ?= 8760
STEP     ?= 1h
JOBS     ?= $(shell nproc)
PARK     ?= meishan
PYTHON   ?= python3
VENV     := .venv
BIN      := $(VENV)/bin
# As pip does, uv compiles what it installs: else old packages warn where the tests import them.
UV_INSTALL = $(BIN)/uv pip install --quiet --compile-bytecode
# What is compiled once need not be compiled anew by every process of the tests.
unexport PYTHONDONTWRITEBYTECODE

COSTS_OPTION = $(if $(COSTS),--costs $(COSTS))
COMMON       = --scenario $(SCENARIO) $(COSTS_OPTION) --hours $(HOURS) --step $(STEP)
# Studies have a short representation of their own unless HOURS is given.
STUDY        = --scenario $(SCENARIO) $(COSTS_OPTION) --jobs $(JOBS) --step $(STEP) $(if $(filter-out file,$(origin HOURS)),--hours $(HOURS))

# Tests that make graphs and read their nodes and flows; what reads their results is in tests/names.
# Those of results, power flow and the rules of the ledger have tables made by hand, with labels.
SEE_LABELS = $(addprefix tests/,components accounts ledger/test_slice.py ledger/test_sold_outside.py)

# Tests of what each dependency does for the project, from the solvers to the page.
TOUCH = $(addsuffix .py,\
  $(addprefix tests/optimise/test_,hand_solved solvers piqp frames pyomo_backend infeasible) \
  $(addprefix tests/sheets/test_,sheet scenario_base workbook) \
  $(addprefix tests/series/test_,calendar climate demand market renewables tariff weather_files) \
  $(addprefix tests/powerflow/test_,textbook conservation) \
  $(addprefix tests/results/test_,result_files result_lock slice_contract) \
  $(addprefix tests/report/test_,figures html_page) \
  $(addprefix tests/cli/test_,command_in_process ledger_command))

.DEFAULT_GOAL := help
.PHONY: help setup solve pathway explain compare front abatement sensitivity matching exposure tariff ledger statement report export diff check costs dispatch port powerflow vpp sheets-to-excel sheets-from-excel validation weather test test-all test-fast test-labels test-labels-1 test-labels-2 test-wheel test-versions test-oldest test-newest fuzz conformance bench problems readings bench-powerflow lint format clean

help: ## list the targets and variables
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | \
	  awk -F'|' '{printf "  make %-17s %s\n", $$1, $$2}'
	@echo
	@echo "  YEAR=2035  SCENARIO=balanced  COSTS=configs/costs/low_storage  SOLVER=highs|cbc  HOURS=336  STEP=15min"
	@echo "  JOBS=1 (studies; else a process for each core)"

setup: $(VENV)/.ready ## make the virtual environment with the pinned versions

$(VENV)/.ready: setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt uv
	$(UV_INSTALL) --python $(VENV) -c constraints.txt -e '.[dev]'
	@touch $@

solve: setup ## solve the slices from the target year down to YEAR and print a summary
	@test -n "$(YEAR)" || { echo "say which year: make solve YEAR=2035"; exit 2; }
	@$(BIN)/meishan solve $(YEAR) $(COMMON) --solver $(SOLVER)

pathway: setup ## solve all slices of a scenario, roll forward, write pathway.nc
	@$(BIN)/meishan pathway $(COMMON) --solver $(SOLVER)

explain: setup ## why there is as much of an asset as there is, from the sheets to the result: ASSET=pv_rooftop_port YEAR=2035 ZH=1
	@test -n "$(ASSET)" -a -n "$(YEAR)" || { echo "say which: make explain ASSET=pv_rooftop_port YEAR=2035"; exit 2; }
	@$(BIN)/meishan explain $(ASSET) $(YEAR) $(COMMON) $(if $(ZH),--zh)

compare: setup ## run all pathways of the park, and SCENARIO forwards and with foresight: one table
	@$(BIN)/meishan compare $(COMMON) --solver $(SOLVER) --jobs $(JOBS)

front: setup ## cost against cumulative emissions: THETAS=0.25,1,4 BUDGETS=9e6 VERIFY=1,4
	@$(BIN)/meishan front $(STUDY) --solver $(SOLVER) $(if $(THETAS),--thetas $(THETAS)) $(if $(BUDGETS),--budgets $(BUDGETS)) $(if $(VERIFY),--verify $(VERIFY))

abatement: setup ## marginal abatement cost curve of the target year, lever after lever
	@$(BIN)/meishan abatement $(STUDY)

sensitivity: setup ## vary every assumption alone (168 h, most of an hour): SHEETS=prices LIMIT=20 YEAR=2035
	@$(BIN)/meishan sensitivity $(STUDY) $(if $(SHEETS),--sheets $(SHEETS)) $(if $(LIMIT),--limit $(LIMIT)) $(if $(YEAR),--year $(YEAR))

matching: setup ## what it costs to match green power by year, month and hour: YEAR=2035
	@test -n "$(YEAR)" || { echo "say which year: make matching YEAR=2035"; exit 2; }
	@$(BIN)/meishan matching $(YEAR) $(STUDY)

exposure: setup ## what a price of carbon changes in a slice: YEAR=2035 PRICES=0,100,300,800
	@test -n "$(YEAR)" || { echo "say which year: make exposure YEAR=2035"; exit 2; }
	@$(BIN)/meishan exposure $(YEAR) $(STUDY) $(if $(PRICES),--prices $(PRICES))

tariff: setup ## the price of power in every hour of a day, in its parts: DATE=2026-07-15
	@test -n "$(DATE)" || { echo "say which day: make tariff DATE=2026-07-15"; exit 2; }
	@$(BIN)/meishan tariff $(DATE) --scenario $(SCENARIO)

vpp: setup ## the virtual power plant answers the events of events.csv (336 h): YEAR=2035
	@test -n "$(YEAR)" || { echo "say which year: make vpp YEAR=2035"; exit 2; }
	@$(BIN)/meishan vpp $(YEAR) $(STUDY)

check: setup ## check all sheets, print the baseline's reconciliation and stale results
	@$(BIN)/meishan check $(COMMON)

validation: setup ## numbers of the model beside published ones, with the band of each
	@$(BIN)/meishan validation --scenario $(SCENARIO) $(COSTS_OPTION)

dispatch: setup ## draw a week of a solved slice: YEAR=2035 WEEK=28 FLOWS="zone=port role=load" BY=customer OUT=dispatch.png
	@test -n "$(YEAR)" || { echo "say which year: make dispatch YEAR=2035"; exit 2; }
	@$(BIN)/meishan dispatch $(YEAR) $(FLOWS) $(COMMON) --week $(or $(WEEK),28) $(if $(BY),--by $(BY)) --output $(or $(OUT),dispatch.png)

port: setup ## berths, waiting ships, shore power, energy of the terminal: YEAR=2035 CALLS=calls.csv
	@test -n "$(YEAR)" || { echo "say which year: make port YEAR=2035"; exit 2; }
	@$(BIN)/meishan port $(YEAR) --scenario $(SCENARIO) $(COSTS_OPTION) $(if $(CALLS),--calls "$(CALLS)")

powerflow: setup ## check a solved slice on the 20 kV grid: volts, losses, N-1; YEAR=2035 AGREE=1
	@test -n "$(YEAR)" || { echo "say which year: make powerflow YEAR=2035"; exit 2; }
	@$(BIN)/meishan powerflow $(YEAR) $(COMMON) $(if $(AGREE),--agree)

ledger: setup ## post every solved slice to the carbon ledger; VERIFY=1 compares it with the files
	@$(BIN)/meishan ledger $(COMMON) $(if $(VERIFY),--verify)

statement: setup ## neutrality statement of a solved slice, from gross to net: YEAR=2050
	@test -n "$(YEAR)" || { echo "say which year: make statement YEAR=2050"; exit 2; }
	@$(BIN)/meishan statement $(YEAR) $(COMMON)

report: setup ## write a solved pathway as one HTML file that opens without network
	@$(BIN)/meishan report $(COMMON) $(if $(OUT),--output "$(OUT)")

export: setup ## write the tables of a solved pathway for pyam (IAMC), Excel and as CSV
	@$(BIN)/meishan export $(COMMON) --iamc --excel --csv $(if $(OUT),--output "$(OUT)")

diff: setup ## what differs between two solved pathways: A=balanced B=balanced@low_storage
	@test -n "$(A)" -a -n "$(B)" || { echo "say which two: make diff A=balanced B=supply_side"; exit 2; }
	@$(BIN)/meishan diff "$(A)" "$(B)" --hours $(HOURS) --step $(STEP)

costs: setup ## put files of technology-data into configs/costs/technology_data: FILE="costs_2030.csv costs_2050.csv"
	@test -n "$(FILE)" || { echo "say which: make costs FILE=costs_2035.csv"; exit 2; }
	@$(BIN)/meishan costs $(FILE)

sheets-to-excel: setup ## all sheets of a park in one workbook: BOOK=park.xlsx PARK=meishan
	@$(BIN)/meishan sheets to-excel "$(or $(BOOK),park.xlsx)" --park $(PARK)

sheets-from-excel: setup ## bring an edited workbook back into CSV files: BOOK=park.xlsx
	@$(BIN)/meishan sheets from-excel "$(or $(BOOK),park.xlsx)"

weather: setup ## make a park's synthetic weather year; SEED=4 another beside it; FILES="a.epw b.csv" put measured ones in its place, MAPPING=columns.yaml
	@$(BIN)/meishan weather --park $(PARK) $(FILES) $(if $(SEED),--seed $(SEED)) $(if $(MAPPING),--mapping "$(MAPPING)")

test: setup ## run the tests, but for those that do once more what others do
	@$(BIN)/pytest -n 2 --dist worksteal -m "not thorough"

test-all: setup ## run all tests, on more random draws
	@HYPOTHESIS_MAX_EXAMPLES=400 $(BIN)/pytest -n 2 --dist worksteal

test-fast: setup ## run the tests that need no long solve
	@$(BIN)/pytest -n 2 -m "not slow and not thorough"

test-labels: test-labels-1 test-labels-2 ## run what could see a label of a node with labels that say nothing, twice; faster with -j2

test-labels-1 test-labels-2: test-labels-%: setup
	@PYTHONHASHSEED=$* $(BIN)/pytest -m "not slow and not thorough" --opaque-labels $* $(SEE_LABELS)

test-wheel: setup ## install wheel and source distribution under Python 3.11 to 3.13 and plan a park in an empty folder
	@PYTHONPATH=tests $(BIN)/python -m wheel

test-versions: test-oldest test-newest ## run a quick part of the tests with the oldest and the newest dependencies allowed; faster with -j2

test-oldest test-newest: test-%: .venv-%/.ready
	@.venv-$*/bin/pytest -m "not slow and not thorough" $(TOUCH)

.venv-oldest/.ready: VERSIONS = lowest-direct
.venv-newest/.ready: VERSIONS = highest

.venv-oldest/.ready .venv-newest/.ready: setup.cfg pyproject.toml | setup
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(UV_INSTALL) --python $(@D) --resolution $(VERSIONS) -e '.[test]'
	@touch $@

bench: setup ## compare the engine with solph.Model, CBC and PyPSA on the real slice (an hour and a half)
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@$(BIN)/meishan solve 2035
	@$(BIN)/python -m benchmarks.bench
	@$(BIN)/python -m benchmarks.memory 336
	@$(BIN)/python -m benchmarks.unit_commitment highs stating

problems: setup ## keep all stated problems before a change (KEEP=folder), compare them after it (COMPARE=folder)
	@test -n "$(KEEP)$(COMPARE)" || { echo "say what: make problems KEEP=folder, then COMPARE=folder"; exit 2; }
	@$(BIN)/python -m benchmarks.same_problems $(if $(KEEP),keep "$(KEEP)",compare "$(COMPARE)")

readings: setup ## keep what all readers say of solved pathways (KEEP=folder), compare it (COMPARE=folder RENAMED=renamed.csv)
	@test -n "$(KEEP)$(COMPARE)" || { echo "say what: make readings KEEP=folder, then COMPARE=folder"; exit 2; }
	@$(BIN)/python -m benchmarks.same_readings $(if $(KEEP),keep "$(KEEP)",compare "$(COMPARE)" $(if $(RENAMED),"$(RENAMED)"))

bench-powerflow: setup ## compare power-grid-model with pandapower on a solved slice: YEAR=2050
	@test -n "$(YEAR)" || { echo "say which year: make bench-powerflow YEAR=2050"; exit 2; }
	@$(MAKE) --silent .venv-pandapower/.ready
	@$(BIN)/python -m benchmarks.powerflow $(SCENARIO) $(YEAR) .venv-pandapower/bin/python $(COSTS_OPTION) --hours $(HOURS)

# pandapower needs an older pandas than the project: it has an environment of its own.
.venv-pandapower/.ready:
	$(PYTHON) -m venv .venv-pandapower
	.venv-pandapower/bin/pip install --quiet --disable-pip-version-check pandapower==3.5.6
	@touch $@

fuzz: setup ## mutate the sheets of a small park: a clear error or a checked result; SECONDS=60
	@$(BIN)/python tests/robustness/fuzz.py --seconds $(or $(SECONDS),60)

conformance: setup ## put solph's own tests and examples through the engine (half an hour): ONLY=storage UPDATE=1
	@PYTHONPATH=tests $(BIN)/python -m conformance $(if $(ONLY),--only "$(ONLY)") $(if $(UPDATE),--update)

lint: setup ## check style, types and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove the virtual environment and caches, not the results
	rm -rf $(VENV) .venv-oldest .venv-newest .venv-pandapower .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
