# SPDX-License-Identifier: GPL-2.0-only
# `make help` lists what a user does. The rules for one ISA's image are in build.mk.

PYTHON	:= /usr/bin/python3
include isa.mk
include options.mk
include flavour.mk
export BUILD LLVM DEBUG BUSTED SAN V CROSS_COMPILE PREFIX DESTDIR

MK	:= $(MAKE) --no-print-directory -j$(shell nproc) -f build.mk
# The tool reads the options of a run in its environment; TRY: are they right? Before a long build.
FP	:= $(PYTHON) tools/fencepost --make
TRY	= @$(FP) --try $@

# The parts of `run` and `compare` follow one another; each build is parallel inside.
.NOTPARALLEL:
.PHONY: help deps all build run image images compare litmus report thread check check-long mutants
.PHONY: bench fuzz debug lint clean campaign compile_commands.json tags install
.DEFAULT_GOAL := help

help: ## this list
	@echo "Fencepost: a bare-metal SMP test kernel for $(ARCHES)"
	@echo
	@grep -hE '^[a-z_.-]+:.*## ' Makefile | sed -E 's/^([a-z_.-]+):.*## /  make \1\t/' | \
		awk -F'\t' '{printf "%-18s %s\n", $$1, $$2}'
	@echo
	@echo "  run, debug: ARCH=riscv64 MACHINE=sifive_u TESTS='litmus.SB*' SMP=4 SEED=7 SECS=1"
	@echo "  litmus: FILE=a file or folder, ARCH= SMP= SEED= SECS= TOTAL=60 (of all)"
	@echo "          HERD_LINUX=DIR (Linux's model for herd7) HERD_VARIANT=lkmmv2 NO_HERD=1"
	@echo "  thread: QUICK=1 (nothing free-running) VARIANTS=V0,W3 TRIES=10 JOBS=2 SECS=600"
	@echo "          RESUME=1 (go on with an interrupted run of the same images and options)"
	@echo "  mutants: MUTANTS='rcu.* mm.cow*' CLASS=window SAMPLE=20 ARCH= JOBS=2 RESUME=1"
	@echo "  fuzz: FUZZ='fdt acpi' SECS=600 SEED=1"
	@echo "  check: ARCH=, STOP=1 (at the first failure), LAST_FAILED=1, RESUME=1, SHARD=2/4"
	@echo "  compare: the options of run, ARCH= names some, with commas; bench: ARCH= SECS="
	@echo "  LLVM=1: clang and lld; DEBUG=0: without checks; BUSTED=mb: broken smp_mb();"
	@echo "  SAN=undefined (and, on ARCH=hosted, address): what the compiler's sanitizers find;"
	@echo "  BUILD=native: time, scheduling, interrupts by kernel/native/ (the only one)"
	@echo "  V=1: show commands; DEPS=0: look for no packages; OFFLINE=1: install none;"
	@echo "  CROSS_COMPILE=PREFIX-: another compiler, for one ISA; O=DIR: build/ lies there"
	@echo "  All of it stands behind make: ARCH, LLVM and so on of the environment are not used"

