/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of locks. Locks with the same name are a class; whenever one is taken under another,
 * that order of their classes is remembered, and one that closes a circle is reported, the first
 * time that it is tried, whether or not two CPUs meet in it:
 *
 *	CPU 0			CPU 1 (or CPU 0, later)
 *	lock a
 *	lock b: a before b
 *				lock b
 *				lock a: b before a: a circle
 *
 * Spinlocks and sleeping locks (mutexes, semaphores, page locks) are in one order. What else a
 * thread may wait for is in it as if it were a lock:
 *
 * LOCK_CLASS_IRQ	An interrupt may come while a lock is held that was taken with interrupts
 *			enabled: that lock is before it. What an interrupt takes is behind it:
 *
 *				CPU 0					CPU 1
 *				lock a, interrupts enabled
 *								lock b, interrupts disabled
 *				interrupt: lock b: waits
 *								lock a: waits: a circle
 *
 * LOCK_CLASS_CALL	Whoever waits until other CPUs have taken an interrupt waits for those that
 *			have them disabled, which may in turn spin for a lock:
 *
 *				CPU 0					CPU 1
 *				lock a
 *								disable interrupts
 *				call CPU 1: waits		lock a: waits: a circle
 *
 * Not seen: the order of two locks of one class (page_table_lock of child and parent, in fork), and
 * raw spinlocks. Who only tries does not wait, so that adds no order; but what is had by it is
 * held.
 *
 * Classes are never forgotten: names are constants of the image. All is lockless: a class is
 * entered by cmpxchg, an order by setting its bit; a CPU that sees either late enters it again. Two
 * CPUs may close a circle together: so each enters its order first, and looks for a circle then.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/detect.h>
#include <kernel/lock_order.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <lib/options.h>
#include <lib/string.h>

#ifdef CONFIG_DEBUG

static const char *class_name[LOCK_CLASSES] = {
	[LOCK_CLASS_IRQ] = "(interrupts that come)",
	[LOCK_CLASS_CALL] = "(CPUs that are called)",
};
/* Bit b of [a]: b was taken with a held. */
static u64 taken_under[LOCK_CLASSES][LOCK_CLASSES / 64];
static u32 sleeping_of[LOCK_CLASSES]; /* of the class of its inner spinlock; 0: not looked up */

DEFINE_PER_CPU(bool, lock_in_irq);

static bool opt_lock_order;
OPTION(lock_order, "lock_order", OPT_BOOL, &opt_lock_order, 0, 0,
       "say at the end which lock was taken under which");

/* ---- classes ---- */

/* The class of that name among [@first, @end), which is made if need be. */
static u32 class_find(const char *name, u32 first, u32 end)
{
	for (u32 c = first; c < end; c++) {
		const char *found = READ_ONCE(class_name[c]);

		/* full: nothing to order, but each place gets one name */
		if (!found)
			found = cmpxchg(&class_name[c], NULL, name);
		if (!found || found == name)
			return c;
	}
	panic("no room for the class of lock %s: more of LOCK_CLASSES", name);
}

u32 lock_class(struct spinlock *l)
{
	const char *name = l->name;

	if (unlikely(!READ_ONCE(l->class)) && name) {
		/* release: pairs with the address dependency in report(); the name, which may be
		 * another CPU's entry, before the number by which a third one reports it;
		 * tests: litmus.WRC+rel+addr */
		smp_store_release(&l->class, class_find(name, LOCK_CLASS_SPIN, LOCK_CLASS_SLEEP));
	}
	return l->class;
}

u32 lock_class_sleeping(struct spinlock *inner)
{
	u32 c = lock_class(inner);

	if (unlikely(!READ_ONCE(sleeping_of[c])) && c) {
		/* release: as in lock_class() */
		smp_store_release(&sleeping_of[c],
				  class_find(inner->name, LOCK_CLASS_SLEEP, LOCK_CLASSES));
	}
	return sleeping_of[c];
}

/* ---- orders ---- */

static bool was_taken(u32 held, u32 class)
{
	return READ_ONCE(taken_under[held][class / 64]) & 1ULL << class % 64;
}

