# `make` alone prints this menu.

.DEFAULT_GOAL := menu
.PHONY: menu run build test check bench faults fuzz clean

menu:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

run: ## install what is missing, build, start the sandbox, create a payment link and print its URL
	@tools/run

build: ## the release build: build/release/paylink
	@tools/install run
	@tools/build release paylink

test: ## install, build, run every suite; T=name runs the tests of that name (a file, a suite, a case)
	@tools/test $(T)

check: ## formatting, the style as a program, and the linters; changes nothing
	@tools/check

bench: ## speed against Fastify, nginx, pgbench and the disk, as ratios; N=rounds, SECONDS=each, ENGINE=sqlite or postgres
	@tools/install bench
	@tools/build release paylink
	@bench/run

faults: ## kill -9 at random moments under load, and what was promised is there; N=cycles, SEED=, DATABASE=sqlite or postgres
	@tools/install $(if $(filter postgres,$(DATABASE)),test,run)
	@tools/build release paylink paylink-unsafe kill9
	@tests/faults/run

fuzz: ## the fuzz targets; SECONDS=for each, T=one of them, SEED=; goes on from what earlier runs found
	@tools/install test
	@tools/build asan fuzz_$(or $(T),all)
	@SECONDS=$(or $(SECONDS),60) tests/fuzz/run --keep $(T)

clean: ## forget everything that was built
	rm -rf build
