/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parties of the free-running workload: what their members do, together and each for itself.
 *
 * Spaces belong to the thread that leads the party; others have a reference by use_mm().
 */
#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/spin_wait.h>
#include <test/reclaim.h>
#include <test/storm.h>

#include "free_load.h"

#define AREA_PAGES    8
#define AREA_GAP      4 /* pages before an area that is to have no neighbour */
#define PRIVATE_PAGES 4 /* of a thread's own area */
#define DIGEST_LIVES  4
#define TURN_MAX_NS   2000000ULL /* longer is not the machine, but a host that runs others */
#define RWX	      (RW | VM_EXEC)
#define PRIVATE_ADDR  (TEST_ADDR + (16UL << 20))

/* ---- meetings ---- */

static bool party_complete(const struct member *m)
{
	/*
	 * acquire: pairs with the full fetch_add() in party_meet(); what the others did before the
	 * meeting comes before what we do after it; tests: litmus.MP+rel+acq
	 */
	return smp_load_acquire(&m->p->arrived) >= m->turn * m->p->nr || READ_ONCE(m->c->stop);
}

#define MEET_LOOKS 3 /* so long a thread spins before it sleeps: times SPIN_TURNS_PER_LOOK */

static void party_meet(struct member *m)
{
	u32 looks = 0;

	m->turn++;
	/* full: after all that this thread did; pairs with the acquire in party_complete() */
	if (fetch_add(&m->p->arrived, 1) + 1 == m->turn * m->p->nr) {
		wake_up_all(&m->p->queue);
		return;
	}
	if (!spin_until_awake_or("the party", party_complete(m), ++looks > MEET_LOOKS))
		wait_event(&m->p->queue, party_complete(m));
}

/* ---- pages and what they should hold ---- */

/* Write a new stamp to the page at @addr. Its number, or 0 if there was no memory. */
static u32 write_page(struct member *m, unsigned long addr)
{
	struct stamp s = { m->id, 0, addr };
	int err;

	do
		s.seq = ++m->seq & 0xfffff; /* as many bits as a stamp has */
	while (!s.seq);
	err = stamp_write(&s);
	m->s.writes++;
	if (!err)
		return s.seq;
	m->s.nomem++;
	if (err != -ENOMEM)
		detect(DETECT_STAMP, (void *)addr, "thread %u cannot write at %lx: error %d", m->id,
		       addr, err);
	return 0;
}

/* @seq: of the last write_page() there, or 0 if unknown. */
static void check_page(struct member *m, unsigned long addr, u32 seq)
{
	struct stamp s = { m->id, seq, addr };
	struct stamp_found f = { 0 };
	int ret;

	if (!seq)
		return;
	ret = stamp_check(&s, &f);
	m->s.checks++;
	if (ret == -ENOMEM)
		m->s.nomem++;
	else if (ret < 0)
		detect(DETECT_STAMP, (void *)addr, "thread %u cannot read at %lx: error %d", m->id,
		       addr, ret);
	else if (ret)
		detect(DETECT_STAMP, (void *)addr,
		       "thread %u: %llx at %lx (thread %u turn %u page %lx) instead of turn %u",
		       m->id, (unsigned long long)f.raw, f.addr, f.stamp.owner, f.stamp.seq,
		       f.stamp.addr >> PAGE_SHIFT, seq);
}

/*
 * How long a private area lives while nothing is delayed: the unit of the random delays. Ones that
 * the host held up hardly count. Any thread; a hint.
 */
static void note_turn(u64 ns)
{
	u64 old = READ_ONCE(free_load.turn_ns), new = ns;

	if (!READ_ONCE(free_load.calibrating))
		return;
	if (old)
		new = ns < old ? old - (old - ns) / 8 : old + MIN(ns - old, old / 2) / 8;
	WRITE_ONCE(free_load.turn_ns, MIN(new, TURN_MAX_NS));
	fetch_add_relaxed(&free_load.turns, 1);
}

