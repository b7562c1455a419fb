/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks with the checks of a debug build.
 *
 * What each CPU holds, and what others may conclude from its table, is in
 * kernel/debug/held_locks.c: a lock is entered after it is had, and removed before it is released.
 * owner_cpu and owner_pc are written only by the holder and read by anyone for reports, so a reader
 * may see them late; what a CPU asks of itself is never late.
 *
 * A report may be contained (detect() returns): the lock was not taken, and yet the caller will
 * release it. Then it is entered as HELD_NOT, and its release is nothing but the entry's removal.
 * So preemption counts stay right, and a lock that was taken twice must be released twice.
 */
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/held_locks.h>
#include <kernel/lock_order.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <lib/options.h>
#include <lib/poison.h>

#ifdef CONFIG_DEBUG

/* Above what a host may keep the vCPU of the holder from running, below the limit of a test. */
static u64 lock_timeout_ns = 15000000000ULL;
OPTION(lock_timeout, "lock_timeout", OPT_TIME, &lock_timeout_ns, 1000000, 3600000000000ULL,
       "a spinlock not to be had in so much time of a CPU that spins is a deadlock");

static bool is_lock(const struct spinlock *l)
{
	return READ_ONCE(l->magic) == SPINLOCK_MAGIC;
}

static const char *lock_name(const struct spinlock *l)
{
	return is_lock(l) ? l->name : "(no lock)";
}

static const char *function_of(unsigned long pc)
{
	const char *fn = pc ? ksym_lookup(pc - 1, NULL, NULL) : NULL;

	return fn ? fn : "?";
}

/* ---- what a CPU holds ---- */

static void enter(struct spinlock *l, unsigned long pc, enum held_kind kind)
{
	bool irqs_on = !arch_irqs_disabled(), truly = kind == HELD_TRULY;

	if (truly) {
		WRITE_ONCE(l->owner_pc, pc);
		/* release: pairs with the acquire in lock_owner(); where it was taken before by
		 * whom; tests: litmus.MP+rel+acq */
		smp_store_release(&l->owner_cpu, smp_processor_id() + 1);
	}
	BUG_IF(!held_add(l, truly ? lock_class(l) : 0, kind),
	       "more than %u spinlocks held, the last at %lx", HELD_MAX, pc);
	if (truly)
		lock_order_taken(lock_class(l), l, irqs_on);
}

/* The CPU that has @l, by what stands in it, or -1; and where it took it, or somewhere later. */
static int lock_owner(const struct spinlock *l, unsigned long *pc)
{
	/* acquire: pairs with the release in enter(); by whom it was taken before where;
	 * tests: litmus.MP+rel+acq */
	int owner = (int)smp_load_acquire(&l->owner_cpu) - 1;

	*pc = READ_ONCE(l->owner_pc);
	return owner;
}

int spin_holder(const struct spinlock *l)
{
	unsigned int owner = READ_ONCE(l->owner_cpu);

	/* The memory may hold anything. */
	if (!is_lock(l) || !owner || !cpu_exists(owner - 1) || !cpu_holds(owner - 1, l))
		return -1;
	return owner - 1;
}

unsigned int spin_locks_held(void)
{
	unsigned int nr;

	preempt_disable();
	nr = held_count();
	preempt_enable();
	return nr;
}

bool spin_is_mine(const struct spinlock *l)
{
	bool mine;

	preempt_disable();
	mine = held_find(l) >= 0 && !assert_denied(l->name);
	preempt_enable();
	return mine;
}

void spin_check_call(void)
{
	preempt_disable();
	held_for_each_class(lock_order_check, LOCK_CLASS_CALL, NULL);
	preempt_enable();
}

/* ---- initialisation ---- */

void spin_lock_init(struct spinlock *l, const char *name)
{
	int holder = spin_holder(l);

	if (unlikely(holder >= 0) &&
	    detect(DETECT_LOCK_STOLEN, l, "lock %s is initialised while cpu %d holds it, since %s",
		   l->name, holder, function_of(l->owner_pc)))
		return; /* its holder will release it */
	*l = (struct spinlock)SPINLOCK_INIT(name);
}

