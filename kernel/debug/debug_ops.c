/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel/debug/, as those know it that stand below it. */
#include <kernel/debug_ops.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/report.h>

#include "debug.h"

REPORT_OPS(report_ops) = {
	.print = vprintk,
	.panic = panic_report,
	.list_add = list_report_add,
	.list_del = list_report_del,
};

DEBUG_OPS(debug_ops) = {
	.detect = detect_report,
	.trap_is_set = detect_trapping,
#ifdef CONFIG_DEBUG
	.point = sync_point_hit,
	.point_quiet = sync_point_hit_quiet,
	.point_stuck = sync_rules_wake,
#endif
};