# The files of boards/ whose firmware or tools are needed: of MACHINE= or BOARD=, or all.
DEPS_BOARDS = $(strip $(if $(filter check check-long images,$(MAKECMDGOALS)),\
	$(wildcard boards/*.toml),$(foreach b,$(MACHINE) $(BOARD),$(wildcard boards/*$(b)*.toml))))

# The ISAs, if of all that is asked for nothing needs another; and what deps.sh is to look for.
NARROW	:= build compile_commands.json run debug image compare litmus thread bench campaign
DEPS_ISA = $(if $(filter-out $(NARROW),$(or $(MAKECMDGOALS),all)),,$(if $(BOARD),$(BOARD_ARCH),\
	$(or $(CHOSEN),$(if $(filter $(SEVERAL),$(MAKECMDGOALS)),$(ARCHES),$(ARCH)))))
DEPS_FOR = $(if $(filter-out $(NARROW) all images report,$(or $(MAKECMDGOALS),all)),tests) \
	$(filter report litmus,$(MAKECMDGOALS)) \
	$(if $(filter debug deps check-long,$(MAKECMDGOALS)),debug) \
	$(filter campaign fuzz,$(MAKECMDGOALS))

deps: ## install what is missing, from Debian's packages only (DEPS=0 behind a command: do not)
	$(if $(filter 0,$(DEPS)),,@ONLY="$(strip $(DEPS_ISA))" FOR="$(strip $(DEPS_FOR))" \
		tools/deps.sh $(DEPS_BOARDS))

# The images of those ISAs that ARCH= names, or of all.
BUILD_CHOSEN = @$(if $(HOSTED),$(MK) $(BUILT),\
	for a in $(or $(CHOSEN),$(ARCHES)); do $(MK) ARCH=$$a $(MORE) || exit; done)
# And the process, if its ISA is one of those.
BUILD_PROCESS = $(if $(HOSTED),,$(if $(filter $(NATIVE),$(or $(CHOSEN),$(ARCHES))),\
	@$(MK) ARCH=hosted $(MORE)))
bench: MORE := DEBUG=0

all: deps ## the images of all ISAs, and the kernel as a process of this host
	@for a in $(ARCHES); do $(MK) ARCH=$$a || exit; done
	$(BUILD_PROCESS)

build: ## the image of one ISA (ARCH=; hosted: of this host's, as a Linux process)
	@$(MK) $(BUILT)

run: deps ## boot one ISA and run tests (ARCH= MACHINE= TESTS= SMP= SEED= SECS=)
	$(TRY)
	@$(MK) $(BUILT)
	@$(FP) run

# The ISA of a board, from its file.
BOARD_FILE = $(firstword $(wildcard boards/$(BOARD).toml boards/*$(BOARD)*.toml))
BOARD_ARCH = $(or $(patsubst arch=%,%,$(filter arch=%,$(subst ",,$(subst arch = ,arch=,\
	$(if $(BOARD_FILE),$(file <$(BOARD_FILE))))))),$(ARCH))

image: deps ## what to write to a board's card, and how it is started (BOARD= TESTS= SEED= SECS=)
	$(if $(BOARD),,$(error make image needs BOARD=: tools/fencepost boards lists them))
	$(TRY)
	@$(MK) ARCH=$(BOARD_ARCH)
	@$(FP) image

images: all ## the same for every board of boards/
	@OPTION_BOARD=all $(FP) image

compare: deps ## the main job: boot the ISAs, print their ordering side by side
	$(TRY)
	$(BUILD_CHOSEN)
	$(BUILD_PROCESS)
	@$(FP) compare

litmus: deps ## your own litmus files on every ISA (FILE=a file or folder, ARCH= SECS= TOTAL= SMP=)
	$(TRY)
	$(BUILD_CHOSEN)
	$(BUILD_PROCESS)
	@$(FP) litmus

report: deps ## what was saved last, as one HTML file: results/report.html
	@$(FP) report

thread: deps ## the thread of 2008: every variant and claim, on every ISA
	$(TRY)
	$(BUILD_CHOSEN)
	$(BUILD_PROCESS)
	@$(FP) thread

check: deps ## does everything work? the project's tests on every ISA
	$(TRY)
	$(BUILD_CHOSEN)
	$(BUILD_PROCESS)
	@$(FP) check

check-long: all ## what takes hours: another Debian, torture, mutants, the thread (SECS= RESUME=1)
	@$(FP) check-long

campaign: deps ## a long run in jobs (CAMPAIGN=torture|thread|check ON=host,host JOBS= SECS= SEEDS=)
	$(if $(CAMPAIGN),,$(error make campaign needs CAMPAIGN=torture, thread or check))
	$(TRY)
	$(BUILD_CHOSEN)
	@$(FP) campaign

mutants: deps ## plant every fault of tests/mutants/, one at a time: does a test notice?
	@$(FP) mutants

fuzz: deps ## inputs made up for parsers, litmus files, the memory manager (FUZZ= SECS= each)
	@$(FP) fuzz

bench: deps ## speed of the litmus engine and the memory manager, per ISA
	$(TRY)
	$(BUILD_CHOSEN)
	@DEBUG=0 $(FP) bench

debug: deps ## QEMU stopped at its first instruction, gdb attached with symbols (ARCH=)
	$(TRY)
	@$(MK) ARCH=$(ARCH)
	@$(FP) debug

compile_commands.json: deps ## how each file is compiled, for clangd and editors (ARCH=)
	@$(MK) $(BUILT) $@

tags: ## an index of the sources for editors, by ctags
	@command -v ctags >/dev/null || \
		{ echo "no ctags: apt-get install universal-ctags" >&2; exit 2; }
	ctags --exclude=build --exclude=results -R .

install: ## the tool, the images that are built, a man page, completion (PREFIX= DESTDIR=)
	@tools/install.sh

lint: ## formatting, house rules, the pairs that barrier comments name
	@$(PYTHON) tools/fencepost lint

clean: ## remove build/
	$(if $(wildcard build/.),rm -rf "$$(realpath build)")
	rm -rf build
