# The project's commands. `make run` and `make test` need nothing but Python 3.11 or newer and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VAR_DIR ?= var
HOST ?= 127.0.0.1
PORT ?= 8000

export BIN VAR_DIR HOST PORT

.PHONY: run test coverage check race hostile bench messages lock clean help deploy-check durability cluster audit sbom tamper formulas

help: ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /: /'

$(VENV)/run.stamp: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(VENV)/run.stamp $@

run: $(VENV)/run.stamp ## Serve the tracker with the Lingang record; run again, it loses nothing
	@bin/run

test: $(VENV)/dev.stamp ## Every test, on SQLite and on a PostgreSQL of its own
	@bin/test

coverage: $(VENV)/dev.stamp ## What the tests reach, branch by branch: 95 % at least
	@bin/coverage

check: $(VENV)/dev.stamp ## Lint, types, layers, templates, migrations, deployment
	@bin/check

race: $(VENV)/run.stamp ## Eight colleagues make 10,000 conflicting saves over HTTP; none may be lost
	@$(BIN)/python -m bench.race

hostile: $(VENV)/dev.stamp ## A hundred thousand hostile requests, from nobody and in each role; none may end in a fault
	HOSTILE_REQUESTS=20000 $(BIN)/python -m pytest -q tests/test_hostile.py

durability: $(VENV)/dev.stamp ## Kills the site and its databases and cuts the power while colleagues save; nothing acknowledged may be lost
	@$(BIN)/python -m bench.durability

tamper: $(VENV)/run.stamp ## A thousand tamperings with the record, past the database's guards, on both databases; each must be found
	@$(BIN)/python -m bench.tampering

formulas: $(VENV)/run.stamp ## Ten thousand hostile texts in CSV and XLSX, opened by LibreOffice; none may run (needs libreoffice-calc)
	@$(BIN)/python -m bench.formulas

bench: $(VENV)/run.stamp ## What it costs, beside references, at 100,000 pledges: see docs/performance.md
	@$(BIN)/python -m bench

deploy-check: $(VENV)/dev.stamp ## Restarts the site twenty times behind nginx at 40 requests a second, with slow clients and a flood; none may fail
	@$(BIN)/python -m bench.deploy_check

cluster: $(VENV)/dev.stamp ## Two servers, a primary, a replica and Redis on this machine, with the Lingang record (needs redis-server)
	@$(BIN)/python -m tests.cluster

audit: $(VENV)/dev.stamp ## Look up known faults of what is installed; fails where the service is out of reach
	@bin/audit

sbom: $(VENV)/run.stamp $(VENV)/dev.stamp ## Write what the site is made of to var/sbom.json (CycloneDX)
	@mkdir -p $(VAR_DIR)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o $(VAR_DIR)/sbom.json requirements.lock

messages: $(VENV)/dev.stamp ## Collect the texts to translate and compile them (needs gettext)
	@bin/messages

lock: $(VENV)/dev.stamp ## Pin the dependencies anew, with hashes and without any address
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Remove the virtual environment and what tests left behind; the data in var/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage*
