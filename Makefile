# Every target sets up what it needs. Needed beforehand: Python >= 3.11 with pip, and make.

PYTHON ?= python3
VENV := .venv
BENCH_VENV := .venv-bench
SCALE_VENV := .venv-scale
PY := $(VENV)/bin/python
BENCH_PY := $(BENCH_VENV)/bin/python
SCALE_PY := $(SCALE_VENV)/bin/python

RUNTIME := $(VENV)/.runtime.stamp
DEV := $(VENV)/.dev.stamp
HEAVY := $(BENCH_VENV)/.heavy.stamp
SCALE := $(SCALE_VENV)/.scale.stamp
PROOF := $(VENV)/.proof.stamp
BROWSER := $(VENV)/.browser.stamp
DOCS := $(VENV)/.docs.stamp

# Modules are compiled when they are first imported: few of those that are installed ever are.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-input --no-compile --editable

# One thread a process: tests run two at a time, and timings compare single threads. Each process takes half of the
# tests, and then half of what the other has left, so that a file's shared set-ups are made once.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

TWO := -n 2 --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env demo style types lint check test tests test-all mutate fuzz reference bench scale web docs figures browser targets clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

env: $(DEV) ## set up .venv with everything the tests need

demo: $(RUNTIME) ## a swaying pedestrian in the fog, step by step
	$(VENV)/bin/foglight demo

style: $(DEV)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: $(DEV)
	$(PY) -m mypy --strict src

lint: style types ## format, lint, types

check: lint ## lint, then the public surface, hygiene and docs examples
	$(PY) -m pytest -q $(TWO) -m check tests/unit

test: style ## lint, and all tests but the campaigns; types are checked beside the first tests
	$(MAKE) --no-print-directory --jobs 2 types tests

tests: $(DEV)
	$(PY) -m pytest -q $(TWO)

test-all: $(HEAVY) ## all tests, with the heavy peers and the campaigns
	$(BENCH_PY) -m pytest -q $(TWO) -m ''

mutate: $(DEV) ## plant small errors in the source and count those that no test sees; an hour or two
	$(PY) -m tools.mutate

fuzz: $(PROOF) ## random files, calls, models and generated C, for half an hour
	$(PY) tests/fuzz/readers.py --seconds 240
	$(PY) -m pytest -q -m campaign tests/fuzz

reference: $(PROOF) ## recompute tests/oracle/reference and compare its hash
	$(PY) tools/make_reference.py

bench: $(HEAVY) ## compare with the other libraries; writes benchmarks/RESULTS.md
	$(BENCH_PY) benchmarks/run.py

scale: $(SCALE) ## a local Spark and a Dask cluster, with a worker killed on the way; needs Java 17
	$(SCALE_PY) -m pytest -q -m campaign tests/scale

web: $(DEV) ## rebuild the page of reports and the studio, and the live figures, from web/; needs Node 20
	$(PY) -m tools.live_kernels
	cd web && npm install && npm run build
	cd web && npx tsc --noEmit -p live/tsconfig.json && npx vite build --config live/vite.config.js

docs: $(DOCS) ## build the site in build/site, with warnings as errors, and check its links
	$(PY) -m sphinx --quiet --jobs auto --fail-on-warning --keep-going -b html -d build/doctrees docs build/site
	$(PY) -m tools.check_site build/site

figures: $(DOCS) ## run the pages that have figures, and store these
	$(PY) -m tools.page_figures

browser: $(BROWSER) ## reports, the studio and the live figures in headless Chromium
	$(PY) -m pytest -q -m browser tests/browser

targets: $(DEV) ## exported C on aarch64, Cortex-M4F, RISC-V, s390x and WebAssembly, in emulators
	$(PY) -m pytest -q -m targets tests/targets

clean: ## remove environments, caches and outputs
	rm -rf $(VENV) $(BENCH_VENV) $(SCALE_VENV) build docs/reference/api dist out foglight-demo web/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .mutation
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is as old as its last installation: it is redone only when pyproject.toml changes.
$(RUNTIME): pyproject.toml | $(PY)
	$(PY) $(INSTALL) .
	touch $@

$(DEV): pyproject.toml | $(PY)
	$(PY) $(INSTALL) '.[dev]'
	touch $(RUNTIME) $@

$(PROOF): pyproject.toml | $(PY)
	$(PY) $(INSTALL) '.[dev,proof]'
	touch $(RUNTIME) $(DEV) $@

$(DOCS): pyproject.toml | $(PY)
	$(PY) $(INSTALL) '.[docs]'
	touch $(RUNTIME) $@

$(BROWSER): pyproject.toml web/package.json | $(PY)
	command -v chromium || apt-get install --yes --no-install-recommends chromium
	cd web && npm install
	$(PY) $(INSTALL) '.[dev,browser]'
	touch $(RUNTIME) $(DEV) $@

$(HEAVY): pyproject.toml | $(BENCH_PY)
	$(BENCH_PY) $(INSTALL) '.[dev,bench]'
	touch $@

$(SCALE): pyproject.toml | $(SCALE_PY)
	$(SCALE_PY) $(INSTALL) '.[duckdb,spark,dask]' 'pytest>=8.2' 'hypothesis>=6.100'
	touch $@

# Some systems ship Python without ensurepip; then pip comes from outside.
$(PY) $(BENCH_PY) $(SCALE_PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Foglight needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(@D)/.. || \
		{ $(PYTHON) -m venv --without-pip $(@D)/.. && $(PYTHON) -m pip --python $@ install --quiet pip; }
