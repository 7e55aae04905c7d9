# Every target makes its own environment in .venv; nothing but python3 (3.10 to 3.13), make and the package
# registry is needed.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WORKERS ?= 2

.PHONY: help demo test lint format bench tensorboard clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 13) else f"graphcore needs Python 3.10 to 3.13, not {v[0]}.{v[1]}: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP) ## draw suture videos, train on them, test on videos never seen
	$(BIN)/train +experiment=suturing hydra.run.dir=runs/demo

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -q -n $(WORKERS)

lint: $(STAMP) ## ruff and pyright
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

format: $(STAMP) ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## measure speed against goals; figures go to benchmarks/results.json, tables and pictures from there
	$(BIN)/python -m pytest benchmarks -q -s --benchmark-only --benchmark-columns=min,median,max,rounds --benchmark-json=benchmarks/results.json
	$(BIN)/python -m benchmarks.table
	$(BIN)/python -m benchmarks.pictures

tensorboard: $(STAMP) ## show the runs in a browser
	$(BIN)/python -m graphcore.tensorboard run=runs

clean: ## remove the environment and caches, never data or runs
	rm -rf .venv build dist .pytest_cache .ruff_cache
