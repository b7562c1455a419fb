/* SPDX-License-Identifier: GPL-2.0-only */
/* What the port found out about the machine in arch_discover(). Written by the boot CPU only. */
#pragma once

#include <lib/types.h>

#define BOOT_MAX_RANGES	 64
#define BOOT_CMDLINE_MAX 2048

struct phys_range {
	phys_addr_t base;
	u64 size;
};

struct boot_info {
	char cmdline[BOOT_CMDLINE_MAX];
	bool cmdline_truncated;
	char machine[96];  /* model as firmware names it */
	char firmware[48]; /* how we were started: "multiboot1", "pvh", "sbi 1.0", ... */
	struct phys_range memory[BOOT_MAX_RANGES];
	unsigned int nr_memory;
	struct phys_range reserved[BOOT_MAX_RANGES];
	unsigned int nr_reserved;
	phys_addr_t fdt; /* 0 if the machine has none */
};

extern struct boot_info boot_info;

/*
 * Record usable memory, or a part of it that is somebody else's (firmware, the device tree).
 * Reservations may overlap memory and each other. Boot CPU. -ENOSPC, printed, when full.
 */
int boot_add_memory(phys_addr_t base, u64 size);
int boot_add_reserved(phys_addr_t base, u64 size);

/* Copy the boot line, up to @len bytes or its NUL; remembers a truncation, which stops the run. */
void boot_set_cmdline(const char *s, size_t len);
