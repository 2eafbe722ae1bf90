# `make help` lists what there is. Everything is built in build/, by CMake and Ninja with clang-19 (CMakePresets.json).
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
export CCACHE_DIR ?= $(CURDIR)/.cache/ccache
export CCACHE_BASEDIR := $(CURDIR)

.PHONY: help deps build test test-all seeds soak bench bench-quick demo demo-clean demo-warehouse format lint check install deb images clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

deps: ## install the Debian packages that building and testing need (root or sudo)
	@scripts/install-packages test

build: ## build the programs into build/release/bin
	@scripts/install-packages build
	@scripts/build release

demo: ## run the proof of concept: orders from PostgreSQL and CSV, a mail when too many are in error
	@scripts/install-packages demo
	@scripts/build release
	@examples/order_quality/demo

demo-warehouse: build ## run two DAGs with S3 and Redshift, Cloud Storage and BigQuery, against stand-ins that it installs and starts
	@scripts/install-moto
	@scripts/install-fake-gcs
	@scripts/install-bqemulator
	@examples/warehouse/demo

demo-clean: ## end and remove everything that `make demo` made
	@examples/order_quality/demo --clean

test: deps ## build and pass all tests
	@scripts/test

test-all: deps ## the tests, and the slow ones too: thread sanitizer, long fault rounds, large databases, packages, containers, arm64
	@scripts/install-packages packages slow browser
	@scripts/install-moto
	@scripts/install-fake-gcs
	@scripts/install-bqemulator
	@scripts/install-parquet
	@scripts/test --all

seeds: deps ## play random worlds against the scheduler: SECONDS=60 new ones for so long, SEED=n one again and all its steps
	@scripts/build release seeds
	@build/release/tests/seeds/seeds $(if $(SEED),--seed $(SEED) --story,--seconds $(or $(SECONDS),60))

soak: deps ## 30 days of schedules and an hour under load (SECONDS=60: a minute): memory, files and database stay level
	@scripts/build release
	@python3 tests/soak/soak.py --seconds $(or $(SECONDS),3600)

bench: ## measure everything of docs/benchmarks.md, compare with the limits, write build/bench/results.json
	@scripts/install-packages bench
	@scripts/build release bench
	@bench/run

bench-quick: ## one short run of each row, without judging it
	@scripts/install-packages bench
	@scripts/build release bench
	@bench/run --quick

format: ## format the sources
	@git ls-files '*.h' '*.cpp' | xargs clang-format-19 -i

check: ## format, include arrows, headers alone
	@git ls-files '*.h' '*.cpp' | xargs clang-format-19 --dry-run -Werror
	@scripts/check-includes
	@scripts/check-headers

lint: ## clang-tidy over the sources that changed since they last passed
	@cmake --preset release >/dev/null
	@scripts/lint

install: build ## install into PREFIX (default /usr/local)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

deb: ## make the Debian packages venturi and venturi-dev in build/deb
	@scripts/install-packages build packages
	@scripts/deb

images: ## make the images venturi and venturi:sdk with Docker
	docker build --build-arg COMMIT="$(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null)" --target venturi -t venturi .
	docker build --build-arg COMMIT="$(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null)" --target sdk -t venturi:sdk .

clean: ## remove build/
	rm -rf build