void spin_lock_init_locked(struct spinlock *l, const char *name)
{
	unsigned long pc = (unsigned long)__builtin_return_address(0);
	int holder;

	preempt_disable();
	holder = spin_holder(l);
	if (unlikely(holder >= 0) &&
	    detect(DETECT_LOCK_STOLEN, l,
		   "lock %s, held by cpu %d since %s, is initialised as ours", l->name, holder,
		   function_of(l->owner_pc))) {
		/*
		 * Two CPUs think that they have it, as the mistake has it; but it stays taken, so
		 * that it goes on to those who wait when we release it. The other's release is
		 * reported, and does nothing.
		 */
		enter(l, pc, holder == smp_processor_id() ? HELD_NOT : HELD_TRULY);
		return;
	}
	/* Taken, though its holder has not said so yet: it is his lock. */
	if (unlikely(is_lock(l) && raw_spin_is_locked(&l->raw)) &&
	    detect(DETECT_LOCK_STOLEN, l, "lock %s, which is held, is initialised as ours",
		   l->name)) {
		raw_spin_lock(&l->raw); /* as should have been done */
		enter(l, pc, HELD_TRULY);
		return;
	}
	*l = (struct spinlock)SPINLOCK_INIT(name);
	l->raw.steps = 1;
	enter(l, pc, HELD_TRULY);
}

/* ---- taking it ---- */

static bool is_freed(u32 word)
{
	return word == POISON32(POISON_FREE) || word == POISON32(POISON_PAGE);
}

/* Report that @l is no lock; how it came to that is read off its bytes. */
static void lock_report_type(const struct spinlock *l, const char *what)
{
	u32 magic = READ_ONCE(l->magic);

	if (magic == POISON32(POISON_NEW))
		detect(DETECT_UNINIT, l, "a lock is %s that was not initialised yet", what);
	else
		detect(DETECT_LOCK_TYPE, l, "a lock is %s in memory that is none%s: canary %x",
		       what, is_freed(magic) ? ", but free" : "", magic);
}

/* It could not be had for long: report, once. */
static void lock_report_timeout(struct spinlock *l)
{
	unsigned long pc;
	int holder = lock_owner(l, &pc);
	const char *since = function_of(pc);

	if (!detect_trap_is_set())
		panic("deadlock: lock %s held by cpu %d since %s", l->name, holder, since);
	detect(DETECT_LOCK_LEAKED, l, "lock %s is not released by cpu %d, which took it in %s",
	       l->name, holder, since);
}

/* How long a lock has been waited for: see spin_lock_watched(). */
struct lock_wait {
	struct spin_wait wait;
	struct patience patience;
	bool reported;
};

static void lock_wait_look(struct spinlock *l, struct lock_wait *w)
{
	sync_point_stuck();
	if (!patience_is_over(&w->patience) || w->reported)
		return;
	lock_report_timeout(l);
	w->reported = true;
}

/*
 * raw_spin_lock() with a limit: a lock that is never released ends in a report. The limit is of
 * the time that this CPU has truly waited: a host that put it aside, or the whole machine, has very
 * likely done the same to the holder. False: the memory stopped being a lock while we waited.
 */
static bool spin_lock_watched(struct spinlock *l)
{
	struct lock_wait w = { .wait = SPIN_WAIT_INIT("a spinlock", &l->raw) };
	u32 me = smp_processor_id() + 1;

	if (likely(raw_spin_take(&l->raw, me)))
		return is_lock(l);
	patience_begin(&w.patience, lock_timeout_ns, SPIN_LOOK_MAX_NS);
	while (!raw_spin_take(&l->raw, me)) {
		if (unlikely(!is_lock(l))) {
			spin_wait_end(&w.wait);
			return false;
		}
		if (unlikely(raw_spin_turn(&l->raw, &w.wait)))
			lock_wait_look(l, &w);
	}
	raw_spin_taken(&l->raw, &w.wait);
	return is_lock(l);
}