static unsigned long own_page(const struct member *m, const struct area *a)
{
	return a->first + m->me * PAGE_SIZE;
}

static void check_own(struct member *m)
{
	for (unsigned int i = 0; i < AREAS; i++)
		check_page(m, own_page(m, &m->p->area[i]), m->stamp[i]);
}

/* ---- what threads do each for itself ---- */

/* An area of its own that lives for a moment: one anon_vma made and freed, or two. */
static void do_private(struct member *m, u64 dice)
{
	unsigned long addr = PRIVATE_ADDR + m->me * 2 * PRIVATE_PAGES * PAGE_SIZE;
	u32 seq[PRIVATE_PAGES] = { 0 };

	if (sys_mmap(addr, PRIVATE_PAGES * PAGE_SIZE, RW) < 0) {
		m->s.nomem++;
		return;
	}
	/* Cut first, then write: the parts get their anon_vma one from the other. */
	if (dice & 1)
		sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, RWX);
	for (unsigned int i = 0; i < 1 + (dice >> 8) % PRIVATE_PAGES; i++)
		seq[i] = write_page(m, addr + i * PAGE_SIZE);
	if (dice & 2)
		sys_mprotect(addr, 2 * PAGE_SIZE, RWX);
	if (dice & 4)
		sys_mprotect(addr, PRIVATE_PAGES * PAGE_SIZE, RW);
	for (unsigned int i = 0; i < PRIVATE_PAGES; i++)
		check_page(m, addr + i * PAGE_SIZE, seq[i]);
	if (sys_munmap(addr, PRIVATE_PAGES * PAGE_SIZE))
		m->s.nomem++;
}

/* The same as quickly as can be, many times, with the same anon_vma: last in, first out. */
static void do_turnover(struct member *m, u64 dice)
{
	unsigned long addr = PRIVATE_ADDR + m->me * 2 * PRIVATE_PAGES * PAGE_SIZE;

	for (unsigned int i = 8 + dice % 16; i; i--) {
		u64 start = clock_ns();

		if (sys_mmap(addr, PAGE_SIZE, RW) < 0 || !write_page(m, addr) ||
		    sys_munmap(addr, PAGE_SIZE))
			m->s.nomem++;
		note_turn(clock_ns() - start);
	}
}

/* Change what a part of a shared area permits: it stays writable, but is cut and joined. */
static void do_protect(struct member *m, u64 dice)
{
	struct area *a = &m->p->area[dice % AREAS];
	unsigned int first = (dice >> 8) % AREA_PAGES;
	unsigned int nr = 1 + (dice >> 16) % (AREA_PAGES - first);

	if (a->kind == AREA_STACK || !a->mapped)
		return;
	/* Without memory some of it is done, which harms nobody. */
	if (sys_mprotect(a->start + first * PAGE_SIZE, nr * PAGE_SIZE, dice & 0x100000 ? RWX : RW))
		m->s.nomem++;
}

static void do_fork(struct member *m, u64 dice)
{
	struct mm_struct *mm = m->p->mm, *child = dup_mm(mm);

	if (!child) {
		m->s.nomem++;
		return;
	}
	m->s.forks++;
	space_switch(child);
	mmput(child);
	check_own(m);
	for (unsigned int i = 0; i < AREAS; i++)
		if (m->p->area[i].mapped && (dice >> i & 1))
			write_page(m, own_page(m, &m->p->area[i]));
	/* Nobody else uses this space, so no other CPU need be told of what goes: it is quick. */
	do_private(m, dice >> 8);
	do_turnover(m, dice >> 16);
	space_switch(mm);
	check_own(m);
}

static void do_something(struct member *m, u64 dice)
{
	switch (dice % 8) {
	case 0:
	case 1:
	case 4:
		do_fork(m, dice >> 8);
		break;
	case 2:
		do_protect(m, dice >> 8);
		break;
	case 3:
		check_own(m);
		break;
	case 5:
		do_private(m, dice >> 8);
		break;
	default:
		/* In a space that is shared it is slow. */
		if (m->p->nr == 1)
			do_turnover(m, dice >> 8);
		else
			do_private(m, dice >> 8);
	}
}

