/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To say that something is wrong, from the ground floor. lib/ knows nobody who would listen: what
 * it is linked with registers itself by REPORT_OPS(), once (the linker script sees to that), and is
 * there from the first instruction on. In the kernel that is kernel/debug/debug_ops.c.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

struct pt_regs;
struct list_head;

/* All members are needed. Constant. */
struct report_ops {
	/* Print a diagnostic line. Any context. */
	void (*print)(const char *fmt, va_list ap);
	/* The end of the line; @regs: of the trap that led to it, or NULL. Any context. */
	void (*panic)(struct pt_regs *regs, const char *fmt, va_list ap) __noreturn;
	/* Links that list_add(), list_del() found to be wrong: see list_check_add(). */
	bool (*list_add)(struct list_head *e, const struct list_head *prev,
			 const struct list_head *next);
	bool (*list_del)(struct list_head *e);
};

#define REPORT_OPS(name) \
	static const struct report_ops name __used __section(".report_ops") __aligned(8)

extern const struct report_ops __report_ops[]; /* linker symbol */

/* A diagnostic line, of lib/ itself; in kernel/ and above it is printk(). */
void report_line(const char *fmt, ...) __printf(1, 2);
#define report_warn(fmt, ...) report_line("warning: " fmt, ##__VA_ARGS__)
#define report_err(fmt, ...)  report_line("error: " fmt, ##__VA_ARGS__)

/*
 * Print why, this CPU's backtrace, what every CPU was doing; write the CRASH record of the running
 * test and END; power off. Any context; the first CPU to come wins, others stop.
 */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
void panic_regs(struct pt_regs *regs, const char *fmt, ...) __printf(2, 3) __noreturn;

#ifdef CONFIG_DEBUG
/* An assertion, for the tests of assertions: tests/mm/misuse.h. */
struct bug_site {
	const char *file, *func, *cond;
	unsigned int line;
	u32 fired; /* times; the test's */
};
extern struct bug_site __bug_sites_start[], __bug_sites_end[]; /* linker symbols */

/*
 * If set: called where an assertion fires. True: go on behind it, the condition is not true, but
 * the test has it look so; else it is the end of the run, if this returns at all. Set while one
 * thread tests, and only what that does is for it to judge.
 */
extern bool (*bug_hook)(struct bug_site *site);

#define __bug_passes(text) \
	__extension__({ \
		static struct bug_site __site __section(".bug_sites") __aligned(8) = { \
			.file = __FILE__, .func = __func__, .cond = text, .line = __LINE__ \
		}; \
		unlikely(bug_hook) && bug_hook(&__site); \
	})
#else
#define __bug_passes(text) false
#endif

#define BUG_ON(cond) \
	do { \
		if (unlikely(cond) && !__bug_passes(#cond)) \
			panic("BUG at %s:%d: %s", __FILE__, __LINE__, #cond); \
	} while (0)
/* With an end of its own: BUG_WITH(page_count(page), page_panic("free page is in use", page)) */
#define BUG_WITH(cond, end) \
	do { \
		if (unlikely(cond) && !__bug_passes(#cond)) \
			end; \
	} while (0)
/* With values: BUG_IF(n > max, "n %u max %u", n, max) */
#define BUG_IF(cond, fmt, ...) \
	do { \
		if (unlikely(cond) && !__bug_passes(#cond)) \
			panic("BUG at %s:%d: %s: " fmt, __FILE__, __LINE__, #cond, ##__VA_ARGS__); \
	} while (0)
