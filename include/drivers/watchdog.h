/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watchdogs that firmware has left running (U-Boot starts those that its tree names): each is
 * stopped or, where only a reset stops it, fed by the tick of CPU 0. One that is not running is
 * left alone.
 *
 * No lock: boot CPU, then CPU 0 with interrupts disabled.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

struct fdt;
struct uart_access;
struct watchdog;

#define WATCHDOG_NAMES_MAX 8
#define WATCHDOGS_MAX	   8

/* A family of devices. Registers by their offset in bytes; a sequence ends at a 0. */
struct watchdog_driver {
	const char *compatible[WATCHDOG_NAMES_MAX];
	u32 span; /* bytes of registers that are used */
	u8 width; /* of a register */
	u16 control;
	u32 enable; /* bits of control, any of which is set while it runs */
	bool stops; /* it does when they are cleared */
	u32 with;   /* bits that must be set in what is written to control */
	/* Written before that, and after it, if not 0: what lets control be written. */
	u16 lock, lock2; /* one behind the other, if there are two */
	u32 unlock, unlock2, relock;
	u16 food;				  /* where it is fed ... */
	u32 feed[2];				  /* ... by what */
	bool (*hungry)(const struct watchdog *w); /* is it time? NULL: at any */
};

struct watchdog {
	const struct watchdog_driver *driver;
	const struct uart_access *access; /* how its registers are reached */
	phys_addr_t pa;
	unsigned long base; /* address of register 0, as access takes it; 0: not mapped */
	bool fed;
};

/*
 * Those of the tree @f that are available, and known. @phys says where a node's first registers
 * are: 0 or -errno. Nothing is touched yet. Boot CPU, once.
 */
void watchdogs_find(const struct fdt *f,
		    int (*phys)(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size));

/* Make the registers of all of them reachable: @map returns their address or NULL. 0 or -ENOMEM. */
int watchdogs_map(const struct uart_access *access, void *(*map)(phys_addr_t pa, size_t size));

/* Stop those that run, the first time; feed those that still do. CPU 0's tick. */
void watchdogs_tick(void);

/* ---- for tests ---- */

const struct watchdog_driver *watchdog_driver_find(const char *compatible);
/* Stop it if it runs; true: it still does, and is to be fed. */
bool watchdog_stop(const struct watchdog *w);
void watchdog_feed(const struct watchdog *w); /* if it is time */
