# Everything a developer runs. `make conformance` and `make test` work on a clean clone.

DENY_VERSION := 0.20.2
DENY := target/tools/bin/cargo-deny
MUTANTS_VERSION := 27.1.0
MUTANTS := target/tools/bin/cargo-mutants
PROOFHOUSE := target/debug/proofhouse
REPORT :=

# A check says that it has passed; .ci/run counts these lines.
passed = @echo "check: $@ passed"

.PHONY: help setup build assets clients conformance test format lint deny scripts unit suite prove bite soak fuzz bench clean

help: ## Print this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## Install what this machine lacks (Debian or Ubuntu, as root)
	@scripts/setup.sh

build: setup ## Build the proofhouse command, and the programs that go into images
	scripts/build.sh

assets: setup ## Build what goes into images, in target/assets, and the command
	scripts/assets.sh

clients: setup ## Install the AWS clients that tests drive, in target/tools/aws
	scripts/aws-clients.sh

conformance: suite ## Run the suite against the reference Defender (REPORT=folder for the report elsewhere)

test: format lint deny scripts unit suite ## Make all checks, run all tests, and the suite

format: setup
	cargo fmt --all --check
	$(passed)

lint: setup
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(passed)

deny: setup $(DENY)
	scripts/deny.sh $(DENY)
	$(passed)

scripts: setup
	python3 -B scripts/test_count.py
	scripts/test_recipes.sh
	$(passed)

# Unoptimised: it runs for a few seconds, and compiles for minutes.
$(DENY): | setup
	CARGO_TARGET_DIR=target/tools/build CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 cargo install --quiet --debug --locked cargo-deny@$(DENY_VERSION) --no-default-features --root target/tools
	rm -rf target/tools/build

unit: assets clients
	cargo test --locked --workspace --no-fail-fast
	$(passed)

# What the run has just recorded is judged again: the same reports, byte for byte.
suite: assets
	$(PROOFHOUSE) run --assets target/assets --expectations features/known-failures.json --check-secrets $(if $(REPORT),--report $(REPORT))
	scripts/judge-again.sh $(PROOFHOUSE) $(or $(REPORT),proofhouse-reports/latest)

prove: assets ## Prove the suite: each scenario must fail with a Defender, a Console or a Fargate that is broken on purpose
	scripts/prove.py
	$(passed)

bite: assets $(MUTANTS) ## Change the Defender, the embed or Fargate in one small place at a time, and see what notices (SAMPLE=n for another number)
	scripts/bite.py $(if $(SAMPLE),--sample $(SAMPLE))

soak: assets $(MUTANTS) ## Kill parts of the system a thousand times (KILLS=n, SEED=n), then judge 40 mutants of the Defender (SAMPLE=n)
	$(PROOFHOUSE) soak --kills $(or $(KILLS),1000) $(if $(SEED),--seed $(SEED))
	scripts/bite.py --sample $(or $(SAMPLE),40)
	$(passed)

$(MUTANTS): | setup
	CARGO_TARGET_DIR=target/tools/build CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 cargo install --quiet --debug --locked cargo-mutants@$(MUTANTS_VERSION) --root target/tools
	rm -rf target/tools/build

fuzz: setup ## Fuzz what reads bytes of others, each target for 10 minutes (SECONDS=n for another time)
	scripts/fuzz.sh $(if $(SECONDS),--seconds $(SECONDS))

bench: setup ## Measure, into proofhouse-reports/bench.json
	scripts/assets.sh --bench
	$(PROOFHOUSE) bench --assets target/assets

clean: ## Remove what was built, and what a killed run left in Docker
	[ ! -x $(PROOFHOUSE) ] || $(PROOFHOUSE) clean
	rm -rf target proofhouse-reports
