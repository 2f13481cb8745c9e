# `make` alone lists the targets. Everything is installed into .venv from a lock with hashes.

SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
# uv asks the index that pip is set to, where that is not the usual one.
LOCK := $(if $(PIP_INDEX_URL),UV_DEFAULT_INDEX=$(PIP_INDEX_URL)) $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-header --quiet

PYTEST := $(BIN)/python -m pytest
# Three for two cores: many tests wait for a server, a file or a process.
WORKERS ?= 3
PARALLEL := --numprocesses $(WORKERS) --dist worksteal
# These two measure time at a real server, and run with nothing beside them.
TIMING := tests/test_api_pace.py tests/test_sandbox_pace.py
LAKE := tests/test_ducklake.py tests/test_spark.py
# What make test leaves to CI: further cases of tests with a database, and what test-ducklake runs.
EVERYDAY := --each-once $(addprefix --ignore=,$(LAKE))

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-duckdb1 test-ducklake mutants soak bench check docs docs-site fix daily raceday backfill weekly monthly lock clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one with make PYTHON=python3.12 ..."; exit 2; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/python requirements.lock pyproject.toml
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		--require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		--no-build-isolation --no-deps --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	@echo "Installing what tests and checks need ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check \
		--require-hashes --requirement requirements-dev.lock
	@touch $@

demo: .venv/installed  ## Run the daily job against a simulated API and show the tables (no key)
	@$(BIN)/pipeline demo

test: .venv/installed-dev  ## Run every test, those with a database in one of their cases (CI=true: in all)
	@started=$$(date +%s); \
	$(PYTEST) $(TIMING) && \
	$(PYTEST) $(addprefix --ignore=,$(TIMING)) $(PARALLEL) $(if $(CI),,$(EVERYDAY)) --durations=10; \
	code=$$?; echo "make test took $$(($$(date +%s) - started)) seconds"; exit $$code

test-fast: .venv/installed-dev  ## Run the tests that use no database and start no process
	@$(PYTEST) $(addprefix --ignore=,$(TIMING)) $(PARALLEL) -m "not slow"

# The same tests where DuckDB 1 comes before the DuckDB of the lock.
test-duckdb1: .venv/installed-dev  ## Run the tests that load into DuckDB on DuckDB 1 as well
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --upgrade \
		--target .duckdb1 'duckdb>=1.5,<2'
	@PYTHONPATH=$(CURDIR)/.duckdb1 $(PYTEST) $(addprefix --ignore=,$(TIMING)) $(PARALLEL) -m slow -k "not postgres"

# DuckLake's extensions come as wheels for one version of DuckDB, in an environment of their own.
EXTENSIONS := ducklake httpfs postgres-scanner sqlite-scanner
.ducklake/installed: Makefile | .venv/installed-dev
	@echo "Installing DuckLake and an S3 for its tests into .ducklake ..."
	@rm -rf .ducklake/duckdb .ducklake/extensions .ducklake/s3
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --target .ducklake/duckdb \
		duckdb==1.5.5 $(EXTENSIONS:%=duckdb-extension-%==1.5.5)
	@PYTHONPATH=.ducklake/duckdb $(BIN)/python -c 'import duckdb, pathlib, shutil; \
		((platform,),) = duckdb.sql("PRAGMA platform").fetchall(); \
		folder = pathlib.Path(".ducklake/extensions") / f"v{duckdb.__version__}" / platform; \
		folder.mkdir(parents=True); \
		[shutil.copy(file, folder) for file in pathlib.Path(".ducklake/duckdb").rglob("*.duckdb_extension")]'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --target .ducklake/s3 \
		'moto[s3]==5.2.5' flask==3.1.3 flask-cors==6.0.5
	@touch $@

.ducklake/spark: | .ducklake/installed
	@command -v java >/dev/null || { echo "Spark needs Java: install default-jre-headless" >&2; exit 1; }
	@rm -rf $@
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --target $@ pyspark==4.3.0
	@touch $@

test-ducklake: .ducklake/installed  ## Run the tests of DuckLake and Spark: files, object storage, Postgres
	@$(PYTEST) $(LAKE)

mutants: .venv/installed-dev  ## Break each rule in a copy and check that a test fails (ONLY="name name")
	@$(BIN)/python -m tests.mutants $(ONLY)

soak: .venv/installed-dev  ## Random faults on both databases (SEED=7 ROUNDS=100 DESTINATION=postgres)
	@$(BIN)/python -m tests.soak $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(DESTINATION),--destination $(DESTINATION))

# What users have: pandas and polars, where they are installed, take memory and time of every run.
.bench/installed: requirements.lock pyproject.toml | .venv/installed-dev
	@echo "Installing what users have into .bench ..."
	@$(PYTHON) -m venv .bench
	@.bench/bin/python -m pip install -qq --disable-pip-version-check \
		--require-hashes --requirement requirements.lock
	@.bench/bin/python -m pip install -qq --disable-pip-version-check \
		--no-build-isolation --no-deps --editable .
	@touch $@

bench: .venv/installed-dev .bench/installed  ## Measure the figures, against their targets (FIGURES="pace daily")
	@$(BIN)/python -m benchmarks $(FIGURES)

check: .venv/installed-dev  ## Lint, format, types, generated documents and the lock; changes nothing
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pipelines.documents --check
	@sh .ci/check-lock

docs: .venv/installed-dev  ## Write the generated documents: references and the cookbook
	@$(BIN)/python -m pipelines.documents
	@$(BIN)/python -m tests.cookbook

docs-site: .venv/installed-dev  ## Build a site of the documents, with search, into build/site
	@$(BIN)/python -m pipelines.documents.site
	@echo "build/site/index.html"

fix: .venv/installed-dev  ## Fix lint and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

daily: .venv/installed  ## The daily job, for 01:00 UK time
	@$(BIN)/pipeline run --mode daily

raceday: .venv/installed  ## Watch today's racing until the last result, every few minutes
	@$(BIN)/pipeline run --mode raceday

backfill: .venv/installed  ## The whole history; run it again to continue
	@$(BIN)/pipeline run --mode backfill

weekly: .venv/installed  ## The daily window again for jockeys, trainers and owners
	@$(BIN)/pipeline run --mode daily --table ra_mst_jockeys,ra_mst_trainers,ra_mst_owners

monthly: .venv/installed  ## The daily window again for courses and bookmakers
	@$(BIN)/pipeline run --mode daily --table ra_mst_courses,ra_mst_bookmakers

lock: .venv/installed-dev  ## Regenerate the lock after changing pyproject.toml
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group dev --extra mcp --extra notebook --constraint requirements.lock --output-file requirements-dev.lock

clean:  ## Remove what was installed and what demo and tests left; never your data
	@rm -rf .venv .bench .duckdb1 .ducklake demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
