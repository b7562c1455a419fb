# SPDX-License-Identifier: GPL-2.0-only
# What make knows of the ISAs, for Makefile and build.mk: each is a directory of arch/ with a file
# isa.toml (docs/porting.md). Values without blanks, alone on a line "key = value", are read here
# without another program: a fresh machine has no Python yet. tools/fp/base/isas.py checks that they
# are.

# $(call isa,KEY,ISA): the value without its quotes, or nothing where the file has no such key.
isa_words = $(subst ",,$(subst $(1) = ,$(1)=,$(file <arch/$(2)/isa.toml)))
isa = $(patsubst $(1)=%,%,$(filter $(1)=%,$(isa_words)))

# All of them by their key "order", two digits long; the first is the default one.
ARCHES	:= $(patsubst arch/%/isa.toml,%,$(wildcard arch/*/isa.toml))
ARCHES	:= $(sort $(foreach a,$(ARCHES),$(call isa,order,$(a)):$(a)))
ARCHES	:= $(foreach a,$(ARCHES),$(lastword $(subst :, ,$(a))))

# $(call cross,ISA): what stands before "gcc". Of several, joined by "|", the first that is here.
cross_words = $(subst |, ,$(call isa,cross,$(1)))
cross_here = $(foreach p,$(cross_words),$(if $(shell command -v $(p)gcc),$(p)))
cross = $(firstword $(cross_here) $(cross_words))

# ARCH=hosted is none of them: a process of the one that HOST= names, which is this host's own if
# nothing is said. The environment's HOST is another thing.
UNAME	:= $(shell uname -m)
NATIVE	:= $(firstword $(foreach a,$(ARCHES),\
	$(if $(findstring "$(UNAME)",$(file <arch/$(a)/isa.toml)),$(a))))
ifneq ($(origin HOST),command line)
override HOST := $(or $(NATIVE),$(firstword $(ARCHES)))
endif
