# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: help setup run demo test soak check lint types imports golden manifest teams-package pictures bench encoder clean chromium

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 16

setup: $(STAMP) ## Virtual environment with locked versions; examples encoded ahead

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed, this is {v[0]}.{v[1]}: set PYTHON=python3.12, say")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/chatbot prepare
	touch $(STAMP)

demo: setup ## The main job: staff chat and the DSL's inbox at http://127.0.0.1:8000
	$(BIN)/chatbot demo

run: demo ## The same as demo

test: setup chromium ## Every test
	$(BIN)/python -m pytest -n 4 --dist loadfile

soak: setup ## The crash tests in full, on both databases, and every Slack story over HTTP and Socket Mode (about 25 minutes)
	SOAK=1 $(BIN)/python -m pytest tests/escalations tests/e2e/slack

chromium: ## A browser for the end-to-end tests, from Debian's packages where it may
	@if [ -z "$(CHROMIUM)" ]; then \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -q -y --no-install-recommends chromium; \
	  else echo "chromium is missing: the end-to-end tests need it. Install it (Debian: sudo apt-get install chromium) and run again." >&2; exit 1; fi; fi

check: setup ## Every problem of the knowledge, and what it covers
	$(BIN)/chatbot check

lint: setup ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy, strict
	$(BIN)/mypy

imports: setup ## The directions of imports
	$(BIN)/lint-imports

manifest: setup ## Write the manifests in manifest/ from their sources
	$(BIN)/chatbot manifest slack > manifest/slack.yaml
	$(BIN)/chatbot manifest slack --address https://YOUR-ADDRESS > manifest/slack-http.yaml
	$(BIN)/chatbot manifest teams --app-id 00000000-0000-0000-0000-000000000000 --address https://YOUR-ADDRESS > manifest/teams/manifest.json

teams-package: setup ## dist/policy-guide-teams.zip to upload to Teams, from TEAMS_APP_ID and CHATBOT_PUBLIC_URL; checked first
	@mkdir -p dist && rm -f dist/policy-guide-teams.zip
	@$(BIN)/chatbot manifest teams > dist/teams-manifest.json
	TEAMS_MANIFEST=dist/teams-manifest.json $(BIN)/python -m pytest -q tests/test_manifest_teams.py -k "schema or limits"
	@$(BIN)/chatbot manifest teams --package dist/policy-guide-teams.zip

pictures: setup chromium ## Draw the Teams cards with Microsoft's renderer into ./pictures (needs npm)
	PICTURES=pictures $(BIN)/python -m pytest -q tests/adapters/teams/test_pictures.py

golden: setup ## Rewrite the golden files; read the diff before you keep it
	GOLDEN=1 $(BIN)/python -m pytest -q tests/adapters

bench: setup ## Measure, and write BENCHMARKS.md
	$(BIN)/chatbot bench --write BENCHMARKS.md

encoder: setup ## Retrain the sentence encoder (see CONTRIBUTING.md); BASE=folder of all-MiniLM-L6-v2
	$(BIN)/python -m pip install --quiet torch==2.13.0 transformers onnx onnxscript
	$(BIN)/python -m adapters.semantic.training $(BASE) --layers 4

clean: ## Remove what the other targets made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
