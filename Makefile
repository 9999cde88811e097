PYTHON ?= python3
BIN := .venv/bin

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1:\2/p' Makefile | awk -F: '{ printf "  make %-12s %s\n", $$1, $$2 }'

lab: .venv/installed ## open the first lesson in JupyterLab
	$(BIN)/jupyter lab notebooks/00_start_here.ipynb

test: lint unit notebooks foreign breaks ## run the whole check
	@echo "Every check passed."

lint: .venv/installed ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/mypy

unit: .venv/installed ## the tests of helpers, of the set-up and of what the notebooks store
	$(BIN)/pytest -q -n 2

notebooks: .venv/installed ## run every notebook and compare all that it prints with what is stored
	$(BIN)/pytest -q -n 2 --dist loadfile --nbval notebooks/

foreign: .venv/installed ## the notebooks once more, as on an old processor
	$(BIN)/python tests/portability.py sse4-1

portability: .venv/installed ## the notebooks on every kind of processor and number of threads
	$(BIN)/python tests/portability.py

breaks: .venv/installed ## break helpers on purpose in five ways, and see that the checks notice
	$(BIN)/python tests/mutants.py "pos_weight is" "scaler is fitted" "dropout is off" "second sigmoid" "every seed draws"

mutants: .venv/installed ## the same with all the ways that are listed
	$(BIN)/python tests/mutants.py

gallery: .venv/installed ## train broken and healthy networks, and see how often the doctor is right
	$(BIN)/python tests/gallery

outputs: .venv/installed ## execute the notebooks in place and store what they print
	$(BIN)/python tests/outputs.py

bench: .venv/bench ## measure the speed against other libraries, and what the doctor costs
	$(BIN)/python tests/benchmarks
	$(BIN)/python tests/benchmarks/doctor.py

lock: ## choose the newest versions and write them into requirements.lock
	$(check-python)
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT \
	&& $(PYTHON) -m venv "$$folder" \
	&& "$$folder/bin/python" -m pip install -e '.[test]' \
	&& { echo "# Written by make lock: $$($(PYTHON) -V), $$($(PYTHON) -c 'import platform; print(platform.system())')"; \
	     "$$folder/bin/python" -m pip freeze --exclude-editable \
	     | sed -E 's/\+.*//; /^(nvidia|cuda|triton)/d'; } > "$$folder/lock" \
	&& mv "$$folder/lock" requirements.lock

clean: ## remove .venv and every cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

define check-python
@$(PYTHON) -c 'import sys; sys.exit("This needs Python 3.11 or newer. Name one: make PYTHON=python3.12 …" \
	if sys.version_info < (3, 11) else 0)'
endef

.venv/installed: requirements.lock pyproject.toml
	$(check-python)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -r requirements.lock
	$(BIN)/python -m pip install --no-deps -e .
	touch $@

.venv/bench: .venv/installed
	$(BIN)/python -m pip install -c requirements.lock -e '.[bench]'
	touch $@

.PHONY: help lab test lint unit notebooks foreign breaks portability mutants gallery outputs bench lock clean