/* May it be taken at all? Else it has been reported. Preemption is disabled. */
static bool may_lock(struct spinlock *l)
{
	u32 class;

	if (unlikely(!is_lock(l))) {
		lock_report_type(l, "taken");
		return false;
	}
	if (unlikely(READ_ONCE(l->owner_cpu) == smp_processor_id() + 1)) {
		detect(DETECT_SELF_DEADLOCK, l, "lock %s is already held by this cpu, since %s",
		       l->name, function_of(l->owner_pc));
		return false;
	}
	class = lock_class(l);
	held_for_each_class(lock_order_check, class, l);
	lock_order_check_context(class, l);
	return true;
}

static void spin_lock_from(struct spinlock *l, unsigned long pc)
{
	struct spinlock *outer;
	bool taken;

	preempt_disable();
	if (!may_lock(l)) {
		enter(l, pc, HELD_NOT);
		return;
	}
	outer = held_wait_begin(l);
	taken = spin_lock_watched(l);
	held_wait_end(outer);
	if (unlikely(!taken))
		lock_report_type(l, "waited for");
	enter(l, pc, taken ? HELD_TRULY : HELD_NOT);
}

bool spin_trylock(struct spinlock *l)
{
	preempt_disable();
	if (unlikely(!is_lock(l)))
		lock_report_type(l, "tried");
	else if (raw_spin_trylock(&l->raw)) {
		enter(l, (unsigned long)__builtin_return_address(0), HELD_TRULY);
		return true;
	}
	preempt_enable();
	return false;
}

/* ---- releasing it ---- */

/* False: this CPU had not taken it, so there is nothing to undo. Preemption is disabled. */
static bool spin_unlock_keep(struct spinlock *l)
{
	int i = held_find(l);
	bool truly;

	if (unlikely(i < 0)) {
		detect(DETECT_LOCK_STOLEN, l, "lock %s is released by cpu %u, held by cpu %d",
		       lock_name(l), smp_processor_id(), spin_holder(l));
		return false;
	}
	truly = held_kind(i) == HELD_TRULY;
	if (truly && unlikely(!is_lock(l))) {
		lock_report_type(l, "released");
		truly = false;
	} else if (truly && unlikely(READ_ONCE(l->owner_cpu) != smp_processor_id() + 1)) {
		detect(DETECT_LOCK_STOLEN, l, "lock %s, released by cpu %u, has become cpu %d's",
		       l->name, smp_processor_id(), (int)READ_ONCE(l->owner_cpu) - 1);
		truly = false;
	}
	held_remove(i);
	if (truly) {
		WRITE_ONCE(l->owner_cpu, 0);
		raw_spin_unlock(&l->raw);
	}
	return true;
}

bool spin_force_release(struct spinlock *l)
{
	bool had = spin_is_mine(l);

	while (spin_is_mine(l))
		spin_unlock(l);
	return had;
}

bool spin_check_leaked(unsigned int n, const char *what)
{
	unsigned int nr = spin_locks_held();
	struct spinlock *l;

	if (likely(nr <= n))
		return false;
	/* With a lock held this CPU stays ours. */
	l = held_last();
	detect(DETECT_LOCK_LEAKED, l, "%s has left %u more spinlock%s held, the last %s, since %s",
	       what, nr - n, nr - n > 1 ? "s" : "", lock_name(l), function_of(l->owner_pc));
	while (nr-- > n)
		spin_unlock(held_last());
	return true;
}

/* ---- what others may ask ---- */

/* Report what @cpu holds in [@addr, @addr + @size), and say whether there was any. */
static bool check_freed_cpu(unsigned int cpu, const void *addr, size_t size)
{
	unsigned int bound = cpu_held_bound(cpu);
	bool found = false;

	for (unsigned int i = 0; i < bound; i++) {
		enum held_kind kind;
		struct spinlock *l = cpu_held_at(cpu, i, &kind);
		unsigned long pc;

		if (likely((unsigned long)l - (unsigned long)addr >= size) || kind == HELD_NOT)
			continue;
		found = true;
		lock_owner(l, &pc);
		detect(DETECT_LOCK_FREED, l,
		       "lock %s, held by cpu %u since %s, is in memory that is freed", lock_name(l),
		       cpu, function_of(pc));
	}
	return found;
}

