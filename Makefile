# The words that people, hooks and CI share. Add here: a task that more than one of them needs.
# Keep out: logic; that stands in `trackway` or in the tools' own settings.

PYTHON ?= python3
# `make run REQUIREMENTS=runtime` leaves out what only developers need.
REQUIREMENTS ?= dev
VENV := .venv
BIN := $(VENV)/bin
UV := $(VENV)-uv/bin/uv
INSTALLED := $(VENV)/.installed-$(REQUIREMENTS)
PACKAGES := orchestration dashboards data_contracts sample_data
LOCK := pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-strip-extras --no-header --no-annotate --upgrade --quiet
TRACKWAY := $(BIN)/trackway
HOME_FOLDER := $(or $(TRACKWAY_HOME),.trackway)

.DEFAULT_GOAL := help
.PHONY: help setup apt run test serve docs check lock soak bench dev clean

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(INSTALLED) apt ## build .venv, the home and dbt's manifest
	@$(TRACKWAY) setup

$(UV): requirements/uv.txt
	@echo "installing uv"
	@rm -rf $(VENV)-uv
	@$(PYTHON) -m venv $(VENV)-uv
	@$(VENV)-uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(INSTALLED): $(UV) requirements/$(REQUIREMENTS).txt
	@echo "installing requirements/$(REQUIREMENTS).txt into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements/$(REQUIREMENTS).txt
	@$(BIN)/python -c "import pathlib, sysconfig; \
		pathlib.Path(sysconfig.get_path('purelib'), 'trackway.pth').write_text('$(CURDIR)\n')"
	@printf '#!%s\nimport sys\n\nfrom orchestration.cli import main\n\nsys.exit(main())\n' \
		"$(CURDIR)/$(BIN)/python" > $(TRACKWAY)
	@chmod +x $(TRACKWAY)
	@rm -f $(VENV)/.installed-*
	@touch $@

apt:
	@requirements/install-apt

run: setup ## make sample data if landing/ is empty, then load, build and publish
	@find $(HOME_FOLDER)/landing -type f 2>/dev/null | grep -q . || $(TRACKWAY) sample
	@$(TRACKWAY) run

test: setup ## the whole test suite
	@$(BIN)/pytest -m "not soak" --ignore tests/benchmarks

soak: setup ## the long versions of the property and fault tests
	@$(BIN)/pytest -m soak

bench: ## the benchmark tables; BENCH="--events 10000000 --repeats 3" for another size
	@$(MAKE) --no-print-directory setup REQUIREMENTS=bench
	@$(BIN)/pytest tests/benchmarks -o python_files='bench_*.py' $(BENCH)

serve: setup ## Dagster, the dashboard and MLflow on loopback
	@$(TRACKWAY) serve

dev: setup ## a private copy of the last warehouse to build models in
	@$(TRACKWAY) dev

docs: setup ## write docs/definitions.md and docs/inputs.md anew
	@$(TRACKWAY) docs

check: $(INSTALLED) ## style, SQL style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint --processes 0 dbt_project/models
	@$(BIN)/mypy

lock: $(UV) ## renew the hashed requirement files
	@$(UV) $(LOCK) --extra dev pyproject.toml -o requirements/dev.txt
	@$(UV) $(LOCK) pyproject.toml -o requirements/runtime.txt
	@$(UV) $(LOCK) --extra dev --extra bench pyproject.toml -o requirements/bench.txt
	@echo "uv>=0.13" | $(UV) $(LOCK) - -o requirements/uv.txt

clean: ## delete everything that make built; not the data under TRACKWAY_HOME
	@rm -rf $(VENV) $(VENV)-uv .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
