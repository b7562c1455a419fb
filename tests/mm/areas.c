/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmap, munmap and mprotect against a model: for each page of a window its protection and its
 * contents. Random operations; after each one the areas are compared with the model, and after some
 * the contents, through the MMU.
 *
 * The window lies around a border of tables, so that tables are shared, and go, at its middle.
 */
#include <lib/string.h>
#include <mm/pgtable.h>
#include <mm/rmap.h>
#include <test/mm.h>

#include "../../mm/internal.h"

#define NR_SLOTS 48
#define BASE	 (TEST_ADDR - NR_SLOTS / 2 * PAGE_SIZE)
#define UNMAPPED (~0UL)

struct model {
	struct test *t;
	struct rng *rng;
	struct mm_struct *mm;
	unsigned long base;
	unsigned long flags[NR_SLOTS]; /* or UNMAPPED */
	u64 val[NR_SLOTS];	       /* 0: untouched */
	u64 last_val;
};
static struct model models[CREW_MAX];

static unsigned long slot_addr(const struct model *m, unsigned int slot)
{
	return m->base + slot * PAGE_SIZE;
}

static unsigned long slot_flags(struct model *m, unsigned int slot)
{
	struct vm_area_struct *vma = find_vma(m->mm, slot_addr(m, slot));

	return vma && vma->vm_start <= slot_addr(m, slot) ? vma->vm_flags : UNMAPPED;
}

/* Neighbours that are alike are one area, unless each already has an anon_vma of its own. */
static bool merged_enough(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *next;

	list_for_each_entry(vma, &mm->mmap, vm_list)
	{
		next = vma_next(vma);
		if (!next || next->vm_start != vma->vm_end || next->vm_flags != vma->vm_flags)
			continue;
		if (!vma->anon_vma || !next->anon_vma || vma->anon_vma == next->anon_vma)
			return false;
	}
	return true;
}

static bool check_areas(struct model *m, const char *what)
{
	bool ok = true;

	down_read(&m->mm->mmap_sem);
	mm_check(m->mm);
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		ok &= slot_flags(m, i) == m->flags[i];
	EXPECT_MSG(m->t, ok, "areas differ from the model after %s", what);
	up_read(&m->mm->mmap_sem);
	return ok;
}

static bool check_contents(struct model *m, const char *what)
{
	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		bool readable = m->flags[i] != UNMAPPED && (m->flags[i] & VM_ACCESS);
		u64 val = ~0ULL;
		int err = user_read64(slot_addr(m, i) + 8 * i, &val);

		if (!EXPECT_MSG(m->t, readable ? !err && val == m->val[i] : err == -EFAULT,
				"slot %u after %s: error %d, %llx instead of %llx", i, what, err,
				(unsigned long long)val, (unsigned long long)m->val[i]))
			return false;
	}
	return true;
}

/* ---- operations on both ---- */

static void model_set(struct model *m, unsigned int first, unsigned int nr, unsigned long flags)
{
	for (unsigned int i = first; i < first + nr; i++) {
		m->flags[i] = flags;
		m->val[i] = 0;
	}
}

static const unsigned long protections[] = { RW, RW, VM_READ, RW | VM_EXEC, 0 };

static unsigned long pick_flags(struct model *m)
{
	return protections[rng_below(m->rng, ARRAY_SIZE(protections))];
}

/*
 * An operation that ran out of memory may have done a part: each slot is as it was, or as it was to
 * become, or (mmap takes away what was there first) gone. Whatever it is now is the model from now
 * on.
 */
static void model_resync(struct model *m, unsigned int first, unsigned int nr, unsigned long flags)
{
	down_read(&m->mm->mmap_sem);
	for (unsigned int i = first; i < first + nr; i++) {
		unsigned long now = slot_flags(m, i);

		EXPECT_MSG(m->t, now == m->flags[i] || now == flags || now == UNMAPPED,
			   "slot %u: flags %lx", i, now);
		if (now == UNMAPPED)
			m->val[i] = 0;
		m->flags[i] = now;
	}
	up_read(&m->mm->mmap_sem);
}

static const char *do_map(struct model *m, unsigned int first, unsigned int nr)
{
	unsigned long flags = pick_flags(m);
	long ret = sys_mmap(slot_addr(m, first), nr * PAGE_SIZE, flags);

	if (ret == -ENOMEM) {
		model_resync(m, first, nr, flags);
		return "failed mmap";
	}
	EXPECT_MSG(m->t, ret == (long)slot_addr(m, first), "mmap: %ld", ret);
	model_set(m, first, nr, flags);
	return "mmap";
}

