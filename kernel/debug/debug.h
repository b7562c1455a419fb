/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of kernel/debug/ give to debug_ops.c: see report_ops and debug_ops. */
#pragma once

#include <kernel/detect.h>
#include <lib/list.h>

struct pt_regs;

void panic_report(struct pt_regs *regs, const char *fmt, va_list ap) __noreturn;
bool list_report_add(struct list_head *e, const struct list_head *prev,
		     const struct list_head *next);
bool list_report_del(struct list_head *e);
bool detect_report(enum detector d, const void *obj, unsigned long pc, const char *fmt, va_list ap);
bool detect_trapping(void);
void sync_point_hit(const char *name, const void *obj);
void sync_point_hit_quiet(const char *name, const void *obj);
void sync_rules_wake(void);
