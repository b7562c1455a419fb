# SPDX-License-Identifier: GPL-2.0-only
# What a build depends on besides ARCH, for Makefile and build.mk (tools/fp/images/builds.py
# knows it too): a value that would select nothing is refused. Each combination has a directory of
# its own.

comma	:= ,

BUILD	?= native
LLVM	?=
DEBUG	?= 1
BUSTED	?=
# Sanitizers that the compiler puts in, joined by commas: undefined; on ARCH=hosted, address, and
# coverage for fuzzers.
SAN	?=
# A directory of litmus tests as C (tools/fp/litmusfile/emit.py), for an image that has them too.
LITMUS	?=

one_of = $(if $(filter-out $(2),$($(1))),$(error $(1)=$($(1)) is none of: $(2)))
$(call one_of,BUILD,$(patsubst kernel/%/build.mk,%,$(wildcard kernel/*/build.mk)))
$(call one_of,HOST,$(ARCHES))$(call one_of,LLVM,0 1)$(call one_of,DEBUG,0 1)$(call one_of,BUSTED,mb)
override LLVM := $(filter 1,$(LLVM))
override DEBUG := $(if $(filter 0,$(DEBUG)),0,1)

override SAN := $(subst $() ,$(comma),$(sort $(subst $(comma), ,$(SAN))))
$(if $(filter-out address coverage undefined,$(subst $(comma), ,$(SAN))),\
	$(error SAN=$(SAN) is none of: address coverage undefined, joined by commas))

FLAVOUR	:= $(if $(filter native,$(BUILD)),,-$(BUILD))$(if $(filter 1,$(DEBUG)),,-release)
FLAVOUR	:= $(FLAVOUR)$(if $(SAN),-san-$(subst $(comma),-,$(SAN)))
# Where the objects of the sound build are that has neither mistake nor files.
SOUND	:= $(FLAVOUR)$(if $(LLVM),-llvm)
FLAVOUR	:= $(SOUND)$(if $(BUSTED),-busted-$(BUSTED))
FLAVOUR	:= $(FLAVOUR)$(if $(LITMUS),-litmus-$(notdir $(LITMUS:/=)))
