# Every command of the project. `make help` lists them; CI calls the same ones.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
MEMBERS := libs/common libs/platforms services/auth-linker services/publisher services/analytics cli console sandbox stack
PACKAGES := $(wildcard libs/*/src services/*/src cli/src console/src sandbox/src stack/src)
MIGRATIONS := $(wildcard services/*/migrations)
PYTEST := $(BIN)/python -m pytest
# One of the three has the whole stack to itself and mostly waits for it, so three keep two cores busy.
PARALLEL ?= -n 3 --dist loadfile
# Node.js comes as a wheel; its npm finds it by the path.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web --no-update-notifier
NPM_CI = PATH="$(CURDIR)/$(BIN):$$PATH" npm --no-update-notifier ci --silent --ignore-scripts --omit=dev --prefix
WEB_BIN = PATH="$(CURDIR)/$(BIN):$$PATH" web/node_modules/.bin
WEB_SOURCES := $(shell find web/src web/scripts -type f -not -path '*/generated/*' 2>/dev/null) web/index.html web/vite.config.ts web/tsconfig.json
STOREFRONT := examples/storefront
CONSUMER := examples/b2b-consumer

.PHONY: help
help: ## Shows this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-zA-Z0-9_-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' Makefile

##@ Run it

.PHONY: run
run: $(VENV)/local.done web/dist/.done ## Starts everything on this machine and prints `ready: http://localhost:8100`; Ctrl-C stops it
	@exec $(BIN)/python -m social_stack run

.PHONY: demo
demo: $(VENV)/local.done ## Links, shares, publishes and measures without a hand; stack=URL uses a running stack
	@exec $(BIN)/python -m social_stack demo $(if $(stack),--stack $(stack))

.PHONY: token
token: $(VENV)/local.done ## Prints an access token for the running stack: make token user=<uuid> [operator=1]
	@$(if $(user),,$(error Say whose token: make token user=<uuid>)) exec $(BIN)/python -m social_stack token --user $(user)$(if $(operator), --operator)

.PHONY: web
web: web/dist/.done ## Builds the screens: the console and the elements that other pages embed, into web/dist

.PHONY: storefront
storefront: $(VENV)/local.done $(STOREFRONT)/dist/react.js ## Serves the example of a shop that embeds the elements, beside a running stack
	@$(BIN)/python -m social_stack token --user 00000000-0000-4000-8000-000000000001 > $(STOREFRONT)/access-token
	@exec $(BIN)/python $(STOREFRONT)/serve.py

##@ Check it

.PHONY: check
check: $(VENV)/dev.done web/node_modules/.done contracts/lint/node_modules/.done $(CONSUMER)/node_modules/.done ## Format, lint, types, import layers, contract and migration drift
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/mypy tests bench
	$(BIN)/lint-imports
	$(BIN)/python -m social_stack contracts
	$(BIN)/python -m social_stack migrations
	$(NPM) run --silent check
	$(BIN)/node contracts/lint/lint.js
	$(WEB_BIN)/biome check --config-path=web contracts/lint/lint.js $(CONSUMER)/src
	$(WEB_BIN)/tsc --project $(CONSUMER) --typeRoots web/node_modules/@types

.PHONY: test
test: $(VENV)/dev.done web/node_modules/.done $(CONSUMER)/node_modules/.done ## Every test that needs no container runtime and no browser
	$(if $(tests),,$(NPM) test --silent)
	$(PYTEST) $(PARALLEL) -m "not long" --ignore tests/e2e $(tests)

.PHONY: test-long
test-long: $(VENV)/dev.done ## The tests that take minutes
	$(PYTEST) -m long --timeout 1800

.PHONY: e2e
e2e: $(VENV)/dev.done web/dist/.done $(STOREFRONT)/dist/react.js ## The browser tests, in a Chromium of this machine
	@$(BIN)/python -m tests.e2e.chromium
	$(PYTEST) $(or $(tests),tests/e2e)

.PHONY: chaos
chaos: $(VENV)/dev.done ## The nemesis run: make chaos minutes=N seed=S
	@exec $(BIN)/python -m tests.chaos $(if $(minutes),--minutes $(minutes)) $(if $(seed),--seed $(seed)) $(if $(rate),--rate $(rate))

.PHONY: rolling
rolling: $(VENV)/dev.done ## Restarts every process under load, one after another, and says whether anybody noticed
	@exec $(BIN)/python -m tests.chaos.rolling

.PHONY: crash-points
crash-points: $(VENV)/dev.done ## Kills a process at every named moment, on every platform, and judges what came of it
	@exec $(BIN)/python -m tests.chaos.crash_matrix

.PHONY: mutations
mutations: $(VENV)/dev.done ## Removes one guard at a time in a copy, and sees that the harness notices; only=NAME
	@exec $(BIN)/python -m tests.chaos.mutations $(if $(only),--only $(only))

.PHONY: compose-test
compose-test: $(VENV)/dev.done ## Tries docker-compose.yml from a clean clone, and restarts each container; needs a container engine
	@exec $(BIN)/python -m tests.deploy.compose

.PHONY: cluster-test
cluster-test: $(VENV)/dev.done ## Strikes the product in a cluster under load; needs a cluster, kubectl and images: load="kind load image-archive"
	@exec $(BIN)/python -m tests.cluster $(if $(load),--load "$(load)") $(if $(from),--from $(from)) $(if $(only),--only $(only))

.PHONY: bench
bench: $(VENV)/dev.done ## The benchmarks with their baselines: make bench [only=NAME] [rows=N]
	@exec $(BIN)/python -m bench $(if $(only),--only $(only)) $(if $(rows),--rows $(rows))

##@ Keep it

.PHONY: format
format: $(VENV)/dev.done web/node_modules/.done ## Formats the code and mends what lint can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(NPM) run --silent format

.PHONY: contracts
contracts: $(VENV)/dev.done ## Exports OpenAPI, AsyncAPI, JSON Schemas and docs/settings.md; released=1 takes them for released
	$(BIN)/python -m social_stack contracts --write $(if $(released),--release)

.PHONY: lock
lock: LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --upgrade \
  --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%dT00:00:00Z)" --exclude-newer-package fastapi=2026-11-20
lock: $(VENV)/uv.done ## Renews the hashed locks from requirements/*.in, and the images' from deploy/images/build.in
	for name in run local dev; do \
	  $(LOCK) --python-version 3.11 requirements/$$name.in --output-file requirements/$$name.lock \
	    $$([ $$name = run ] || echo "--constraints requirements/run.lock") || exit 1; \
	done
	$(LOCK) --python-version 3.13 deploy/images/build.in --output-file deploy/images/build.lock

.PHONY: screenshots
screenshots: $(VENV)/dev.done web/dist/.done ## Photographs every screen anew into docs/screens, with a stack of its own
	@$(BIN)/python -m tests.e2e.chromium
	@exec $(BIN)/python -m tests.e2e.screenshots

.PHONY: clean
clean: ## Removes the local stack's data and everything built
	rm -rf .data .build $(VENV) web/node_modules web/dist contracts/lint/node_modules $(CONSUMER)/node_modules $(STOREFRONT)/dist web/src/api/generated .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# --- installation: one virtual environment, from the hashed locks ------------------------------------------------

# stdout stays free for what a command prints (make token).
$(VENV)/uv.done:
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) was not found. Install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $$($(PYTHON) --version) is too old; Python 3.11 or newer is needed (PYTHON=... names another)."; exit 1; }
	@echo "installing: a virtual environment in $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV) || { echo "error: the venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/local.done: $(VENV)/uv.done requirements/local.lock $(MEMBERS:%=%/pyproject.toml)
	@if [ -e $(VENV)/dev.done ] && \
	  [ -z "$$(find requirements/dev.lock $(MEMBERS:%=%/pyproject.toml) -newer $(VENV)/dev.done)" ]; then touch $@; else \
	  echo "installing: what the local stack needs" >&2 && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/local.lock && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(MEMBERS:%=-e %) && touch $@; fi

$(VENV)/dev.done: $(VENV)/uv.done requirements/dev.lock $(MEMBERS:%=%/pyproject.toml)
	@echo "installing: what checks and tests need" >&2
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(MEMBERS:%=-e %)
	@touch $@

web/node_modules/.done: web/package-lock.json $(VENV)/local.done
	@echo "installing: what the screens are built with" >&2
	@$(NPM) ci --silent
	@touch $@

contracts/lint/node_modules/.done: contracts/lint/package-lock.json $(VENV)/local.done
	@$(NPM_CI) contracts/lint
	@touch $@

$(CONSUMER)/node_modules/.done: $(CONSUMER)/package-lock.json $(VENV)/local.done
	@$(NPM_CI) $(CONSUMER)
	@touch $@

web/dist/.done: web/node_modules/.done $(WEB_SOURCES) $(wildcard contracts/openapi/*.json)
	@echo "building: the screens" >&2
	@$(NPM) run --silent build
	@touch $@

$(STOREFRONT)/dist/react.js: web/node_modules/.done web/storefront.config.ts $(STOREFRONT)/react.jsx $(STOREFRONT)/shop.js
	@$(NPM) run --silent storefront -- --logLevel warn
	@touch $@
