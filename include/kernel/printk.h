/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Console text. A call's text is printed whole: lines of two CPUs are never mixed.
 *
 * pr_info and friends put "# [cpu]" before the text, which makes it a KTAP diagnostic line, so that
 * nothing the kernel says can be taken for a result. KTAP lines and records use console_raw().
 */
#pragma once

#include <lib/compiler.h>
#include <lib/format.h>
#include <lib/types.h>

/* A diagnostic line; '\n' is added if it lacks one. At most PRINTK_MAX bytes. Any context. */
#define PRINTK_MAX 512
size_t printk_line(char *buf, const char *fmt, va_list ap); /* the same, into @buf; its length */
void printk(const char *fmt, ...) __printf(1, 2);
void vprintk(const char *fmt, va_list ap);
#define pr_info(fmt, ...) printk(fmt, ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk("warning: " fmt, ##__VA_ARGS__)
#define pr_err(fmt, ...)  printk("error: " fmt, ##__VA_ARGS__)

/* Text as it is: KTAP lines and records, whole lines only. Any context. */
void console_raw(const char *s, size_t len);

/* The port's console works from now on: print what was kept. */
void printk_console_ready(void);

/*
 * From now on print without the lock (its holder may be dead) and only from this CPU: the first to
 * call this. Panic and watchdog.
 */
void printk_enter_emergency(void);

/* Is this the CPU that an emergency lets print? */
bool printk_is_emergency_cpu(void);

/*
 * Let @cpu print instead of who could until now: for a backtrace that only it can make. Called by
 * the emergency CPU, or by @cpu, which that one asks and waits for.
 */
void printk_pass_emergency(unsigned int cpu);

/* For tests of the console: called by who prints a line, interrupts disabled; NULL: nobody. */
enum printk_stage { PRINTK_BEFORE_LOCK, PRINTK_LOCKED };
#ifdef CONFIG_DEBUG
extern void (*printk_test_hook)(enum printk_stage stage);
#endif