static const char *do_unmap(struct model *m, unsigned int first, unsigned int nr)
{
	int err = sys_munmap(slot_addr(m, first), nr * PAGE_SIZE);

	if (err == -ENOMEM) {
		model_resync(m, first, nr, UNMAPPED);
		return "failed munmap";
	}
	EXPECT_MSG(m->t, !err, "munmap: %d", err);
	model_set(m, first, nr, UNMAPPED);
	return "munmap";
}

static const char *do_protect(struct model *m, unsigned int first, unsigned int nr, bool may_fail)
{
	unsigned long flags = pick_flags(m);
	int err = sys_mprotect(slot_addr(m, first), nr * PAGE_SIZE, flags);
	unsigned int i;

	if (err == -ENOMEM && may_fail) {
		model_resync(m, first, nr, flags);
		return "failed mprotect";
	}
	for (i = first; i < first + nr && m->flags[i] != UNMAPPED; i++)
		m->flags[i] = flags;
	EXPECT_MSG(m->t, err == (i < first + nr ? -ENOMEM : 0), "mprotect: %d", err);
	return "mprotect";
}

static const char *do_write(struct model *m, unsigned int first, unsigned int nr, bool may_fail)
{
	for (unsigned int i = first; i < first + nr; i++) {
		bool writable = m->flags[i] != UNMAPPED && (m->flags[i] & VM_WRITE);
		u64 val = ++m->last_val;
		int err = user_write64(slot_addr(m, i) + 8 * i, val);

		if (err == -ENOMEM && may_fail)
			continue;
		EXPECT_MSG(m->t, err == (writable ? 0 : -EFAULT), "write to slot %u: %d", i, err);
		if (writable)
			m->val[i] = val;
	}
	return "write";
}

static const char *step(struct model *m, bool may_fail)
{
	unsigned int first = rng_below(m->rng, NR_SLOTS);
	unsigned int nr = 1 + rng_below(m->rng, MIN(NR_SLOTS - first, 12U));

	switch (rng_below(m->rng, 8)) {
	case 0:
	case 1:
		return do_map(m, first, nr);
	case 2:
		return do_unmap(m, first, nr);
	case 3:
	case 4:
	case 5:
		return do_protect(m, first, nr, may_fail);
	default:
		return do_write(m, first, nr, may_fail);
	}
}

static void model_init(struct model *m, struct test *t, struct rng *rng, struct mm_struct *mm,
		       unsigned long base)
{
	memset(m, 0, sizeof(*m));
	m->t = t;
	m->rng = rng;
	m->mm = mm;
	m->base = base;
	model_set(m, 0, NR_SLOTS, UNMAPPED);
}

/* A space with one model, adopted by this thread. */
static struct model *model_begin(struct test *t)
{
	struct mm_struct *mm = mm_alloc();

	if (!EXPECT(t, mm != NULL))
		return NULL;
	model_init(&models[0], t, &t->rng, mm, BASE);
	use_mm(mm);
	return &models[0];
}

static void model_end(struct model *m)
{
	unuse_mm();
	mmput(m->mm);
}

static void test_areas(struct test *t)
{
	struct mm_balance b;
	struct model *m;

	balance_begin(t, &b);
	m = model_begin(t);
	if (!m)
		return;
	for (unsigned int i = 0; i < 1500; i++) {
		const char *what = step(m, false);

		if (!check_areas(m, what))
			break;
		EXPECT_MSG(t, merged_enough(m->mm), "two areas that should be one after %s", what);
		if (i % 8 == 0 && !check_contents(m, what))
			break;
	}
	model_end(m);
	balance_end(t, &b);
}
TEST(mm, areas, TEST_ASSERT, test_areas);

/* The same while every kind of allocation fails now and then. */
static void test_areas_oom(struct test *t)
{
	struct mm_balance b;
	struct model *m;
	u64 failed = 0;

	balance_begin(t, &b);
	m = model_begin(t);
	if (!m)
		return;
	for (unsigned int i = 0; i < 1500 && !t->failures; i++) {
		const char *what;

		fail_inject(FAIL_PAGE, 4, rng_next(&t->rng));
		fail_inject(FAIL_SLAB, 4, rng_next(&t->rng));
		what = step(m, true);
		failed += fail_count(FAIL_PAGE) + fail_count(FAIL_SLAB);
		fail_inject(FAIL_PAGE, 0, 0);
		fail_inject(FAIL_SLAB, 0, 0);
		if (!check_areas(m, what) || (i % 8 == 0 && !check_contents(m, what)))
			break;
	}
	EXPECT_MSG(t, failed > 50, "only %llu failures were injected", (unsigned long long)failed);
	model_end(m);
	balance_end(t, &b);
}
TEST(mm, areas_oom, TEST_ASSERT, test_areas_oom);

