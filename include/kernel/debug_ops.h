/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kernel/ tells the detectors, the sync points and the panic of kernel/debug/, which look at
 * everything in kernel/ and so stand above it: by this table (DEBUG_OPS(), once, in a section that
 * the linker script checks) and by that of lib/report.h. It is there from the first instruction on.
 */
#pragma once

#include <kernel/detect.h>
#include <lib/compiler.h>
#include <lib/types.h>

/*
 * Constant. All members are needed, in a release build but for the sync points. See detect.h and
 * sync_point.h, whose functions they are.
 */
struct debug_ops {
	/* detect(), called at @pc. */
	bool (*detect)(enum detector d, const void *obj, unsigned long pc, const char *fmt,
		       va_list ap);
	bool (*trap_is_set)(void);
	/* sync_point_on(), sync_point_quiet_on(), sync_point_stuck(). */
	void (*point)(const char *name, const void *obj);
	void (*point_quiet)(const char *name, const void *obj);
	void (*point_stuck)(void);
};

#define DEBUG_OPS(name) \
	static const struct debug_ops name __used __section(".debug_ops") __aligned(8)

extern const struct debug_ops __debug_ops[]; /* linker symbol */
