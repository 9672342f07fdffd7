# Needs Python 3.11+ and make, nothing else. `make` alone lists what there is.
PYTHON = .venv/bin/python
PYTEST_ARGS ?=
MAX_LINES = 300
SEED ?= 1
CHAOS_ARGS ?=
# Sampled by make test, whole in make chaos.
WHOLE_PROOFS = tests/domain/test_hours_proof.py tests/domain/test_consent_proof.py tests/services/test_stop_races.py \
	tests/services/test_visit_histories.py tests/api/test_schema.py
.DEFAULT_GOAL = help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; done

run: install ## start web, worker, beat, PostgreSQL and Valkey; Ctrl-C stops them, data is kept
	@exec .venv/bin/engage dev run

test: lint lengths ## lint, types and the whole test suite (PYTEST_ARGS="-k name" for a part)
	@$(PYTHON) -m pytest -n auto $(PYTEST_ARGS)

lint: install ## ruff and mypy
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

bench: install ## measure speed beside a plain baseline, on this machine
	@$(PYTHON) -m bench

chaos: install ## kill, freeze and lie to everything for forty minutes; prints what was lost and doubled; then the whole proofs (SEED=n, CHAOS_ARGS=--quick)
	@$(PYTHON) -m tests.chaos --seed $(SEED) $(CHAOS_ARGS)
	@ENGAGE_WHOLE_PROOFS=1 $(PYTHON) -m pytest -q -n auto --timeout 7200 $(WHOLE_PROOFS)

lengths: ## name the files that have grown long (a report, never a failure)
	@find engage tests -name '*.py' -exec awk 'END { if (NR > $(MAX_LINES)) \
		printf "long file: %s has %d lines, aim for $(MAX_LINES)\n", FILENAME, NR }' {} \;

install: ## make .venv from requirements.lock (the others do it when it is needed)
	@if $(PYTHON) -I engage/dev/install.py --check 2>/dev/null; then exit 0; fi; \
	for python in python3.13 python3.12 python3.11 python3; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec "$$python" -I engage/dev/install.py; \
		fi; \
	done; \
	for python in python3.13 python3.12 python3.11 python3; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec "$$python" -I engage/dev/install.py; \
		fi; \
	done; \
	echo "make: no Python 3.11 or newer was found: install one (Debian: apt-get install python3 python3-venv)." >&2; \
	exit 1

.PHONY: help run test lint bench chaos lengths install