/*
 * Whoever frees knows that nobody uses the memory any more: the last release of a lock in it
 * happened before, and with it the lock's removal from the table. By what it knows is its own:
 *
 *	CPU that had the lock		CPU that frees
 *	place = 0
 *	owner = next (release)
 *	gone = 1 (release)	--->	gone: 1, by whatever read
 *					rmb
 *					place: 0, or what was taken later
 */
bool spin_check_freed(const void *addr, size_t size)
{
	bool found = false;

	/* rmb: pairs with the release in raw_spin_unlock(); a caller that decided by a plain read
	 * and a branch orders its stores so, but not our looks; tests: litmus.MP+rel+rmb */
	smp_rmb();
	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++)
		if (cpu_exists(cpu))
			found |= check_freed_cpu(cpu, addr, size);
	return found;
}

/*
 * From @holder outwards, so that each step is exact: who spins for a lock of a CPU that cannot go
 * on cannot go on either, and keeps the locks that it has:
 *
 *	CPU c			CPU s				this CPU
 *	waits_for = NULL
 *	l: released	--->	l: taken (acquire)
 *	(release)		place = l
 *				waits_for = m (release)	--->	waits_for of s (acquire): m, which
 *								@holder has
 *								place of s: l
 *								waits_for of c: not l any more
 *
 * So what c was seen to spin for after s was known to be stuck, c still spins for.
 */
bool spin_waits_behind(unsigned int cpu, unsigned int holder)
{
	cpumask_t stuck = 1ULL << holder, before;
	unsigned int c, s;

	do {
		before = stuck;
		for_each_cpu_in(c, smp_online_mask() & ~before) {
			const struct spinlock *l = cpu_waits_for(c);

			if (!l)
				continue;
			for_each_cpu_in(s, before)
				if (cpu_keeps(s, l))
					stuck |= 1ULL << c;
		}
	} while (stuck != before && !(stuck & 1ULL << cpu));
	return cpu != holder && (stuck & 1ULL << cpu);
}

/* They may change under us: only in an emergency. */
void spin_print_held(unsigned int cpu)
{
	const struct spinlock *l = cpu_waits_for(cpu);
	unsigned long pc, off = 0;
	enum held_kind kind;
	const char *fn;

	if (l)
		printk("cpu %u waits for lock %s, held by cpu %d\n", cpu, lock_name(l),
		       lock_owner(l, &pc));
	for (unsigned int i = cpu_held_bound(cpu); i--;) {
		l = cpu_held_at(cpu, i, &kind);
		if (!l)
			continue;
		lock_owner(l, &pc);
		fn = ksym_lookup(pc, &off, NULL);
		printk("cpu %u holds lock %s%s, taken at %s+0x%lx\n", cpu, lock_name(l),
		       kind == HELD_NOT ? " (it does not really)" : "", fn ? fn : "?", off);
	}
}

bool spin_is_locked(const struct spinlock *l)
{
	return raw_spin_is_locked(&l->raw);
}

void spin_lock(struct spinlock *l)
{
	spin_lock_from(l, (unsigned long)__builtin_return_address(0));
}

/* The point has the lock's name: its memory may be free by now. */
void spin_unlock(struct spinlock *l)
{
	const char *name = lock_name(l);

	if (likely(spin_unlock_keep(l)))
		preempt_enable();
	sync_point_quiet_on("spin.unlocked", name);
}

unsigned long spin_lock_irqsave(struct spinlock *l)
{
	unsigned long flags = arch_irq_save();

	spin_lock_from(l, (unsigned long)__builtin_return_address(0));
	return flags;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
	bool kept = spin_unlock_keep(l);

	arch_irq_restore(flags);
	/* Last, since it may switch, which it may not with interrupts disabled. */
	if (likely(kept))
		preempt_enable();
}

#else /* !CONFIG_DEBUG: the rest is in the header */

void spin_print_held(unsigned int cpu)
{
	printk("cpu %u: held locks are not recorded in a release build\n", cpu);
}

#endif