/* ---- the life of an address space ---- */

/* Lay out the areas of the next life. */
static void plan_areas(struct party *p, struct rng *rng)
{
	unsigned long at = TEST_ADDR;

	for (unsigned int i = 0; i < AREAS; i++) {
		struct area *a = &p->area[i];
		enum area_kind kind = rng_below(rng, AREA_KINDS);

		if (kind == AREA_NEXT && (!i || p->area[i - 1].kind == AREA_STACK))
			kind = AREA_APART;
		*a = (struct area){ .kind = kind, .len = AREA_PAGES * PAGE_SIZE, .flags = RW };
		if (kind != AREA_NEXT)
			at += AREA_GAP * PAGE_SIZE;
		else if (p->area[i - 1].flags == RW)
			a->flags = RWX;
		a->first = a->start = at;
		at += a->len;
		if (kind == AREA_STACK) {
			/* Its last page, and the others by growth. */
			a->start = at - PAGE_SIZE;
			a->len = PAGE_SIZE;
			a->flags |= VM_GROWSDOWN;
		}
	}
}

/* New areas take the place of those that are there. */
static void map_areas(struct member *m)
{
	for (unsigned int i = 0; i < AREAS; i++) {
		struct area *a = &m->p->area[i];

		if (a->kind == AREA_STACK)
			sys_munmap(a->first, AREA_PAGES * PAGE_SIZE);
		a->mapped = sys_mmap(a->start, a->len, a->flags) >= 0;
		m->s.nomem += !a->mapped;
	}
}

/* One round: new areas, everybody writes to them at once, and then does as he likes. */
static void do_round(struct member *m, struct rng *rng)
{
	unsigned int turns = rng_below(rng, 4);

	if (!m->me)
		map_areas(m);
	party_meet(m);
	for (unsigned int i = 0; i < AREAS; i++) {
		const struct area *a = &m->p->area[i];

		m->stamp[i] = a->mapped ? write_page(m, own_page(m, a)) : 0;
	}
	while (turns-- && !READ_ONCE(free_sea.ebb))
		do_something(m, rng_next(rng));
	check_own(m);
	party_meet(m);
}

/* The leader begins a life, or says that there will be no more. */
static void life_prepare(struct member *m, struct rng *rng)
{
	struct party *p = m->p;

	free_stay_ashore(m->c, *rng); /* a copy: what is decided does not depend on it */
	p->rounds = 1 + rng_below(rng, 2);
	plan_areas(p, rng);
	p->mm = NULL;
	/* One life at least, however late the host let this thread begin. */
	p->over = READ_ONCE(m->c->stop) || (m->s.lives && free_load_done(m->c));
	if (!p->over)
		p->mm = mm_alloc();
}

void free_member_thread(struct crew *c, unsigned int me)
{
	struct member *m = &free_load.member[me];
	struct rng *rng = &c->rng[me];
	struct rng life; /* how far a life comes depends on more than decisions */
	unsigned int rounds;

	m->c = c;
	for (;;) {
		life = (struct rng){ { rng_next(rng), rng_next(rng) | 1 } };
		if (!m->me)
			life_prepare(m, &life);
		party_meet(m);
		if (READ_ONCE(c->stop) || m->p->over)
			break;
		rounds = m->p->rounds;
		if (m->s.lives++ < DIGEST_LIVES)
			m->s.digest = digest_add(m->s.digest, life.s[0]);
		if (!m->p->mm) {
			m->s.nomem++;
		} else {
			use_mm(m->p->mm);
			while (rounds--)
				do_round(m, &life);
			unuse_mm();
		}
		/*
		 * Nobody needs the leader's reference any more: all have their own, or had it. But
		 * a crew that was stopped did not meet.
		 */
		if (!m->me && m->p->mm && !READ_ONCE(c->stop))
			mmput(m->p->mm);
	}
	test_check(c->t);
}
