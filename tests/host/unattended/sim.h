/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for tests/unattended.c, keep.c, record.c and mm/survivor.c: a console, a clock that
 * moves when it is told, memory that a reset leaves. Stands in the place of the kernel's headers.
 */
#pragma once

#include <stdarg.h>

#include <lib/compiler.h>
#include <lib/ranges.h>
#include <lib/types.h>

#define PAGE_SIZE  4096UL
#define GFP_KERNEL 0

void printk(const char *fmt, ...);
#define pr_warn(...) printk(__VA_ARGS__)
void console_raw(const char *s, size_t len);
bool printk_is_emergency_cpu(void);

u64 clock_ns(void);
void clock_delay_ns(u64 ns);
const char *run_name(void);

void *alloc_pages_exact(size_t size, size_t align, int gfp);
void *sim_va(phys_addr_t pa);
#define __va(pa) sim_va(pa)
bool arch_cache_flush_line(const void *p);

/* Of headers in whose place this one stands; the same enumeration as in arch/power.h. */
enum run_verdict { RUN_PASS = 0, RUN_FAIL = 1, RUN_CRASH = 2, RUN_CONFIG = 3 };
void arch_reset(void);
void arch_cpu_halt(void) __noreturn;
void arch_irq_disable(void);
u32 panic_claim(void);
void panic_stand_by(void) __noreturn;

#define TEST_DETAIL_MAX 2048

extern char __image_start[], __image_end[];
extern phys_addr_t kimage_phys;
