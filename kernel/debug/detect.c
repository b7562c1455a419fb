/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a detector's report: see the header.
 *
 * Of several CPUs that report, the first by cmpxchg fills in the trap's report, and the others are
 * counted; without a trap the first that claims the end of the run prints its own, and the others
 * stop. The trap's report is read by others after the test has joined its threads, which orders it.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/asan.h>
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/run.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <lib/string.h>

#include "debug.h"

#define EVENTS_SHOWN 40

static const char *const names[DETECT_NR] = {
	[DETECT_NONE] = "",
	[DETECT_SELF_DEADLOCK] = "self-deadlock",
	[DETECT_LOCK_ORDER] = "lock-order",
	[DETECT_LOCK_LEAKED] = "lock-leaked",
	[DETECT_LOCK_STOLEN] = "lock-stolen",
	[DETECT_LOCK_FREED] = "lock-held-at-free",
	[DETECT_LOCK_TYPE] = "type-canary",
	[DETECT_UNINIT] = "uninitialised-use",
	[DETECT_LIST_UNLOCKED] = "list-unlocked",
	[DETECT_LIST_CORRUPT] = "list-check",
	[DETECT_RMAP_INCOMPLETE] = "rmap-incomplete",
	[DETECT_PAGE_MAPPED] = "page-freed-mapped",
	[DETECT_STAMP] = "content-stamp",
	[DETECT_POISON] = "slab-poison",
	[DETECT_CONTEXT] = "wrong-context",
	[DETECT_ASSERT] = "assertion",
	[DETECT_ADDRESS] = "address-sanitizer",
	[DETECT_UNDEFINED] = "undefined-behaviour",
};

bool san_in_traps;
static struct detect_trap *the_trap; /* release when set, acquire where read */

const char *detector_name(enum detector d)
{
	return d < DETECT_NR ? names[d] : "?";
}

static struct detect_trap *trap_get(void)
{
	/* acquire: pairs with the release in detect_trap_set(); tests: litmus.MP+rel+acq */
	return smp_load_acquire(&the_trap);
}

void detect_trap_set(struct detect_trap *trap)
{
	BUG_ON(trap_get());
	*trap = (struct detect_trap){ .finish = trap->finish };
	events_reset();
	/* release: pairs with the acquire in trap_get(); the cleared trap before its address;
	 * tests: litmus.MP+rel+acq */
	smp_store_release(&the_trap, trap);
}

void detect_trap_clear(void)
{
	WRITE_ONCE(the_trap, NULL);
	events_reset();
}

bool detect_trapped(void)
{
	const struct detect_trap *trap = trap_get();

	return trap && READ_ONCE(trap->claimed);
}

bool detect_trapping(void)
{
	return trap_get() != NULL;
}

void detection_print(const struct detection *d)
{
	const char *fn;
	unsigned long off = 0;
	char again[512];

	events_print(smp_online_mask(), EVENTS_SHOWN);
	if (d->detector == DETECT_NONE) {
		printk("no detector reported\n");
	} else {
		fn = ksym_lookup(d->pc - 1, &off, NULL);
		printk("%s: %s (%s+0x%lx on cpu %u)\n", detector_name(d->detector), d->text,
		       fn ? fn : "?", off + 1, d->cpu);
	}
	run_rerun(again, sizeof(again));
	printk("again: %s\n", again);
}

static void print_fatal(const void *d)
{
	detection_print(d);
}

/* No trap: the end of the run, unless another CPU is at it. */
static void __noreturn detect_panic(const struct detection *d)
{
	panic_with(print_fatal, d, "%s: %s", detector_name(d->detector), d->text);
}

/* A free-running test gives up: nobody else may end the run meanwhile. */
static void __noreturn detect_finish(const struct detect_trap *trap)
{
	arch_irq_disable();
	if (panic_claim() != 0)
		detect_panic(&trap->first);
	preempt_disable();
	arch_irq_enable();
	printk_enter_emergency();
	detection_print(&trap->first);
	trap->finish(&trap->first);
}

bool detect_report(enum detector d, const void *obj, unsigned long pc, const char *fmt, va_list ap)
{
	struct detect_trap *trap = trap_get();
	struct detection found = { .detector = d, .obj = obj, .pc = pc };
	bool first;

	preempt_disable();
	found.cpu = smp_processor_id();
	found.ns = clock_ns();
	vsnprintf(found.text, sizeof(found.text), fmt, ap);
	/* full: nothing to order, but there is one first report */
	first = !trap || !cmpxchg(&trap->claimed, 0, 1);
	if (first) {
		event_note_from(detector_name(d), obj, found.pc);
		events_freeze();
	}
	if (!trap)
		detect_panic(&found);
	if (first)
		trap->first = found;
	fetch_add_relaxed(&trap->count, 1);
	if (first && trap->finish)
		detect_finish(trap);
	preempt_enable();
	return true;
}
