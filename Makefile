# SPDX-License-Identifier: GPL-2.0-only
# `make help` lists what a user does. The rules for one ISA's image are in build.mk.

PYTHON	:= /usr/bin/python3
FP	:= $(PYTHON) tools/fencepost
MK	:= $(MAKE) --no-print-directory -j$(shell nproc) -f build.mk

include isa.mk
include flavour.mk
ARCH	?= $(firstword $(ARCHES))
export BUILD LLVM DEBUG BUSTED

ifneq ($(filter-out $(ARCHES),$(ARCH)),)
$(error ARCH=$(ARCH) is none of: $(ARCHES))
endif

# A command refuses options that it would ignore.
OPTIONS	:= ARCH MACHINE TESTS SMP SEED SECS APPEND ACCEL TIMEOUT VERBOSE VARIANTS TRIES JOBS QUICK \
	RESUME MUTANTS CLASS SAMPLE BOARD
TAKES_run := ARCH MACHINE TESTS SMP SEED SECS APPEND ACCEL TIMEOUT VERBOSE
TAKES_debug := ARCH MACHINE TESTS SMP SEED SECS APPEND ACCEL TIMEOUT
TAKES_compare := $(TAKES_debug)
TAKES_thread := ARCH SMP SEED SECS ACCEL VARIANTS TRIES JOBS QUICK RESUME
TAKES_bench := ARCH SECS
TAKES_mutants := ARCH MUTANTS CLASS SAMPLE JOBS RESUME
TAKES_check :=
TAKES_check-long := SECS RESUME
TAKES_image := BOARD TESTS SEED SECS APPEND
TAKES_images := $(filter-out BOARD,$(TAKES_image))
GIVEN	:= $(foreach o,$(OPTIONS),$(if $(filter command,$(origin $(o))),$(o)))
refuse = $(if $(2),$(error make $(1) has no use for $(2): it takes \
	$(if $(TAKES_$(1)),only $(TAKES_$(1)),none of these options)))
CHOOSY	:= run debug compare thread bench check check-long mutants image images
$(foreach g,$(filter $(CHOOSY),$(MAKECMDGOALS)),\
	$(call refuse,$(g),$(filter-out $(TAKES_$(g)),$(GIVEN))))

# ARCH= chooses one of all only if the user gave it, and not the default above.
ONLY	:= $(if $(filter command environment,$(origin ARCH)),$(ARCH))

# Of an option that is on or off: 0 is off, as it is for LLVM= and DEBUG=.
on = $(filter-out 0,$($(1)))

# Options of a run, handed to tools/fencepost as they are.
RUN_ARGS = $(if $(MACHINE),--machine $(MACHINE)) $(if $(TESTS),--tests '$(TESTS)') \
	$(if $(SMP),--smp $(SMP)) $(if $(SEED),--seed $(SEED)) $(if $(SECS),--secs $(SECS)) \
	$(if $(APPEND),--append '$(APPEND)') $(if $(ACCEL),--accel $(ACCEL)) \
	$(if $(TIMEOUT),--timeout $(TIMEOUT))

THREAD_ARGS = $(if $(ONLY),--arch $(ONLY)) \
	$(if $(VARIANTS),--variants '$(VARIANTS)') $(if $(SMP),--smp $(SMP)) \
	$(if $(SEED),--seed $(SEED)) $(if $(SECS),--secs $(SECS)) $(if $(TRIES),--tries $(TRIES)) \
	$(if $(JOBS),--jobs $(JOBS)) $(if $(ACCEL),--accel $(ACCEL)) \
	$(if $(call on,QUICK),--quick) $(if $(call on,RESUME),--resume)

# The parts of `run` and `compare` follow one another; each build is parallel inside.
.NOTPARALLEL:
.PHONY: help deps all build run image images compare thread check check-long mutants bench debug
.PHONY: lint clean
.DEFAULT_GOAL := help

help: ## this list
	@echo "Fencepost: a bare-metal SMP test kernel for $(ARCHES)"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | \
		awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'
	@echo
	@echo "  run, debug: ARCH=riscv64 MACHINE=sifive_u TESTS='litmus.SB*' SMP=4 SEED=7 SECS=1"
	@echo "  thread: QUICK=1 (nothing free-running) VARIANTS=V0,W3 TRIES=10 JOBS=2 SECS=600"
	@echo "          RESUME=1 (go on with an interrupted run of the same images and options)"
	@echo "  mutants: MUTANTS='rcu.* mm.cow*' CLASS=window SAMPLE=20 ARCH= JOBS=2 RESUME=1"
	@echo "  compare: the options of run, but ARCH=riscv64 for one only; bench: ARCH= SECS="
	@echo "  LLVM=1: clang and lld; DEBUG=0: without checks; BUSTED=mb: broken smp_mb();"
	@echo "  BUILD=native: time, scheduling, interrupts by kernel/native/ (the only one)"

