/* SPDX-License-Identifier: GPL-2.0-only */
/* What the port found out about the machine in arch_discover(). Written by the boot CPU only. */
#pragma once

#include <lib/framebuffer.h>
#include <lib/ranges.h>
#include <lib/types.h>

#define BOOT_MAX_RANGES	 128
#define BOOT_CMDLINE_MAX 2048

struct boot_info {
	char cmdline[BOOT_CMDLINE_MAX];
	bool cmdline_truncated;
	char machine[96];     /* model as firmware names it */
	char firmware[48];    /* how we were started: "multiboot1", "pvh", "sbi 1.0", ... */
	char version[64];     /* of the firmware, or the loader, as it names itself; or empty */
	char compatible[128]; /* what the device tree calls the machine, with blanks between */
	char hypervisor[32];  /* what the machine is emulated by, if it says so; or empty */
	/* Sets of ranges (lib/ranges.h). Nothing of what must not be mapped is in memory. */
	struct phys_range memory[BOOT_MAX_RANGES];
	unsigned int nr_memory;
	struct phys_range reserved[BOOT_MAX_RANGES];
	unsigned int nr_reserved;
	struct phys_range no_map[BOOT_MAX_RANGES];
	unsigned int nr_no_map;
	phys_addr_t fdt;		/* 0 if the machine has none */
	struct framebuffer framebuffer; /* that firmware, or a loader, has set up */
	void *mailbox;			/* of a host program (test/mailbox.h), or NULL */
	bool on_screen;			/* text is written to it, or to another one */
};

extern struct boot_info boot_info;

/*
 * What a stub of ours found out that ran under the firmware, before us (efi/): written in place,
 * or into the copy of the image that is to run. Empty if there was none.
 */
struct boot_handover {
	char line[BOOT_CMDLINE_MAX];
	char vendor[32]; /* of the firmware */
	struct phys_range memory[BOOT_MAX_RANGES];
	unsigned int nr_memory; /* > 0: instead of the device tree's memory nodes */
	phys_addr_t rsdp;	/* ACPI's root pointer, 0 if there is none */
	/* Memory that is never free, in which the firmware may have put ACPI's tables. */
	struct phys_range tables[BOOT_MAX_RANGES];
	unsigned int nr_tables;
	struct framebuffer framebuffer;
};

extern struct boot_handover boot_handover;

/*
 * Record usable memory; a part of it that is somebody else's (firmware, the device tree); and what
 * must not even be mapped cacheable, since a CPU may read ahead there and the memory belongs to a
 * secure world that answers with an error (Devicetree Specification v0.4, 3.5.4 "no-map"). In any
 * order; ranges may overlap. What is too much for a table costs memory, and a line: never the run.
 * Boot CPU. 0, or -EINVAL, printed, for a range that wraps around.
 */
int boot_add_memory(phys_addr_t base, u64 size);
int boot_add_reserved(phys_addr_t base, u64 size);
int boot_add_no_map(phys_addr_t base, u64 size);

/* Copy the boot line, up to @len bytes or its NUL; remembers a truncation, which stops the run. */
void boot_set_cmdline(const char *s, size_t len);

/*
 * Take the line that the image carries, if it has one, in place of what firmware passed: it was put
 * there for this machine, and firmware may have words of its own for other kernels.
 */
void boot_use_built_in_line(void);

/* That line, or "": for what must be known of it before the others are read. */
const char *boot_built_in_line(void);

/* The same where a stub of ours may have a line, too; NULL: that of the tree counts, if any. */
const char *boot_early_line(void);
