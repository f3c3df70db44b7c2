# Each target does its own set-up. Output stays on the terminal; nothing is asked.
.POSIX:
.SUFFIXES:
.PHONY: help run test test-postgres test-faults fmt lint type bench docs messages clean

PYTHON = .venv/bin/python

help:
	@echo "make run            the academy at http://127.0.0.1:8000 (PORT=... for another port)"
	@echo "make test           lint, types, contracts, then every test, on SQLite"
	@echo "make test-postgres  every test, on a PostgreSQL of its own"
	@echo "make test-faults    the fault tests at full length"
	@echo "make fmt lint type  one of these alone"
	@echo "make bench          every benchmark beside its peer"
	@echo "make docs           writes .env.example and docs/settings.md"
	@echo "make messages       brings the translations in academy/locale up to date with the code"
	@echo "make clean          removes the environment and all caches, keeps var/"

run:
	@deploy/bootstrap run
	@exec $(PYTHON) -m academy.supervisor --with-parent

test:
	@deploy/bootstrap test
	@exec $(PYTHON) -m tests.run all

test-postgres:
	@deploy/bootstrap test
	@exec $(PYTHON) -m tests.run postgres

test-faults:
	@deploy/bootstrap test
	@exec $(PYTHON) -m tests.run faults

fmt:
	@deploy/bootstrap test
	@$(PYTHON) -m ruff check --fix --exit-zero --quiet . && $(PYTHON) -m ruff format .
	@$(PYTHON) -m djlint --reformat --quiet academy learning exports notifications scheduler; :

lint:
	@deploy/bootstrap test
	@exec $(PYTHON) -m tests.run lint

type:
	@deploy/bootstrap test
	@exec $(PYTHON) -m tests.run type

bench:
	@deploy/bootstrap test
	@exec $(PYTHON) -m benchmarks

docs:
	@deploy/bootstrap run
	@$(PYTHON) manage.py settings_docs && exec $(PYTHON) manage.py permissions_docs

messages:
	@deploy/bootstrap test
	@$(PYTHON) manage.py makemessages --all --add-location file --no-obsolete --no-wrap \
		--ignore tests --ignore benchmarks --ignore var
	@exec $(PYTHON) manage.py compilemessages --ignore .venv

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