# The files of boards/ whose firmware or tools are needed: of MACHINE= or BOARD=, or all.
DEPS_BOARDS = $(strip $(if $(filter check check-long images,$(MAKECMDGOALS)),\
	$(wildcard boards/*.toml),$(foreach b,$(MACHINE) $(BOARD),$(wildcard boards/*$(b)*.toml))))

# The ISA, if of all that is asked for nothing needs another.
NARROW	:= build run debug image
DEPS_ISA = $(strip $(if $(filter-out $(NARROW),$(or $(MAKECMDGOALS),all)),,\
	$(if $(BOARD),$(BOARD_ARCH),$(ARCH))))

deps: ## install what is missing, from Debian's packages only
	@ONLY=$(DEPS_ISA) tools/deps.sh $(DEPS_BOARDS)

all: deps ## the images of all ISAs
	@for a in $(ARCHES); do $(MK) ARCH=$$a || exit; done

build: ## the image of one ISA (ARCH=)
	@$(MK) ARCH=$(ARCH)

run: deps build ## boot one ISA and run tests (ARCH= MACHINE= TESTS= SMP= SEED= SECS=)
	@$(FP) run --arch $(ARCH) $(RUN_ARGS) $(if $(call on,VERBOSE),--verbose)

# The ISA of a board, from its file.
BOARD_FILE = $(firstword $(wildcard boards/$(BOARD).toml boards/*$(BOARD)*.toml))
BOARD_ARCH = $(or $(patsubst arch=%,%,$(filter arch=%,$(subst ",,$(subst arch = ,arch=,\
	$(if $(BOARD_FILE),$(file <$(BOARD_FILE))))))),$(ARCH))
IMAGE_ARGS = $(if $(TESTS),--tests '$(TESTS)') $(if $(SEED),--seed $(SEED)) \
	$(if $(SECS),--secs $(SECS)) $(if $(APPEND),--append '$(APPEND)')

image: deps ## what to write to a board's card, and how it is started (BOARD= TESTS= SEED= SECS=)
	$(if $(BOARD),,$(error make image needs BOARD=: tools/fencepost boards lists them))
	@$(MK) ARCH=$(BOARD_ARCH)
	@$(FP) image $(BOARD) $(IMAGE_ARGS)

images: all ## the same for every board of boards/
	@$(FP) image all $(IMAGE_ARGS)

compare: all ## the main job: boot the ISAs, print their ordering side by side
	@$(FP) compare $(if $(ONLY),--arch $(ONLY)) $(RUN_ARGS)

thread: all ## the thread of 2008: every variant and claim, on every ISA
	@$(FP) thread $(THREAD_ARGS)

check: all ## does everything work? the project's tests on every ISA
	@$(MAKE) --no-print-directory lint
	@$(FP) check

check-long: all ## what takes hours: another Debian, torture, mutants, the thread (SECS= RESUME=1)
	@$(FP) check-long $(if $(SECS),--secs $(SECS)) $(if $(call on,RESUME),--resume)

mutants: deps ## plant every fault of tests/mutants/, one at a time: does a test notice?
	@$(FP) mutants $(if $(MUTANTS),'$(MUTANTS)') $(if $(ONLY),--arch $(ONLY)) \
		$(if $(CLASS),--class $(CLASS)) $(if $(SAMPLE),--sample $(SAMPLE)) \
		$(if $(JOBS),--jobs $(JOBS)) $(if $(call on,RESUME),--resume)

bench: deps ## speed of the litmus engine and the memory manager, per ISA
	@for a in $(or $(ONLY),$(ARCHES)); do $(MK) ARCH=$$a DEBUG=0 || exit; done
	@DEBUG=0 $(FP) bench $(if $(ONLY),--arch $(ONLY)) $(if $(SECS),--secs $(SECS))

debug: deps build ## QEMU stopped at its first instruction, gdb attached with symbols (ARCH=)
	@$(FP) debug --arch $(ARCH) $(RUN_ARGS)

lint: ## formatting, house rules, the pairs that barrier comments name
	@$(FP) lint

clean: ## remove build/
	rm -rf build
