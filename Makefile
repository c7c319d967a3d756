# The only entry point. `make` lists what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
# In the lanes of `make test-all`: cargo would look for make's job server, which is not there for it.
ifdef LANES
unexport MAKEFLAGS MFLAGS
endif

# Which packages cargo builds for the tool and the Rust hosts. `make test-all` builds the whole workspace once instead,
# with what the tests need, so that the tests and the conformance run share every dependency.
SCOPE ?= -p everyhost -p xtask -p host-native -p host-wasmtime
EVERYHOST := target/debug/everyhost
XTASK := target/debug/xtask

# Each step of the tests says what it is and how long it took.
step = @scripts/step.sh "$(1)"

# What tests need before them. In the lanes of `make test-all` all of it is there.
MODULES := $(if $(LANES),,modules)
FIXTURES := $(if $(LANES),,fixtures)

.PHONY: help
help: ## Show this list
	@echo "Everyhost: one Rust module, every host, the same bytes."
	@echo
	@grep -hE '^(# )?[a-z<>-]+:.*## ' $(MAKEFILE_LIST) | sed 's/^# //' | awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'
	@echo
	@echo "  Hosts: $(sort $(EXAMPLES))"

.PHONY: setup toolchain doctor
setup: ## Install what is missing, by package name: says what before it does, and does nothing twice
	@scripts/setup.sh

toolchain:
	@scripts/setup.sh toolchain

doctor: ## Say what is here, what is missing and how to get it
	@scripts/doctor.sh

# The main job

.PHONY: hello run modules fixtures
hello: toolchain ## One signature in every language that is set up (20 seconds; installs no host)
	@node scripts/hello.mjs

run: ## Every host runs the known answers; the report is in target/report (first 10 to 15 minutes, then 2)
	@node scripts/prepare.mjs --run -- $(SCOPE)

modules: ## Build the tools, the Rust hosts and the modules: to target/modules and target/pkg
	@node scripts/prepare.mjs -- $(SCOPE)

# Also the modules for tests alone: variants that leak, trap or check themselves.
fixtures:
	@node scripts/prepare.mjs --fixtures -- $(SCOPE)

