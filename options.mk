# SPDX-License-Identifier: GPL-2.0-only
# What a user gives behind `make` (TESTS='mm.*' RESUME=1), for the Makefile: known or refused before
# anything is done, and handed on without a shell, nor make itself, reading what is in it.
#
# Only what stands behind `make` counts. ARCH, LLVM, DEBUG and the like are exported by people who
# work on other projects too: a run that they changed would not say so.

ON_OFF	:= VERBOSE QUICK RESUME STOP LAST_FAILED NO_HERD
OPTIONS	:= ARCH MACHINE TESTS SMP SEED SECS APPEND ACCEL TIMEOUT VARIANTS TRIES JOBS MUTANTS CLASS \
	SAMPLE FUZZ BOARD CAMPAIGN ON SEEDS SHARDS SHARD OUTPUT FILE TOTAL HERD_LINUX \
	HERD_VARIANT $(ON_OFF)
# Which build (flavour.mk); an empty value is none, as in other projects.
FLAVOURS := BUILD LLVM DEBUG BUSTED SAN
# How things are made. OFFLINE= is of the host, and may be exported.
MAKING	:= V O DEPS CROSS_COMPILE OFFLINE PREFIX DESTDIR HOST

TAKES_build := ARCH
TAKES_compile_commands.json := ARCH
TAKES_deps := ARCH MACHINE BOARD
TAKES_run := ARCH MACHINE TESTS SMP SEED SECS APPEND ACCEL TIMEOUT VERBOSE OUTPUT
TAKES_debug := ARCH MACHINE TESTS SMP SEED SECS APPEND ACCEL TIMEOUT
TAKES_compare := $(TAKES_debug) OUTPUT
TAKES_litmus := FILE ARCH MACHINE SMP SEED SECS TOTAL APPEND ACCEL TIMEOUT HERD_LINUX HERD_VARIANT \
	NO_HERD OUTPUT
TAKES_thread := ARCH SMP SEED SECS ACCEL VARIANTS TRIES JOBS QUICK RESUME OUTPUT
TAKES_bench := ARCH SECS OUTPUT
TAKES_mutants := ARCH MUTANTS CLASS SAMPLE JOBS RESUME
TAKES_fuzz := FUZZ SECS SEED OUTPUT
TAKES_check := ARCH STOP LAST_FAILED RESUME SHARD OUTPUT
TAKES_report :=
TAKES_check-long := SECS RESUME
TAKES_campaign := CAMPAIGN ARCH SECS JOBS ON SEEDS SHARDS OUTPUT
TAKES_image := BOARD TESTS SEED SECS APPEND
TAKES_images := $(filter-out BOARD,$(TAKES_image))

given	= $(foreach o,$(1),$(if $(filter command,$(origin $(o))),$(o)))
GIVEN	:= $(call given,$(OPTIONS))
MADE	:= $(call given,$(MAKING))

# ---- names and values ----

# What is no option at all; the value is not looked at. The answer names the one that is nearest.
UNKNOWN	:= $(filter-out $(OPTIONS) $(FLAVOURS) $(MAKING) PYTHON,$(call given,$(.VARIABLES)))
near	= $(shell tools/nearest.sh '$(subst ',,$(1))' $(OPTIONS) $(FLAVOURS) $(MAKING))
$(foreach o,$(UNKNOWN),$(error $(o)=: there is no such option$(patsubst %,; did you mean %=?,\
	$(call near,$(o)))))

# From here on the values are text: make expands none of them, and hands none to a make below.
$(foreach o,$(GIVEN) $(MADE),$(eval override $(o) := $$(value $(o))))
MAKEOVERRIDES :=

$(foreach o,$(GIVEN),$(if $(strip $($(o))),,\
	$(error $(o)= is empty: give it a value, or leave it out)))
on_or_off = $(if $(filter-out 1,$(words $($(1))))$(filter-out 0 1,$($(1))),\
	$(error $(1)=$($(1)) is neither 0 nor 1))
$(foreach o,$(filter $(ON_OFF) V DEPS,$(GIVEN) $(MADE)),$(call on_or_off,$(o)))

# ---- where it is built ----

