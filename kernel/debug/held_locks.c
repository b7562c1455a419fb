/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of held spinlocks. A CPU changes its own only, with interrupts disabled; others read
 * it without a lock, at any time, and nobody follows a pointer in it: so addresses may be compared
 * in memory that is no lock any more.
 *
 * A lock stays at its place for as long as it is held, in one word with how it is held. So a place
 * is all that a reader needs at a time, and its coherence all the order: who knows, by whatever
 * orders it, that a CPU had come to some point of its program, reads of each place what stood there
 * at that point, or something later. Therefore:
 *
 *  1. What was released is not taken for held:
 *
 *	CPU that releases		CPU that learned of it
 *	place = 0
 *	owner = next (release)	--->	owner (acquire), or what comes of that
 *					place: 0, or what was taken later
 *
 *  2. What is held, since a point that the reader knows of, is found: it has not moved, and @bound
 *     is above its place until it is removed.
 *
 *  3. What a CPU spins for is published by release, so who reads it knows that point: the locks
 *     that it found there are those that the CPU keeps while it spins:
 *
 *	CPU that spins			CPU that asks
 *	place = 0 (an earlier lock)
 *	waits_for = l (release)	--->	waits_for (acquire): l
 *					place: no earlier lock
 *
 *     But for interrupts of that CPU, which take locks and release them: HELD_PASSING.
 *
 * Whether all this holds for every history of a table is checked on the host, by enumeration:
 * tests/host/src/held_check.c; detect.held_ordering races 1 and 3 on the machine.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/held_locks.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>

#ifdef CONFIG_DEBUG

/* In the low bits of a place, which an address leaves free. */
#define FLAG_NOT     1UL /* HELD_NOT */
#define FLAG_PASSING 2UL /* taken in an interrupt while this CPU spins */
#define FLAGS	     3UL

struct held_lock {
	unsigned long word; /* the lock and FLAG_*, or 0; read by anyone */
	u32 class;
	u32 turn; /* greater than that of what was taken before */
};

struct held_locks {
	u32 bound; /* places from here on are empty; read by anyone */
	u32 count; /* places in use */
	u32 turns;
	struct held_lock e[HELD_MAX];
};
static DEFINE_PER_CPU(struct held_locks, held_locks);
static DEFINE_PER_CPU(struct spinlock *, waits_for); /* read by anyone */

static struct spinlock *word_lock(unsigned long word)
{
	return (struct spinlock *)(word & ~FLAGS);
}

/* ---- this CPU's ---- */

static u32 free_place(const struct held_locks *h)
{
	u32 i = h->count == h->bound ? h->bound : 0;

	while (i < h->bound && h->e[i].word)
		i++;
	return i;
}

bool held_add(struct spinlock *l, u32 class, enum held_kind kind)
{
	unsigned long flags = arch_irq_save();
	struct held_locks *h = this_cpu_ptr(&held_locks);
	unsigned long word = (unsigned long)l;
	u32 i = free_place(h);

	if (i < HELD_MAX) {
		word |= kind == HELD_NOT ? FLAG_NOT : 0;
		word |= this_cpu(waits_for) ? FLAG_PASSING : 0;
		h->e[i].class = class;
		h->e[i].turn = h->count ? ++h->turns : (h->turns = 0);
		WRITE_ONCE(h->e[i].word, word);
		WRITE_ONCE(h->bound, MAX(h->bound, i + 1));
		h->count++;
	}
	arch_irq_restore(flags);
	return i < HELD_MAX;
}

static int last_of(const struct held_locks *h, const struct spinlock *l)
{
	int last = -1;

	for (u32 i = 0; i < h->bound; i++) {
		const struct spinlock *found = word_lock(h->e[i].word);

		if (found && (!l || found == l) && (last < 0 || h->e[i].turn > h->e[last].turn))
			last = i;
	}
	return last;
}

int held_find(const struct spinlock *l)
{
	return last_of(this_cpu_ptr(&held_locks), l);
}

enum held_kind held_kind(int place)
{
	return this_cpu(held_locks).e[place].word & FLAG_NOT ? HELD_NOT : HELD_TRULY;
}

void held_remove(int place)
{
	unsigned long flags = arch_irq_save();
	struct held_locks *h = this_cpu_ptr(&held_locks);
	u32 bound = h->bound;

	WRITE_ONCE(h->e[place].word, 0);
	h->count--;
	while (bound && !h->e[bound - 1].word)
		bound--;
	WRITE_ONCE(h->bound, bound);
	arch_irq_restore(flags);
}

unsigned int held_count(void)
{
	return this_cpu(held_locks).count;
}

struct spinlock *held_last(void)
{
	const struct held_locks *h = this_cpu_ptr(&held_locks);
	int i = last_of(h, NULL);

	return i < 0 ? NULL : word_lock(h->e[i].word);
}

void held_for_each_class(void (*fn)(u32 held, u32 class, const void *obj), u32 class,
			 const void *obj)
{
	const struct held_locks *h = this_cpu_ptr(&held_locks);

	for (u32 i = 0; i < h->bound; i++)
		if (h->e[i].word)
			fn(h->e[i].class, class, obj);
}

static void waits_for_set(struct spinlock *l)
{
	/* release: pairs with the acquire in cpu_waits_for(); what this CPU holds before what it
	 * spins for; tests: litmus.MP+rel+acq, detect.held_ordering */
	smp_store_release(&this_cpu(waits_for), l);
}

struct spinlock *held_wait_begin(struct spinlock *l)
{
	struct spinlock *outer = this_cpu(waits_for);

	waits_for_set(l);
	return outer;
}

void held_wait_end(struct spinlock *outer)
{
	waits_for_set(outer);
}

/* ---- anybody's ---- */

bool cpu_exists(unsigned int cpu)
{
	return cpu < NR_CPUS && (!cpu || READ_ONCE(percpu_offset[cpu]));
}

unsigned int cpu_held_bound(unsigned int cpu)
{
	return MIN(READ_ONCE(per_cpu(held_locks, cpu).bound), HELD_MAX);
}

static unsigned long word_at(unsigned int cpu, unsigned int place)
{
	return READ_ONCE(per_cpu(held_locks, cpu).e[place].word);
}

static bool has_word(unsigned int cpu, unsigned long word, unsigned long ignore)
{
	unsigned int bound = cpu_held_bound(cpu);

	for (unsigned int i = 0; i < bound; i++)
		if ((word_at(cpu, i) & ~ignore) == word)
			return true;
	return false;
}

bool cpu_holds(unsigned int cpu, const struct spinlock *l)
{
	return has_word(cpu, (unsigned long)l, FLAG_PASSING);
}

bool cpu_keeps(unsigned int cpu, const struct spinlock *l)
{
	return has_word(cpu, (unsigned long)l, 0);
}

struct spinlock *cpu_held_at(unsigned int cpu, unsigned int place, enum held_kind *kind)
{
	unsigned long word = word_at(cpu, place);

	*kind = word & FLAG_NOT ? HELD_NOT : HELD_TRULY;
	return word_lock(word);
}

struct spinlock *cpu_waits_for(unsigned int cpu)
{
	/* acquire: pairs with the release in waits_for_set(); what that CPU spins for before what
	 * it holds; tests: litmus.MP+rel+acq, detect.held_ordering */
	return smp_load_acquire(&per_cpu(waits_for, cpu));
}

#endif
