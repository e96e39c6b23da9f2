# From a fresh checkout with Python 3.11 or newer, pip and make: `make brief`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
DATA ?= ../shared/data

.PHONY: help brief test lint format check bench accuracy stocks caseload docs wheel lock clean

help:
	@echo "make brief   environment, then the briefing; options in ARGS=\"--language sl\""
	@echo "make test    environment, then all tests"
	@echo "make lint    style, types, layers"
	@echo "make format  put the code into the common format"
	@echo "make check   data files, lint, tests"
	@echo "make bench   speed of every part, half an hour or so on a quiet machine; DATA=../shared/data"
	@echo "make accuracy  table of accuracy, from the figures in DATA=../shared/data"
	@echo "make stocks  table of stocks against what happened, from the figures in DATA=../shared/data"
	@echo "make caseload  table of caseloads against what happened, from the figures in DATA=../shared/data"
	@echo "make docs    docs/_build/html/index.html: all notebooks run, then the site"
	@echo "make wheel   dist/forecasting-*.whl"
	@echo "make lock    requirements.lock from pyproject.toml"
	@echo "make clean   remove the environment and everything built"

# The environment comes out of the hashed lock, the build back end included. The stamp is written
# last: an interrupted installation is taken up again, a finished one is left alone.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + \
	  "; name another one: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

brief: $(STAMP)
	@$(BIN)/forecasting brief $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist loadscope $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

check: $(STAMP)
	$(BIN)/forecasting check
	$(MAKE) lint
	$(MAKE) test

bench: $(STAMP)
	$(BIN)/python benchmarks/speed/brief.py $(ARGS)
	$(BIN)/python benchmarks/speed/forecasts.py $(DATA)
	$(BIN)/python benchmarks/speed/stocks.py
	$(BIN)/python benchmarks/speed/savings.py
	$(BIN)/python benchmarks/speed/programmes.py
	$(BIN)/python benchmarks/speed/scenarios.py
	$(BIN)/python benchmarks/speed/sources.py --rows 10
	$(BIN)/python benchmarks/speed/archive.py
	$(BIN)/python benchmarks/speed/night.py

accuracy: $(STAMP)
	$(BIN)/python benchmarks/accuracy/forecasts.py $(DATA) $(ARGS)

stocks: $(STAMP)
	$(BIN)/python benchmarks/accuracy/stocks.py $(DATA) $(ARGS)

caseload: $(STAMP)
	$(BIN)/python benchmarks/accuracy/caseload.py $(DATA) $(ARGS)

# A notebook that has been run with the same figures, code and parameters is not run again.
docs: $(STAMP)
	$(BIN)/python docs/_site/build.py
	@echo docs/_build/html/index.html

wheel: $(STAMP)
	$(BIN)/python -m hatchling build --target wheel

# Adds what pyproject.toml asks for and keeps the other versions; everything anew: ARGS=--upgrade
lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes \
	  --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" \
	  --quiet $(ARGS) --output-file requirements.lock

clean:
	rm -rf $(VENV) dist build docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
