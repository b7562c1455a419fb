# SPDX-License-Identifier: GPL-2.0-only
# What a build depends on besides ARCH, for Makefile and build.mk (tools/fp/images/builds.py
# knows it too): a value that would select nothing is refused. Each combination has a directory of
# its own.

BUILD	?= native
LLVM	?=
DEBUG	?= 1
BUSTED	?=
# A directory of litmus tests as C (tools/fp/litmusfile/emit.py), for an image that has them too.
LITMUS	?=

one_of = $(if $(filter-out $(2),$($(1))),$(error $(1)=$($(1)) is none of: $(2)))
$(call one_of,BUILD,$(patsubst kernel/%/build.mk,%,$(wildcard kernel/*/build.mk)))
$(call one_of,HOST,$(ARCHES))$(call one_of,LLVM,0 1)$(call one_of,DEBUG,0 1)$(call one_of,BUSTED,mb)
override LLVM := $(filter 1,$(LLVM))
override DEBUG := $(if $(filter 0,$(DEBUG)),0,1)

FLAVOUR	:= $(if $(filter native,$(BUILD)),,-$(BUILD))$(if $(filter 1,$(DEBUG)),,-release)
# Where the objects of the sound build are that has neither mistake nor files.
SOUND	:= $(FLAVOUR)$(if $(LLVM),-llvm)
FLAVOUR	:= $(SOUND)$(if $(BUSTED),-busted-$(BUSTED))
FLAVOUR	:= $(FLAVOUR)$(if $(LITMUS),-litmus-$(notdir $(LITMUS:/=)))