/* Has @to been taken under @from, or under something that was, and so on? */
static bool is_ordered(u32 from, u32 to)
{
	bool reached[LOCK_CLASSES] = { [0] = false };
	bool more = true;

	reached[from] = true;
	while (more && !reached[to]) {
		more = false;
		for (u32 a = 1; a < LOCK_CLASSES; a++)
			for (u32 b = 1; reached[a] && b < LOCK_CLASSES; b++)
				if (!reached[b] && was_taken(a, b))
					reached[b] = more = true;
	}
	return reached[to];
}

static void order_change(u32 held, u32 class, bool set)
{
	u64 *word = &taken_under[held][class / 64], bit = 1ULL << class % 64, old;

	do
		old = READ_ONCE(*word);
	/* full: pairs with itself on other CPUs; an order is entered before the look for a circle;
	 * tests: litmus.SB+mb+mb */
	while (cmpxchg(word, old, set ? old | bit : old & ~bit) != old);
}

static void report(u32 held, u32 class, const void *obj)
{
	/* The address dependency pairs with the release in lock_class(): the number, then the name
	 * that it finds; tests: litmus.WRC+rel+addr */
	const char *h = class_name[held], *c = class_name[class];

	if (held == LOCK_CLASS_IRQ)
		detect(DETECT_LOCK_ORDER, obj,
		       "lock %s is taken in an interrupt, which may come while it, or a lock that "
		       "is before it, is held",
		       c);
	else if (class == LOCK_CLASS_IRQ)
		detect(DETECT_LOCK_ORDER, obj,
		       "lock %s is taken with interrupts enabled, and it, or a lock behind it, in "
		       "an interrupt",
		       h);
	else if (held == LOCK_CLASS_CALL)
		detect(DETECT_LOCK_ORDER, obj,
		       "lock %s is waited for with interrupts disabled; who has it waits for "
		       "other CPUs",
		       c);
	else if (class == LOCK_CLASS_CALL)
		detect(DETECT_LOCK_ORDER, obj,
		       "other CPUs are waited for under lock %s, for which they wait with "
		       "interrupts disabled",
		       h);
	else
		detect(DETECT_LOCK_ORDER, obj, "lock %s is taken under %s, which is taken under %s",
		       c, h, c);
}

static noinline void order_enter(u32 held, u32 class, const void *obj)
{
	if (held == class || !held || !class)
		return;
	order_change(held, class, true);
	if (!is_ordered(class, held))
		return;
	/* Not remembered, so that it is reported each time. */
	order_change(held, class, false);
	report(held, class, obj);
}

void lock_order_check(u32 held, u32 class, const void *obj)
{
	if (unlikely(!was_taken(held, class)))
		order_enter(held, class, obj);
}

void lock_order_check_context(u32 class, const void *obj)
{
	const struct task_struct *t = current;

	if (arch_irqs_disabled())
		lock_order_check(LOCK_CLASS_CALL, class, obj);
	if (this_cpu(lock_in_irq)) {
		lock_order_check(LOCK_CLASS_IRQ, class, obj);
		return; /* what the thread has does not wait for us */
	}
	for (u32 i = 0; i < t->nr_sleep_held; i++)
		lock_order_check(t->sleep_held[i].class, class, obj);
}

void lock_order_taken(u32 class, const void *obj, bool irqs_on)
{
	if (irqs_on)
		lock_order_check(class, LOCK_CLASS_IRQ, obj);
}

/* ---- what was seen ---- */

/* A lock that sleeps has a spinlock of the same name. */
static const char *class_kind(u32 class)
{
	return class < LOCK_CLASS_SLEEP && sleeping_of[class] ? ":queue" : "";
}

void lock_order_print(void)
{
	for (u32 o = 1; opt_lock_order && o < LOCK_CLASSES; o++)
		for (u32 i = 1; i < LOCK_CLASSES; i++)
			if (was_taken(o, i))
				printk("lock order: %s%s > %s%s\n", class_name[o], class_kind(o),
				       class_name[i], class_kind(i));
}

bool lock_order_seen(const char *outer, const char *inner)
{
	for (u32 o = 1; o < LOCK_CLASSES; o++)
		for (u32 i = 1; i < LOCK_CLASSES; i++)
			if (was_taken(o, i) && !strcmp(class_name[o], outer) &&
			    !strcmp(class_name[i], inner))
				return true;
	return false;
}

#endif
