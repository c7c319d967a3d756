# The only entry point. `make` lists what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:

# Which packages cargo builds for the tool and the Rust hosts. `make test-all` builds the whole workspace once instead,
# with what the tests need, so that the tests and the conformance run share every dependency.
SCOPE ?= -p everyhost -p host-native -p host-wasmtime
EVERYHOST := target/debug/everyhost
SCRIPTS := crates/everyhost/scripts

# Each step says what it is, so that a long log can be read.
step = @printf '\n== %s\n' "$(1)"

.PHONY: help
help: ## Show this list
	@echo "Everyhost: one Rust module, every host, the same bytes."
	@echo
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

.PHONY: setup doctor
setup: ## Install what is missing, by package name (does nothing twice)
	@$(SCRIPTS)/setup.sh

doctor: ## Say what is here, what is missing and how to get it
	@$(SCRIPTS)/doctor.sh

# The main job

.PHONY: run tool modules
tool: setup
	@cargo build --locked --quiet $(SCOPE)

modules: tool ## Build the WebAssembly modules to target/modules and target/pkg
	@$(EVERYHOST) build

run: modules ## Build the modules, ask every host every vector, print the matrix, write target/report
	@$(EVERYHOST) run

.PHONY: run-native run-wasmtime run-node run-browser run-python
run-native: modules ## Run the example of the native host
	@cargo run --locked --quiet -p host-native --example native

run-wasmtime: modules ## Run the example of the wasmtime host
	@cargo run --locked --quiet -p host-wasmtime --example wasmtime

run-node: modules ## Run the example of the Node host
	@node hosts/node/example.mjs

run-browser: modules ## Run the example of the browser host, in Chromium
	@node hosts/browser/example.mjs

run-python: modules ## Run the example of the Python host
	@hosts/python/.venv/bin/python hosts/python/example.py

# Tests

.PHONY: test-all
test-all: SCOPE = --workspace --all-targets
test-all: ## Every test there is, strict: a missing host is a failure
	@$(MAKE) setup
	@$(MAKE) check SCOPE="$(SCOPE)"
	@$(MAKE) test-rust SCOPE="$(SCOPE)"
	@$(MAKE) test-wasi SCOPE="$(SCOPE)"
	@$(MAKE) test-bindgen SCOPE="$(SCOPE)"
	@$(MAKE) test-size SCOPE="$(SCOPE)"
	@$(MAKE) test-node SCOPE="$(SCOPE)"
	@$(MAKE) test-browser SCOPE="$(SCOPE)"
	@$(MAKE) test-python SCOPE="$(SCOPE)"
	@$(MAKE) test-vectors SCOPE="$(SCOPE)"
	@$(MAKE) test-conformance SCOPE="$(SCOPE)"
	$(call step,every test passed)

.PHONY: check
check: setup ## Formatting and lints of the Rust code
	$(call step,formatting and lints of the Rust code)
	@cargo fmt --all --check
	@cargo clippy --locked --quiet --workspace --all-targets -- -D warnings

.PHONY: test-rust test-native test-wasmtime test-wasi
test-rust: modules ## Unit and property tests in Rust, of every crate and both Rust hosts
	$(call step,unit and property tests in Rust)
	@cargo test --locked --quiet --workspace
	@cargo test --locked --quiet --manifest-path docs/listings/chapter/token-signer/Cargo.toml --target-dir target/listings

test-native: modules ## The tests of the native host
	@cargo test --locked --quiet -p host-native

test-wasmtime: modules ## The tests of the wasmtime host
	@cargo test --locked --quiet -p host-wasmtime

test-wasi: setup ## The C-linked crate's tests, compiled to WASI, in wasmtime
	$(call step,tests under WASI in wasmtime)
	@cargo test --locked --quiet --target wasm32-wasip1 -p c-linked-add

.PHONY: test-bindgen
test-bindgen: tool ## What JavaScript sees of the wasm-bindgen signer, and that no secret stays in its memory
	$(call step,the wasm-bindgen signer)
	@$(EVERYHOST) build --fixtures
	@node --test crates/token-signer-bindgen/tests/*.test.mjs

.PHONY: test-node test-browser test-python
test-node: modules ## The tests of the Node host
	$(call step,the Node host)
	@npm --prefix hosts/node run --silent format:check
	@npm --prefix hosts/node run --silent lint
	@npm --prefix hosts/node run --silent types
	@npm --prefix hosts/node run --silent test

test-browser: modules ## The tests of the browser host and its pages, in Chromium
	$(call step,the browser host)
	@npm --prefix hosts/browser run --silent format:check
	@npm --prefix hosts/browser run --silent lint
	@npm --prefix hosts/browser run --silent types
	@npm --prefix hosts/browser run --silent test

test-python: modules ## The tests of the Python host
	$(call step,the Python host)
	@hosts/python/check.sh

.PHONY: test-conformance test-vectors test-size
test-conformance: modules ## Every vector on every host, strict; and a mutant of each module on each host
	$(call step,every vector on every host)
	@$(EVERYHOST) run --strict --all
	@node $(SCRIPTS)/readme.mjs --check
	$(call step,a mutant of each module on each host)
	@CI=true $(EVERYHOST) mutants

test-vectors: tool ## vectors/ is what its sources give
	$(call step,vectors/ is what its sources give)
	@crates/vectors/fetch-sources.sh
	@target/debug/vectors generate --check

test-size: modules ## Every module keeps its size budget
	$(call step,size budgets)
	@$(EVERYHOST) size --check

# Figures, vectors, pages

.PHONY: bench size vectors readme serve
bench: modules ## Signing speed side by side, with plots (takes a few minutes)
	@$(EVERYHOST) bench

size: modules ## The size of every build, as a table
	@$(EVERYHOST) size

vectors: setup ## Regenerate vectors/ and the tables of codes from their sources
	@crates/vectors/fetch-sources.sh
	@cargo run --locked --quiet -p vectors -- generate

readme: ## Bring the figures of README.md in step with the last run
	@node $(SCRIPTS)/readme.mjs

serve: modules ## Serve the pages on this machine; Ctrl-C ends it
	@node hosts/browser/server.mjs