ifneq ($(filter O,$(MADE)),)
ELSEWHERE := $(shell tools/elsewhere.sh '$(subst ','\'',$(O))')
$(if $(ELSEWHERE),$(error $(ELSEWHERE)))
endif

# ---- what the environment has of the same names ----

FOREIGN	:= $(foreach o,$(OPTIONS) $(FLAVOURS) V DEPS CROSS_COMPILE,\
	$(if $(filter environment,$(origin $(o))),$(if $(value $(o)),$(o))))
USED	:= $(foreach g,$(MAKECMDGOALS),$(TAKES_$(g))) $(if $(filter-out help lint clean,\
	$(MAKECMDGOALS)),$(FLAVOURS) V DEPS CROSS_COMPILE)
$(foreach o,$(filter $(USED),$(FOREIGN)),$(info note: $(o)=$(value $(o)) of the environment is not \
	used: options stand behind make))
$(foreach o,$(OPTIONS) $(FLAVOURS) V DEPS CROSS_COMPILE,\
	$(if $(filter environment,$(origin $(o))),\
	$(eval unexport $(o))$(eval override undefine $(o))))

# ---- what the commands take ----

# A command refuses options that it would ignore.
refuse = $(if $(2),$(error make $(1) has no use for $(2): it takes \
	$(if $(TAKES_$(1)),only $(TAKES_$(1)),none of these options)))
CHOOSY	:= run debug compare litmus report thread bench check check-long campaign mutants fuzz \
	image images
ASKED	:= $(or $(filter $(CHOOSY),$(MAKECMDGOALS)),$(or $(MAKECMDGOALS),help))
$(foreach g,$(ASKED),$(call refuse,$(g),$(filter-out $(TAKES_$(g)),$(GIVEN))))

# ---- ISAs ----

comma	:= ,
# By their names, or what other projects call them: the key "aliases" of arch/*/isa.toml.
canonical = $(or $(filter $(1),$(ARCHES)),$(firstword $(foreach a,$(ARCHES),\
	$(if $(filter $(1),$(subst $(comma), ,$(call isa,aliases,$(a)))),$(a)))))
isa_of	= $(or $(call canonical,$(1)),$(error ARCH=$(1) is none of: $(ARCHES)$(patsubst %,; \
	did you mean %?,$(shell tools/nearest.sh '$(subst ',,$(1))' $(ARCHES)))))
# ARCH=hosted is a machine of an ISA, for the tool; but a build of its own.
HOSTED	:= $(filter hosted,$(ARCH))
ifneq ($(HOSTED),)
$(if $(filter-out build run thread compile_commands.json,$(MAKECMDGOALS)),\
	$(error ARCH=hosted is taken by make build, run, thread, compile_commands.json))
$(if $(filter MACHINE,$(GIVEN)),$(error ARCH=hosted is a machine by itself: give no MACHINE=))
$(if $(call canonical,$(HOST)),,$(error HOST=$(HOST) is none of: $(ARCHES)))
override ARCH := $(HOST)
export OPTION_MACHINE := hosted
endif
$(if $(filter HOST,$(MADE)),$(if $(HOSTED),,$(error HOST=$(HOST) is for ARCH=hosted alone)))
# CHOSEN: those of all that ARCH= names, which may be several for what sets them side by side.
CHOSEN	:= $(foreach a,$(subst $(comma), ,$(ARCH)),$(call isa_of,$(a)))
SEVERAL	:= compare litmus thread bench mutants check campaign
$(if $(word 2,$(CHOSEN)),$(if $(filter-out $(SEVERAL),$(MAKECMDGOALS)),\
	$(error ARCH=$(ARCH): make $(MAKECMDGOALS) takes one ISA)))
override ARCH := $(or $(firstword $(CHOSEN)),$(firstword $(ARCHES)))
# What build.mk is told.
BUILT	:= $(if $(HOSTED),ARCH=hosted HOST=$(ARCH),ARCH=$(ARCH))

# ---- what the tool gets: OPTION_TESTS and so on, by its environment ----

$(foreach o,$(GIVEN),$(eval export OPTION_$(o) := $$(value $(o))))
ifneq ($(CHOSEN),)
export OPTION_ARCH := $(subst $() ,$(comma),$(CHOSEN))
endif
