/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of spinlocks. Locks with the same name are a class; whenever one is taken under
 * another, that order of their classes is remembered, and one that closes a circle is reported, the
 * first time that it is tried, whether or not two CPUs meet in it:
 *
 *	CPU 0			CPU 1 (or CPU 0, later)
 *	lock a
 *	lock b: a before b
 *				lock b
 *				lock a: b before a: a circle
 *
 * Not seen: the order of two locks of one class (page_table_lock of child and parent, in fork), and
 * that of sleeping locks. spin_trylock() does not wait, so it adds no order.
 *
 * Classes are never forgotten: names are constants of the image. All is lockless: a class is
 * entered by cmpxchg, an order by setting its bit; a CPU that sees either late enters it again. Two
 * CPUs may close a circle together: so each enters its order first, and looks for a circle then.
 */
#include <arch/atomic.h>
#include <kernel/detect.h>
#include <kernel/spinlock.h>

#ifdef CONFIG_DEBUG

#define CLASSES 64 /* bits of a word; class 0: no room for more, not checked */

static const char *class_name[CLASSES];
static u64 taken_under[CLASSES]; /* bit b of [a]: b was taken with a held */

u32 lock_class(struct spinlock *l)
{
	const char *name = l->name;
	u32 c;

	if (likely(READ_ONCE(l->class)) || !name)
		return l->class;
	for (c = 1; c < CLASSES; c++) {
		const char *found = READ_ONCE(class_name[c]);

		/* full: nothing to order, but each place gets one name */
		if (!found)
			found = cmpxchg(&class_name[c], NULL, name);
		if (!found || found == name)
			break;
	}
	c %= CLASSES;
	/* release: pairs with the address dependency in lock_order_check(); the name, which may be
	 * another CPU's entry, before the number by which a third one reports it;
	 * tests: litmus.WRC+rel+addr */
	smp_store_release(&l->class, c);
	return c;
}

/* Has @to been taken under @from, or under something that was, and so on? */
static bool is_ordered(u32 from, u32 to)
{
	u64 reached = READ_ONCE(taken_under[from]), before;

	do {
		before = reached;
		for (u32 c = 1; c < CLASSES; c++)
			if (before & 1ULL << c)
				reached |= READ_ONCE(taken_under[c]);
	} while (reached != before);
	return reached & 1ULL << to;
}

static void order_change(u32 held, u64 set, u64 clear)
{
	u64 old;

	do
		old = READ_ONCE(taken_under[held]);
	/* full: pairs with itself on other CPUs; an order is entered before the look for a circle;
	 * tests: litmus.SB+mb+mb */
	while (cmpxchg(&taken_under[held], old, (old | set) & ~clear) != old);
}

void lock_order_check(u32 held, struct spinlock *l)
{
	u32 class = lock_class(l);

	if (likely(READ_ONCE(taken_under[held]) & 1ULL << class) || held == class || !held ||
	    !class)
		return;
	order_change(held, 1ULL << class, 0);
	if (!is_ordered(class, held))
		return;
	/* Not remembered, so that it is reported each time. */
	order_change(held, 0, 1ULL << class);
	detect(DETECT_LOCK_ORDER, l, "lock %s is taken under %s, which is taken under %s",
	       class_name[class], class_name[held], class_name[class]);
}

#endif