/*
 * Several threads in one address space, each with a window and a model of its own. The windows
 * touch one another, so that areas reach across.
 */
static void areas_racer(struct crew *c, unsigned int me)
{
	struct model *m = &models[me];

	model_init(m, c->t, &c->rng[me], c->arg, BASE + me * NR_SLOTS * PAGE_SIZE);
	use_mm(m->mm);
	for (unsigned int i = 0; !crew_done(c) && !c->t->failures; i++) {
		const char *what = step(m, false);

		if (!check_areas(m, what) || (i % 8 == 0 && !check_contents(m, what)))
			break;
	}
	unuse_mm();
}

static void test_areas_race(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;

	balance_begin(t, &b);
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	crew_run(t, crew_racers() + 1, areas_racer, mm, t->budget_ns);
	mmput(mm);
	balance_end(t, &b);
}
TEST(mm, areas_race, TEST_RACE, test_areas_race);

/* What is refused, and where "anywhere" is. */
static void test_mmap_arguments(struct test *t)
{
	struct mm_struct *mm = mm_alloc();
	long a, b;

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, 0, RW) == -EINVAL);
	EXPECT(t, sys_mmap(TEST_ADDR + 1, PAGE_SIZE, RW) == -EINVAL);
	EXPECT(t, sys_mmap(PAGE_SIZE, PAGE_SIZE, RW) == -EINVAL);
	EXPECT(t, sys_mmap(USER_END, PAGE_SIZE, RW) == -EINVAL);
	EXPECT(t, sys_mmap(USER_END - PAGE_SIZE, 2 * PAGE_SIZE, RW) == -EINVAL);
	EXPECT(t, sys_mmap(TEST_ADDR, ~0UL, RW) == -EINVAL);
	EXPECT(t, sys_mmap(0, ~0UL, RW) == -EINVAL);
	EXPECT(t, sys_mmap(0, USER_END, RW) == -EINVAL);
	EXPECT(t, sys_mmap(0, USER_END - USER_START, RW) == -ENOMEM);
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, RW | VM_GROWSUP | VM_GROWSDOWN) == -EINVAL);
	EXPECT(t, sys_munmap(TEST_ADDR, 0) == -EINVAL);
	EXPECT(t, sys_munmap(TEST_ADDR, ~0UL) == -EINVAL);
	EXPECT(t, sys_munmap(TEST_ADDR, PAGE_SIZE) == 0);
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGE_SIZE, VM_READ) == -ENOMEM);
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGE_SIZE, VM_GROWSUP) == -EINVAL);
	EXPECT(t, sys_mprotect(TEST_ADDR, USER_END, VM_READ) == -EINVAL);

	/* No area more than there may be: a cut would make one, and a mapping apart. */
	EXPECT(t, sys_mmap(TEST_ADDR, 3 * PAGE_SIZE, RW) == TEST_ADDR);
	mm->map_count += MAX_MAP_COUNT - 1;
	EXPECT(t, sys_mprotect(TEST_ADDR + PAGE_SIZE, PAGE_SIZE, VM_READ) == -ENOMEM);
	EXPECT(t, sys_mmap(TEST_ADDR + 8 * PAGE_SIZE, PAGE_SIZE, RW) == -ENOMEM);
	mm->map_count -= MAX_MAP_COUNT - 1;
	EXPECT(t, mm->map_count == 1 && !sys_munmap(TEST_ADDR, 3 * PAGE_SIZE));

	/* The kernel's choice leaves a stack its distance: the page below has no room any more. */
	a = sys_mmap(0, 1, RW);
	EXPECT(t, sys_mmap(a + PAGE_SIZE, 1, RW | VM_GROWSDOWN) == a + (long)PAGE_SIZE);
	EXPECT(t, !sys_munmap(a, 1));
	b = sys_mmap(0, 1, RW);
	EXPECT_MSG(t, b > a + (long)PAGE_SIZE, "%lx beside the stack at %lx", b, a + PAGE_SIZE);
	EXPECT(t, !sys_munmap(a, b + PAGE_SIZE - a));

	/* The first page, the very last; two ranges of the kernel's choice beside one another. */
	EXPECT(t, sys_mmap(USER_START, PAGE_SIZE, RW) == (long)USER_START);
	EXPECT(t, sys_mmap(USER_END - PAGE_SIZE, PAGE_SIZE, RW) == (long)(USER_END - PAGE_SIZE));
	expect_write(t, USER_END - 8, 77, "last word");
	expect_read(t, USER_END - 8, 77, "last word");
	a = sys_mmap(0, 1, RW);
	b = sys_mmap(0, 3 * PAGE_SIZE, VM_READ);
	EXPECT_MSG(t, a > 0 && b > 0 && a != b, "%ld %ld", a, b);
	EXPECT(t, sys_munmap(a, PAGE_SIZE) == 0);
	EXPECT(t, sys_mmap(0, PAGE_SIZE, RW) == a);
	mm_check(mm);
	unuse_mm();
	mmput(mm);
}
TEST(mm, mmap_arguments, TEST_ASSERT, test_mmap_arguments);

