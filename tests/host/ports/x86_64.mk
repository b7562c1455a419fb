# SPDX-License-Identifier: GPL-2.0-only
# It ends as a PC can, by an instruction that no other ISA has.
PO_NATIVE += x86_64
PO_UNDER_x86_64 := $(addprefix arch/x86_64/,power.c setup.c watchdog.c pci.c) lib/options.c \
	lib/ranges.c kernel/boot.c
