# SPDX-License-Identifier: GPL-2.0-only
# A Linux process of the ISA that HOST= names: as its port is compiled, less what asks for the
# kernel's place in memory.

include arch/$(ISA)/arch.mk

# Code that finds its data wherever it stands: it is linked above the user addresses (asm/memory.h),
# but not at the top of all addresses.
ARCH_CFLAGS	:= $(filter-out -mcmodel=kernel,$(ARCH_CFLAGS))
ifeq ($(ISA),x86_64)
ARCH_CFLAGS	+= -fpie
# ld turns a look into the GOT into an immediate of 32 bits, which is too short.
ARCH_LDFLAGS	+= --no-relax
endif
ifeq ($(ISA),arm64)
ARCH_CFLAGS	+= -ffixed-x18
endif

ifeq ($(ISA),powerpc64)
# As the Linux that POWER machines run; the bare machines are big-endian, as OPAL is.
ARCH_CFLAGS	:= $(ARCH_CFLAGS:-mbig-endian=-mlittle-endian)
ARCH_LDFLAGS	:= $(ARCH_LDFLAGS:elf64ppc=elf64lppc)
endif

# What the ISA adds to this half; and its switch between threads, where that takes no privilege.
PORT_INCLUDE	:= -Iarch/hosted/isa/$(ISA)
PORT_SRCS	:= arch/hosted/isa/$(ISA)/*.[cS] $(if $(wildcard arch/hosted/isa/$(ISA)/switch.S),,\
	arch/$(ISA)/switch.S)

# <asm/shadow.h> has how it comes about.
ASAN_SHADOW_OFFSET := 0x35e0000000

DRIVERS		:=
EFI		:=
IMAGES		:= fencepost

# The program, under the name that a user types.
%/fencepost: %/fencepost.elf
	@cp $< $@
	@echo "  PROGRAM $@"