EXAMPLES := $(patsubst hosts/%/example.json,%,$(wildcard hosts/*/example.json))

# run-<host>: ## The example of one host
.PHONY: $(EXAMPLES:%=run-%)
$(EXAMPLES:%=run-%): run-%:
	@node scripts/prepare.mjs --example $* -- $(SCOPE)
	@$$(node --print "require('./hosts/$*/example.json').command.join(' ')")

# Tests

.PHONY: test-all
test-all: SCOPE = --workspace --all-targets
# Once everything is built, two lanes: most tests use one core, or wait. The longest come first, and what prints is kept
# together. The matrix keeps both cores busy by itself.
test-all: ## Every test there is, strict: a missing host is a failure
	@$(MAKE) fixtures SCOPE="$(SCOPE)"
	$(call step,the wheel of the tool) env SCOPE="$(SCOPE)" crates/everyhost/package.sh dev
	@$(MAKE) --jobs=2 --output-sync=target LANES=2 SCOPE="$(SCOPE)" test-rust test-java test-walk check test-browser \
	  test-pages test-hosts test-packages test-tool test-mutants test-wasi check-dependencies test-own test-writers test-bindgen test-component test-size test-vectors
	@$(MAKE) test-conformance LANES=1
	@printf '\n== every test passed\n'

.PHONY: check check-dependencies
# Each takes a second. ADVISORIES=yes asks RustSec's list too, which is on GitHub.
check-dependencies: toolchain ## The crates against deny.toml, the workflows against zizmor; ADVISORIES=yes for known vulnerabilities
	$(call step,what this project depends on) scripts/dependencies/check.sh $(if $(ADVISORIES),--advisories)

check: toolchain ## Formatting, lints and documentation of the Rust code
	$(call step,the formatting of the Rust code) cargo fmt --all --check
	$(call step,lints of the Rust code) cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
	@# An example too, or cargo checks half of the crates once more, with fewer features.
	$(call step,the documentation of the Rust code) env RUSTDOCFLAGS='-D warnings' \
	  cargo doc --locked --quiet --workspace --no-deps --lib --example sample

.PHONY: test-rust test-native test-wasmtime test-wasi
test-rust: $(FIXTURES) ## Unit and property tests in Rust, of every crate and both Rust hosts; and their examples
	$(call step,unit and property tests in Rust) cargo test --locked --quiet --workspace
	$(call step,the examples in Rust) node hosts/examples.mjs native wasmtime
	$(call step,the adapters in Rust) node hosts/adapters.mjs native wasmtime oracle-reference

test-native: ## The tests of the native host
	@node scripts/prepare.mjs --tests native -- $(SCOPE)
	@cargo test --locked --quiet -p host-native
	@node hosts/examples.mjs native

test-wasmtime: fixtures ## The tests of the wasmtime host
	@cargo test --locked --quiet -p host-wasmtime
	@node hosts/examples.mjs wasmtime

# `make hostile MODULE=signer_raw SEED=2` makes other calls, of one module. `make test-all` makes 200,000 in all.
CALLS := 10000000
SEED := 1
.PHONY: hostile
hostile: modules ## 10,000,000 hostile calls of each signer, against a model (takes an hour)
	@EVERYHOST_HOSTILE_CALLS=$(CALLS) EVERYHOST_HOSTILE_SEED=$(SEED) \
	  cargo test --locked --quiet -p host-wasmtime --test tests -- --nocapture hostile::$(MODULE)

# Do the signers leak their secret? One looks at the instructions, the other at the clock. The module that leaks on purpose
# must be found by both.
LEAKY := signer-raw-planted-leak
SIGNERS := $(shell sed -n 's/^modules = //p' crates/leak-check/allowed.toml | grep -o 'signer-[a-z-]*' | sort -u)

.PHONY: leak-check timing
leak-check: fixtures ## No branch, address or division of a signer depends on its secret
	@cargo test --locked --quiet -p leak-check

timing: modules ## Time signers with a fixed and with random secrets, as dudect does (takes a minute)
	@$(XTASK) build --module $(LEAKY)
	@cargo run --locked --quiet -p leak-check --example timing -- $(wildcard $(SIGNERS:%=target/modules/%.wasm))
	@cargo run --locked --quiet -p leak-check --example timing -- --expect-leak target/fixtures/$(LEAKY).wasm

# With the runner that the scope has built: `cargo run`, as .cargo/config.toml has it, would build wasmtime once more.
test-wasi: SCOPE = -p wasi-runner
test-wasi: toolchain ## The C-linked crate's tests, compiled to WASI, in wasmtime
	@cargo build --locked --quiet $(SCOPE)
	$(call step,tests under WASI in wasmtime) env CARGO_TARGET_WASM32_WASIP1_RUNNER=$(CURDIR)/target/debug/wasi-runner \
	  cargo test --locked --quiet --target wasm32-wasip1 -p c-linked-add

.PHONY: test-bindgen
test-bindgen: $(FIXTURES) ## What JavaScript sees of the wasm-bindgen signer, and that no secret stays in its memory
	$(call step,the wasm-bindgen signer) node --test crates/token-signer-bindgen/tests/*.test.mjs

.PHONY: test-component
test-component: $(FIXTURES) ## No secret stays in the component's memory, and its core module signs through the canonical ABI
	$(call step,the component) node --test crates/token-signer-component/tests/*.test.mjs

# The hosts that are not Rust: each has its formatting, lints and tests in one script.
CHECKED := $(patsubst hosts/%/check.sh,%,$(wildcard hosts/*/check.sh))

.PHONY: test-hosts $(CHECKED:%=test-%)
test-hosts: READY := yes
test-hosts: $(FIXTURES) $(CHECKED:%=test-%) ## The tests of every host that is not Rust

# test-<host>: ## The formatting, lints and tests of one host
$(CHECKED:%=test-%): test-%:
	@$(if $(LANES)$(READY),,node scripts/prepare.mjs --tests $* -- $(SCOPE))
	$(call step,the $* host) hosts/$*/check.sh

.PHONY: test-conformance test-mutants test-own test-writers test-vectors test-size
test-conformance: $(MODULES) ## Every vector on every host, strict
	$(call step,every vector on every host) $(EVERYHOST) run --strict --all-fast
	@node docs/tool/main.mjs matrix-check
	@$(MAKE) results
	$(call step,the site of these results in Chromium) env RESULTS=target/results node --test --test-timeout=300000 hosts/browser/tests/results.test.mjs

test-mutants: $(MODULES) ## A mutant of each module on each host: every one must be found
	$(call step,a mutant of each module on each host) env CI=true $(EVERYHOST) mutants

test-own: $(MODULES) ## A module that is not ours on every host, strict
	@mkdir -p target/own-strict && docs/listings/bring-your-own/build.sh target/own-strict
	$(call step,a module that is not ours on every host) $(EVERYHOST) run --strict --module target/own-strict/checksum.wasm \
	  --vectors docs/listings/bring-your-own/vectors --report target/own-strict/report