/* What the kernel chooses: room that fits exactly, and the guard of a stack that grows up. */
static void test_mmap_room(struct test *t)
{
	struct mm_struct *mm = mm_alloc();
	long gap = STACK_GUARD_PAGES * PAGE_SIZE, base, next;

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	base = sys_mmap(0, PAGE_SIZE, RW | VM_GROWSUP);
	next = sys_mmap(0, PAGE_SIZE, RW);
	EXPECT_MSG(t, base > 0 && next == base + (long)PAGE_SIZE + gap, "%lx after %lx", next,
		   base);
	EXPECT(t, !sys_munmap(base, next + PAGE_SIZE - base));
	/* The stack ends where the search begins. */
	sys_mmap(base - PAGE_SIZE, PAGE_SIZE, RW | VM_GROWSUP);
	next = sys_mmap(0, PAGE_SIZE, RW);
	EXPECT_MSG(t, next == base + gap, "%lx after %lx", next, base);
	EXPECT(t, !sys_munmap(base - PAGE_SIZE, next + 2 * PAGE_SIZE - base));
	EXPECT(t, sys_mmap(0, USER_END - base, RW) == base);
	mm_check(mm);
	unuse_mm();
	mmput(mm);
}
TEST(mm, mmap_room, TEST_ASSERT, test_mmap_room);

/* Which anon_vma an area gets: that of a neighbour, where the two could be one. */
static void test_anon_vma_sharing(struct test *t)
{
	struct mm_struct *mm = mm_alloc();
	struct vm_area_struct *a, *b;
	unsigned long second = TEST_ADDR + 2 * PAGE_SIZE;

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, 2 * PAGE_SIZE, RW);
	sys_mmap(second, 2 * PAGE_SIZE, RW | VM_EXEC);
	a = find_vma(mm, TEST_ADDR);
	b = find_vma(mm, second);
	EXPECT(t, a != b && !a->anon_vma && !b->anon_vma);
	expect_read(t, TEST_ADDR, 0, "untouched");
	EXPECT(t, !a->anon_vma); /* the zero page needs none */
	expect_write(t, TEST_ADDR, 1, "first area");
	expect_write(t, second, 2, "second area");
	EXPECT(t, a->anon_vma && a->anon_vma == b->anon_vma);
	/* So they become one, and their pages are still there. */
	EXPECT(t, sys_mprotect(second, 2 * PAGE_SIZE, RW) == 0);
	EXPECT(t, mm->map_count == 1);
	mm_check(mm);
	expect_read(t, TEST_ADDR, 1, "merged");
	expect_read(t, second, 2, "merged");

	/* A hole between: two of their own, and they stay two when the hole is filled. */
	sys_mmap(TEST_ADDR + 32 * PAGE_SIZE, PAGE_SIZE, RW);
	expect_write(t, TEST_ADDR + 32 * PAGE_SIZE, 3, "far away");
	sys_mmap(TEST_ADDR + 4 * PAGE_SIZE, 28 * PAGE_SIZE, RW);
	EXPECT_MSG(t, mm->map_count == 2, "%lu areas", mm->map_count);
	/* A stack is never one with what it touches. */
	sys_mmap(TEST_ADDR + 33 * PAGE_SIZE, PAGE_SIZE, RW | VM_GROWSUP);
	expect_write(t, TEST_ADDR + 33 * PAGE_SIZE, 4, "stack");
	a = find_vma(mm, TEST_ADDR + 32 * PAGE_SIZE);
	b = find_vma(mm, TEST_ADDR + 33 * PAGE_SIZE);
	EXPECT(t, a != b && b->anon_vma && a->anon_vma != b->anon_vma);
	mm_check(mm);
	unuse_mm();
	mmput(mm);
}
TEST(mm, anon_vma_sharing, TEST_ASSERT, test_anon_vma_sharing);

