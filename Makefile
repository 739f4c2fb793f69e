# `make run` sets everything up and serves; `make test` sets up what tests need and runs them all.
.POSIX:
.SUFFIXES:

VENV = .venv
BIN = $(VENV)/bin
MANAGE = $(BIN)/python manage.py

.PHONY: help run test check soak bench screenshots clean
help:
	@echo "make run          serve on http://127.0.0.1:8000 (PORT=, HOST=, CHATSITE_DATA=)"
	@echo "make test         lint, types and all tests"
	@echo "make soak         half an hour of faults (SOAK_SECONDS=, SOAK_SEEDS=)"
	@echo "make bench        measure beside the peers"
	@echo "make screenshots  pictures of every view into docs/screenshots"
	@echo "make clean        remove the virtual environment (data in var/ stays)"

run: $(BIN)/.run
	@$(MANAGE) prepare
	@exec $(MANAGE) serve

# Tests of real servers and browsers have a second chance (tests/conftest.py): what else runs on the machine is no fault
# of ours. Others have one only where something did not come in time. Each is listed at the end; `make soak` gives none.
test: $(BIN)/.test check
	@sh scripts/browser.sh
	$(BIN)/python -m pytest -rR --reruns 1 --only-rerun "TimeoutError" --only-rerun "not within" --only-rerun "with timeout"

check: $(BIN)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) messages --check

# A thousand clients within thirty seconds: that by itself, since all else would share the machine with it.
soak: $(BIN)/.test
	@SOAK_CROWD=1000 $(BIN)/python -m pytest -n 1 -rP tests/faults -k a_crowd_is_live
	@SOAK_SECONDS="$${SOAK_SECONDS:-300}" SOAK_SEEDS="$${SOAK_SEEDS:-1 2 3 4 5 6}" \
		$(BIN)/python -m pytest -n 2 -rP tests/faults -k "not a_crowd_is_live"

bench: $(BIN)/.test
	$(BIN)/python -m bench

screenshots: $(BIN)/.test
	@sh scripts/browser.sh
	$(BIN)/python -m tests.screenshots

$(BIN)/python:
	@sh scripts/venv.sh $(VENV)

$(BIN)/.run: $(BIN)/python requirements.txt constraints.txt
	@echo "Installing packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(BIN)/.test: $(BIN)/python requirements.txt constraints.txt requirements-dev.txt
	@echo "Installing packages for tests ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(BIN)/.run

clean:
	rm -rf $(VENV)