test-writers: $(MODULES) ## The writers of vectors in Python, JavaScript and Rust: all write the same set, and hosts answer it so
	@$(if $(LANES),,cargo build --locked --quiet -p vectors --example sample)
	$(call step,the writers of vectors) writers/check.sh wasmtime node

test-vectors: $(MODULES) ## vectors/ is what its sources give
	@crates/vectors-generate/fetch-sources.sh
	$(call step,vectors/ is what its sources give) target/debug/vectors-generate generate --check

test-size: $(MODULES) ## Every module keeps its size budget
	$(call step,size budgets) $(XTASK) size --check

.PHONY: test-book test-walk test-pages
test-book: test-pages test-walk ## The book: links, listings, outputs, exercises and live parts are what it says they are

test-walk: $(MODULES) ## The book from empty folders: what it shows is what comes out
	$(call step,the book from empty folders: what it shows is what comes out) env SCOPE="$(SCOPE)" node docs/tool/main.mjs walk

test-pages: $(MODULES)
	$(call step,mdBook) docs/build.sh setup
	$(call step,the book's own tool) docs/tool/check.sh
	$(call step,links and listings of the book) node docs/tool/main.mjs check
	$(call step,the exercises: every start fails and every solution passes) node docs/tool/main.mjs exercises
	$(call step,the built book) docs/build.sh
	$(call step,links of the built book) node docs/tool/main.mjs check --built
	$(call step,the book as an EPUB) docs/tool/epubcheck/check.sh
	$(call step,the live parts of the book) env BOOK=$(CURDIR)/target/book docs/live/check.sh

# A package for each language, with the modules inside: target/packages/. Each is then used as a stranger would: installed in an
# empty folder, with nothing else of ours.
PACKED := $(patsubst hosts/%/package.sh,%,$(wildcard hosts/*/package.sh))

.PHONY: packages test-packages $(PACKED:%=test-package-%)
packages: modules ## A package for each language, with the modules inside, to target/packages; and what is in each
	@set -e; for host in $(PACKED); do hosts/$$host/package.sh; done
	@scripts/dependencies/sbom.sh

test-packages: READY := yes
test-packages: $(MODULES) $(PACKED:%=test-package-%) ## Every package, installed in an empty folder and used there
	$(call step,what is in each package) scripts/dependencies/test.sh

# test-package-<host>: ## The package of one host
$(PACKED:%=test-package-%): test-package-%:
	@$(if $(LANES)$(READY),,node scripts/prepare.mjs --tests $* -- $(SCOPE))
	$(call step,the package of $*) hosts/$*/test-package.sh

.PHONY: tool test-tool
tool: modules ## The tool that needs no clone, as a wheel: to target/packages/tool
	@crates/everyhost/package.sh

# Not optimized: that takes minutes. The release tries the one that it publishes.
test-tool: $(MODULES) ## The tool without the clone, in an empty home, on Node, Python, Go and Chromium
	$(if $(LANES),,@SCOPE="$(SCOPE)" crates/everyhost/package.sh dev)
	$(call step,the tool without the clone) scripts/test-tool.sh

# Figures, vectors, the book

.PHONY: bench size vectors book epub serve
bench: modules ## Signing and verifying speed on every host, side by side (17 minutes); HOSTS=node,deno for some
	@cargo build --locked --quiet $(SCOPE) -p everyhost-bench --bin everyhost-bench
	@target/debug/everyhost-bench $(if $(HOSTS),--only $(HOSTS))

size: modules ## The size of every build, as a table
	@$(XTASK) size

vectors: toolchain ## Regenerate vectors/ and the tables of codes from their sources
	@crates/vectors-generate/fetch-sources.sh
	@cargo run --locked --quiet -p vectors-generate -- generate

book: modules ## Build the book: to target/book
	@docs/build.sh

epub: book ## The book as an EPUB: to target/everyhost.epub
	@node docs/tool/main.mjs epub

# scripts/earlier-reports.mjs fetches target/earlier-reports from the published site.
.PHONY: results site
results: ## A site of the last report and target/earlier-reports: to target/results
	@$(EVERYHOST) publish $(wildcard target/earlier-reports/*.json.gz) target/report --out target/results

site: epub results ## The book, also as an EPUB, and the results as one site: to target/site
	@rm -rf target/site.new && cp -r target/book target/site.new && cp -r target/results target/site.new/results
	@cp target/everyhost.epub target/site.new
	@rm -rf target/site && mv target/site.new target/site

serve: modules ## Serve the book and the pages on this machine, with live reload; Ctrl-C ends it
	@node docs/tool/serve.mjs