/* The upper one has it first. */
static void test_anon_vma_from_next(struct test *t)
{
	unsigned long second = TEST_ADDR + 2 * PAGE_SIZE;
	struct mm_struct *mm = mm_alloc();
	struct vm_area_struct *a, *b;

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, 2 * PAGE_SIZE, RW);
	sys_mmap(second, 2 * PAGE_SIZE, RW | VM_EXEC);
	expect_write(t, second, 2, "second area");
	expect_write(t, TEST_ADDR, 1, "first area");
	a = find_vma(mm, TEST_ADDR);
	b = find_vma(mm, second);
	EXPECT(t, a != b && a->anon_vma && a->anon_vma == b->anon_vma);
	unuse_mm();
	mmput(mm);
}
TEST(mm, anon_vma_from_next, TEST_ASSERT, test_anon_vma_from_next);

/* ---- leaf tables ---- */

#define LEAVES 3

struct leaf_walk {
	unsigned int stop, calls; /* it fails at call number @stop, from 1 */
	unsigned long at[LEAVES + 1];
};

static int leaf_note(void *arg, pteval_t *pte, unsigned long addr, unsigned long end)
{
	struct leaf_walk *w = arg;

	w->at[MIN(w->calls, LEAVES)] = addr;
	return ++w->calls == w->stop ? -EAGAIN : 0;
}

/* Tables side by side, and one below another upper table: an error ends the walk at once. */
static void test_leaf_walk(struct test *t)
{
	const unsigned long where[LEAVES] = { TEST_ADDR, TEST_ADDR + (1UL << pgtable_shift(1)),
					      TEST_ADDR + (1UL << pgtable_shift(2)) };
	struct mm_struct *mm = mm_alloc();

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	for (unsigned int i = 0; i < LEAVES; i++) {
		EXPECT(t, sys_mmap(where[i], PAGE_SIZE, RW) == (long)where[i]);
		expect_write(t, where[i], i, "leaf");
	}
	for (unsigned int stop = 1; stop <= LEAVES + 1; stop++) {
		struct leaf_walk w = { .stop = stop };
		int err = mm_for_each_leaf(mm, where[0], where[LEAVES - 1] + 2 * PAGE_SIZE,
					   leaf_note, &w);

		EXPECT_MSG(t, w.calls == MIN(stop, LEAVES), "%u calls, stop at %u", w.calls, stop);
		EXPECT_MSG(t, err == (stop <= LEAVES ? -EAGAIN : 0), "stop at %u: %d", stop, err);
		for (unsigned int i = 0; i < MIN(w.calls, LEAVES); i++)
			EXPECT_MSG(t, w.at[i] == where[i], "leaf %u at %lx", i, w.at[i]);
	}
	unuse_mm();
	mmput(mm);
}
TEST(mm, leaf_walk, TEST_ASSERT, test_leaf_walk);

static void leaf_expect(struct test *t, struct mm_struct *mm, unsigned long addr, u64 val)
{
	struct page *page = page_at(mm, addr);

	if (EXPECT(t, page != NULL))
		EXPECT_MSG(t, *(u64 *)page_address(page) == val, "%llu is found at %lx",
			   (unsigned long long)*(u64 *)page_address(page), addr);
}

/* Map a page at @addr and write @val there: it is found where it is. */
static void leaf_fill(struct test *t, struct mm_struct *mm, unsigned long addr, u64 val)
{
	EXPECT(t, sys_mmap(addr, PAGE_SIZE, RW) == (long)addr);
	expect_write(t, addr, val, "leaf");
	leaf_expect(t, mm, addr, val);
}

/* A table goes, another takes its memory, and a third one its addresses: pte_lookup() knows. */
static void test_leaf_lookup(struct test *t)
{
	const unsigned long other = TEST_ADDR + (1UL << pgtable_shift(1));
	struct mm_struct *mm = mm_alloc();

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	leaf_fill(t, mm, TEST_ADDR, 1);
	leaf_fill(t, mm, other, 2);
	leaf_expect(t, mm, TEST_ADDR, 1);
	sys_munmap(other, PAGE_SIZE);
	EXPECT(t, !page_at(mm, other) && page_at(mm, TEST_ADDR));
	sys_munmap(TEST_ADDR, PAGE_SIZE);
	EXPECT(t, sys_mmap(other, PAGE_SIZE, RW) == (long)other);
	expect_write(t, other, 3, "the freed table's memory");
	EXPECT(t, !page_at(mm, TEST_ADDR));
	leaf_fill(t, mm, TEST_ADDR, 4);
	unuse_mm();
	mmput(mm);
}
TEST(mm, leaf_lookup, TEST_ASSERT, test_leaf_lookup);
