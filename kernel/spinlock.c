/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks with the checks of a debug build.
 *
 * owner_cpu and owner_pc are written only by the holder and read by anyone for reports, so a reader
 * may see them late; the self-deadlock check reads what this CPU itself wrote, which is never late.
 */
#include <kernel/clock.h>
#include <kernel/options.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>

#ifdef CONFIG_DEBUG

static u64 lock_timeout_ns = 5000000000ULL;
OPTION(lock_timeout, "lock_timeout", OPT_TIME, &lock_timeout_ns, 1000000, 3600000000000ULL,
       "a spinlock not to be had for so long is a deadlock");

static DEFINE_PER_CPU(struct spinlock *, held_locks);
static DEFINE_PER_CPU(struct spinlock *, waits_for);

void spin_lock_init(struct spinlock *l, const char *name)
{
	*l = (struct spinlock){ .name = name };
}

static void held_add(struct spinlock *l, unsigned long pc)
{
	unsigned long flags = arch_irq_save();

	WRITE_ONCE(l->owner_pc, pc);
	WRITE_ONCE(l->owner_cpu, smp_processor_id() + 1);
	l->next_held = this_cpu(held_locks);
	this_cpu(held_locks) = l;
	arch_irq_restore(flags);
}

static void held_remove(struct spinlock *l)
{
	unsigned long flags = arch_irq_save();
	struct spinlock **p = &this_cpu(held_locks);

	BUG_IF(READ_ONCE(l->owner_cpu) != smp_processor_id() + 1, "%s held by cpu %d", l->name,
	       (int)READ_ONCE(l->owner_cpu) - 1);
	while (*p && *p != l)
		p = &(*p)->next_held;
	BUG_IF(!*p, "%s is not on the list of held locks", l->name);
	*p = l->next_held;
	l->next_held = NULL;
	WRITE_ONCE(l->owner_cpu, 0);
	arch_irq_restore(flags);
}

/* raw_spin_lock() with a limit: a lock that is never released ends in a report. */
static void spin_lock_watched(struct spinlock *l)
{
	u32 ticket = fetch_add_relaxed(&l->raw.next, 1);
	u64 start = 0;
	unsigned int spins = 0;

	/* acquire: pairs with the release in raw_spin_unlock(); tests: litmus.lock-MP */
	while (smp_load_acquire(&l->raw.owner) != ticket) {
		cpu_relax();
		if (++spins % 1024)
			continue;
		if (!start)
			start = clock_ns();
		else if (clock_ns() - start > lock_timeout_ns)
			panic("deadlock: lock %s held by cpu %d since %lx", l->name,
			      (int)READ_ONCE(l->owner_cpu) - 1, READ_ONCE(l->owner_pc));
	}
}

static void spin_lock_from(struct spinlock *l, unsigned long pc)
{
	preempt_disable();
	BUG_IF(READ_ONCE(l->owner_cpu) == smp_processor_id() + 1,
	       "self-deadlock: lock %s is already held by this cpu", l->name);
	this_cpu(waits_for) = l;
	spin_lock_watched(l);
	this_cpu(waits_for) = NULL;
	held_add(l, pc);
}

bool spin_trylock(struct spinlock *l)
{
	preempt_disable();
	if (!raw_spin_trylock(&l->raw)) {
		preempt_enable();
		return false;
	}
	held_add(l, (unsigned long)__builtin_return_address(0));
	return true;
}

static void spin_unlock_keep(struct spinlock *l)
{
	held_remove(l);
	raw_spin_unlock(&l->raw);
}

bool spin_is_mine(const struct spinlock *l)
{
	return READ_ONCE(l->owner_cpu) == smp_processor_id() + 1;
}

void spin_print_held(unsigned int cpu)
{
	struct spinlock *l = READ_ONCE(per_cpu(waits_for, cpu));
	unsigned int n = 0;

	if (l)
		printk("cpu %u waits for lock %s, held by cpu %d\n", cpu, l->name,
		       (int)READ_ONCE(l->owner_cpu) - 1);
	/* The list may change under us: bounded, and only in an emergency. */
	for (l = READ_ONCE(per_cpu(held_locks, cpu)); l && n < 16;
	     l = READ_ONCE(l->next_held), n++) {
		unsigned long off = 0;
		const char *fn = ksym_lookup(l->owner_pc, &off, NULL);

		printk("cpu %u holds lock %s, taken at %s+0x%lx\n", cpu, l->name, fn ? fn : "?",
		       off);
	}
}

#else /* !CONFIG_DEBUG */

void spin_lock_init(struct spinlock *l, const char *name)
{
	*l = (struct spinlock){ RAW_SPINLOCK_INIT };
}

static void spin_lock_from(struct spinlock *l, unsigned long pc)
{
	preempt_disable();
	raw_spin_lock(&l->raw);
}

bool spin_trylock(struct spinlock *l)
{
	preempt_disable();
	if (raw_spin_trylock(&l->raw))
		return true;
	preempt_enable();
	return false;
}

static void spin_unlock_keep(struct spinlock *l)
{
	raw_spin_unlock(&l->raw);
}

bool spin_is_mine(const struct spinlock *l)
{
	return true;
}

void spin_print_held(unsigned int cpu)
{
	printk("cpu %u: held locks are not recorded in a release build\n", cpu);
}

#endif

bool spin_is_locked(const struct spinlock *l)
{
	return raw_spin_is_locked(&l->raw);
}

void spin_lock(struct spinlock *l)
{
	spin_lock_from(l, (unsigned long)__builtin_return_address(0));
}

void spin_unlock(struct spinlock *l)
{
	spin_unlock_keep(l);
	preempt_enable();
}

unsigned long spin_lock_irqsave(struct spinlock *l)
{
	unsigned long flags = arch_irq_save();

	spin_lock_from(l, (unsigned long)__builtin_return_address(0));
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
	spin_unlock_keep(l);
	arch_irq_restore(flags);
	/* Last, since it may switch, which it may not with interrupts disabled. */
	preempt_enable();
}
