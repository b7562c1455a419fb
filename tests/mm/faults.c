/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults: each kind once, counted; what is not permitted; stacks that grow; many at one place. */
#include <arch/access.h>
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <kernel/sync_point.h>
#include <mm/memory.h>
#include <mm/page.h>
#include <mm/pgtable_user.h>
#include <mm/vmstat.h>
#include <test/reclaim.h>

static unsigned long kind_before[MM_FAULT_NR];

static void kinds_note(void)
{
	for (unsigned int k = 0; k < MM_FAULT_NR; k++)
		kind_before[k] = mm_fault_total(k);
}

/* Faults of this kind since kinds_note(). */
static unsigned long kind_count(enum mm_fault_kind k)
{
	return mm_fault_total(k) - kind_before[k];
}

/* Nor where interrupts are disabled, though preemption is not. */
static void expect_no_fault_irqs_off(struct test *t, unsigned long addr)
{
	unsigned long flags = arch_irq_save();
	u64 val = 0;
	int err = arch_user_read64((const u64 *)addr, &val);
	bool off = arch_irqs_disabled();

	arch_irq_restore(flags);
	EXPECT_MSG(t, err && off, "error %d", err);
}

static void test_fault_kinds(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm, *child;

	balance_begin(t, &b);
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, 4 * PAGE_SIZE, RW) == (long)TEST_ADDR);

	kinds_note();
	expect_read(t, TEST_ADDR, 0, "untouched");
	EXPECT(t, kind_count(MM_FAULT_ZERO) == 1 && mm->anon_rss == 0);
	expect_write(t, TEST_ADDR, 1, "zero page");
	EXPECT(t, kind_count(MM_FAULT_COW) == 1 && mm->anon_rss == 1);
	expect_read(t, TEST_ADDR, 1, "own page");
	expect_read(t, TEST_ADDR + PAGE_SIZE - 8, 0, "rest of it");
	expect_write(t, TEST_ADDR + PAGE_SIZE, 2, "nothing there");
	expect_read(t, TEST_ADDR + 2 * PAGE_SIZE - 8, 0, "rest of it");
	EXPECT(t, kind_count(MM_FAULT_ANON) == 1 && mm->anon_rss == 2);

	expect_write(t, TEST_ADDR + PAGE_SIZE - 8, 9, "own page");
	child = dup_mm(mm);
	if (EXPECT(t, child != NULL)) {
		EXPECT(t, child->anon_rss == 2);
		expect_write(t, TEST_ADDR, 3, "shared with the child");
		expect_read(t, TEST_ADDR + PAGE_SIZE - 8, 9, "rest of the copy");
		EXPECT(t, kind_count(MM_FAULT_COW) == 2);
		mmput(child);
		/* Nor has reclaim a reference, as memory is not short. */
		expect_write(t, TEST_ADDR + PAGE_SIZE, 4, "shared no more");
		EXPECT(t, kind_count(MM_FAULT_REUSE) == 1);
	}
	EXPECT(t, kind_count(MM_FAULT_BAD) == 0 && kind_count(MM_FAULT_OOM) == 0);
	EXPECT(t, kind_count(MM_FAULT_FLAGS) == 0); /* a new entry has the bits of its access */

	EXPECT(t, user_write64(TEST_ADDR + 4 * PAGE_SIZE, 1) == -EFAULT);
	EXPECT(t, user_write64(0, 1) == -EFAULT);
	current->fault_error = -ENOMEM; /* that of an earlier access: nobody asks about this one */
	EXPECT(t, user_write64(USER_END, 1) == -EFAULT);
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGE_SIZE, VM_READ) == 0);
	EXPECT(t, user_write64(TEST_ADDR, 5) == -EFAULT);
	expect_read(t, TEST_ADDR, 3, "read-only");
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGE_SIZE, 0) == 0);
	EXPECT(t, user_write64(TEST_ADDR, 5) == -EFAULT);
	EXPECT(t, kind_count(MM_FAULT_BAD) == 4);
	{
		u64 val;

		EXPECT(t, user_read64(TEST_ADDR, &val) == -EFAULT);
	}
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGE_SIZE, RW) == 0);
	expect_read(t, TEST_ADDR, 3, "after no access at all");
	expect_write(t, TEST_ADDR, 6, "after no access at all");

	/* Where one may not sleep a fault is not resolved; what is mapped can be used. */
	preempt_disable();
	EXPECT(t, user_write64(TEST_ADDR + 2 * PAGE_SIZE, 1) == -EFAULT);
	expect_read(t, TEST_ADDR, 6, "preemption disabled");
	preempt_enable();
	expect_write(t, TEST_ADDR + 2 * PAGE_SIZE, 1, "preemption enabled");
	expect_no_fault_irqs_off(t, TEST_ADDR + 3 * PAGE_SIZE);

	unuse_mm();
	mmput(mm);
	balance_end(t, &b);
}
TEST(mm, fault_kinds, TEST_ASSERT, test_fault_kinds);

/* Access and dirty bits become set by use, by hardware or by faults. */
static void test_young_dirty(struct test *t)
{
	struct mm_struct *mm = mm_alloc();
	pteval_t *ptep;

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, PAGE_SIZE, RW);
	expect_write(t, TEST_ADDR, 1, "first");
	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, TEST_ADDR);
	if (EXPECT(t, ptep && pte_young(*ptep) && pte_dirty(*ptep))) {
		pteval_t old;

		do
			old = ptep_get(ptep);
		while (ptep_cmpxchg(ptep, old, pte_mkclean(pte_mkold(old))) != old);
	}
	spin_unlock(&mm->page_table_lock);
	/* Another CPU, or the TLB of this one, must not go by what it remembers. */
	down_write(&mm->mmap_sem);
	change_protection(find_vma(mm, TEST_ADDR), TEST_ADDR, TEST_ADDR + PAGE_SIZE);
	up_write(&mm->mmap_sem);
	expect_read(t, TEST_ADDR, 1, "old");
	EXPECT(t, pte_young(ptep_get(ptep)) && !pte_dirty(ptep_get(ptep)));
	expect_write(t, TEST_ADDR, 2, "clean");
	EXPECT(t, pte_young(ptep_get(ptep)) && pte_dirty(ptep_get(ptep)));
	unuse_mm();
	mmput(mm);
}
TEST(mm, young_dirty, TEST_ASSERT, test_young_dirty);

/* Does each of the entries of the first two pages permit execution, or not, as @exec says? */
static void expect_exec(struct test *t, struct mm_struct *mm, bool exec, const char *what)
{
	for (unsigned long addr = TEST_ADDR; addr < TEST_ADDR + 2 * PAGE_SIZE; addr += PAGE_SIZE) {
		pteval_t *ptep;

		spin_lock(&mm->page_table_lock);
		ptep = pte_lookup(mm, addr);
		EXPECT_MSG(t, ptep && pte_exec(ptep_get(ptep)) == exec, "%s: entry %llx at %lx",
			   what, ptep ? (unsigned long long)ptep_get(ptep) : 0, addr);
		spin_unlock(&mm->page_table_lock);
	}
}

/* Nobody executes users' pages here: what an entry says of it is to be read there alone. */
static void test_exec_permission(struct test *t)
{
	struct mm_struct *mm, *child;

	if (!pgtable_can_forbid_exec()) {
		test_skip(t, "this CPU cannot forbid execution");
		return;
	}
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, 2 * PAGE_SIZE, RW | VM_EXEC) == (long)TEST_ADDR);
	expect_read(t, TEST_ADDR, 0, "zero page");
	expect_write(t, TEST_ADDR + PAGE_SIZE, 1, "own page");
	expect_exec(t, mm, true, "mmap");
	EXPECT(t, sys_mprotect(TEST_ADDR, 2 * PAGE_SIZE, RW) == 0);
	expect_exec(t, mm, false, "mprotect without");
	EXPECT(t, sys_mprotect(TEST_ADDR, 2 * PAGE_SIZE, RW | VM_EXEC) == 0);
	expect_exec(t, mm, true, "mprotect with");
	child = dup_mm(mm);
	if (EXPECT(t, child != NULL)) {
		expect_exec(t, child, true, "fork");
		expect_write(t, TEST_ADDR, 2, "copy of the zero page");
		expect_write(t, TEST_ADDR + PAGE_SIZE, 3, "copy");
		expect_exec(t, mm, true, "copy on write");
		mmput(child);
	}
	/* From the first on. */
	EXPECT(t, sys_mmap(TEST_ADDR, 2 * PAGE_SIZE, RW) == (long)TEST_ADDR);
	expect_read(t, TEST_ADDR, 0, "zero page");
	expect_write(t, TEST_ADDR + PAGE_SIZE, 1, "own page");
	expect_exec(t, mm, false, "mmap without");
	/* What may be written to, or executed, may be read. */
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, VM_WRITE) == (long)TEST_ADDR);
	expect_read(t, TEST_ADDR, 0, "an area to write to");
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, VM_EXEC) == (long)TEST_ADDR);
	expect_read(t, TEST_ADDR, 0, "an area to execute");
	unuse_mm();
	mmput(mm);
}
TEST(mm, exec_permission, TEST_ASSERT, test_exec_permission);

/* ---- the last user ---- */

static bool user_has_left;

static void look_left(const void *mm)
{
	user_has_left = !current->mm;
}

/* Who leaves a space as its last user uses it no more while it ends. */
static void test_last_user(struct test *t)
{
	struct sync_rule look = { .at = "exit.unmapped", .cpu = -1, .call = look_left };
	struct mm_struct *mm = mm_alloc();

	if (!sync_points_enabled())
		test_skip(t, "a release build has no sync points");
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	mmput(mm);
	sys_mmap(TEST_ADDR, PAGE_SIZE, RW);
	expect_write(t, TEST_ADDR, 1, "last user");
	look.task = current->name;
	user_has_left = false;
	sync_rules_arm(&look, 1, 1);
	unuse_mm();
	sync_rules_disarm();
	if (sync_points_enabled())
		EXPECT(t, user_has_left);
}
TEST(mm, last_user, TEST_ASSERT, test_last_user);

/* ---- stacks ---- */

#define STACK_TOP (TEST_ADDR + (64UL << 20))

static void test_stack_growth(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long down = STACK_TOP - PAGE_SIZE, up = STACK_TOP + (32UL << 20);

	balance_begin(t, &b);
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(down, PAGE_SIZE, RW | VM_GROWSDOWN) == (long)down);
	EXPECT(t, sys_mmap(up, PAGE_SIZE, RW | VM_GROWSUP) == (long)up);
	kinds_note();
	for (unsigned long i = 0; i < 600; i += 3) {
		expect_write(t, STACK_TOP - i * PAGE_SIZE - 8, i, "downwards");
		expect_write(t, up + i * PAGE_SIZE, ~i, "upwards");
	}
	EXPECT_MSG(t, kind_count(MM_FAULT_STACK) == 398, "%lu", kind_count(MM_FAULT_STACK));
	for (unsigned long i = 0; i < 600; i += 3) {
		expect_read(t, STACK_TOP - i * PAGE_SIZE - 8, i, "downwards");
		expect_read(t, up + i * PAGE_SIZE, ~i, "upwards");
	}
	mm_check(mm);
	vma = find_vma(mm, STACK_TOP - 1);
	EXPECT(t, vma && vma->vm_start == STACK_TOP - 598 * PAGE_SIZE && vma->vm_end == STACK_TOP);
	EXPECT(t, mm->map_count == 2);

	/* It remains a stack, whatever it permits. */
	EXPECT(t, !sys_mprotect(vma->vm_start, STACK_TOP - vma->vm_start, VM_READ));
	EXPECT(t, !sys_mprotect(vma->vm_start, STACK_TOP - vma->vm_start, RW));
	expect_write(t, STACK_TOP - 610 * PAGE_SIZE, 1, "downwards, after mprotect");

	/* As far as the limit, and not farther. */
	expect_write(t, STACK_TOP - (8UL << 20), 1, "8 MiB");
	EXPECT(t, user_write64(STACK_TOP - (8UL << 20) - 8, 1) == -EFAULT);
	expect_write(t, up + (8UL << 20) - 8, 1, "8 MiB");
	EXPECT(t, user_write64(up + (8UL << 20), 1) == -EFAULT);
	mm_check(mm);

	/* Not into a neighbour, nor into the page beside it. */
	EXPECT(t, sys_munmap(STACK_TOP - (8UL << 20), (8UL << 20) - PAGE_SIZE) == 0);
	EXPECT(t, sys_mmap(STACK_TOP - 8 * PAGE_SIZE, 2 * PAGE_SIZE, RW) > 0);
	EXPECT(t, user_write64(STACK_TOP - 6 * PAGE_SIZE, 1) == -EFAULT);
	expect_write(t, STACK_TOP - 5 * PAGE_SIZE, 1, "beside the guard");
	EXPECT(t, sys_munmap(up + PAGE_SIZE, (8UL << 20) - PAGE_SIZE) == 0);
	EXPECT(t, sys_mmap(up + 6 * PAGE_SIZE, 2 * PAGE_SIZE, RW) > 0);
	EXPECT(t, user_write64(up + 5 * PAGE_SIZE, 1) == -EFAULT);
	expect_write(t, up + 4 * PAGE_SIZE, 1, "beside the guard");
	mm_check(mm);
	unuse_mm();
	mmput(mm);
	balance_end(t, &b);
}
TEST(mm, stack_growth, TEST_ASSERT, test_stack_growth);

struct stack_race {
	struct mm_struct *mm;
	unsigned long down, up; /* top of one, beginning of the other, which face each other */
};

/* Every thread walks its own words of both stacks, some pages at a time. */
static void stack_racer(struct crew *c, unsigned int me)
{
	struct stack_race *r = c->arg;
	unsigned long off = 0;

	use_mm(r->mm);
	while (off < 900 * PAGE_SIZE) {
		unsigned long word = off + 8 * (me + 1);

		expect_write(c->t, r->down - PAGE_SIZE - off + 8 * (me + 1), word, "down");
		expect_write(c->t, r->up + word, ~word, "up");
		expect_read(c->t, r->down - PAGE_SIZE - off + 8 * (me + 1), word, "down");
		off += rng_below(&c->rng[me], 4) * PAGE_SIZE;
	}
	unuse_mm();
}

static void test_stack_race(struct test *t)
{
	struct mm_balance b;
	struct stack_race r;

	balance_begin(t, &b);
	r.mm = mm_alloc();
	if (!EXPECT(t, r.mm != NULL))
		return;
	/* The first grows up towards the other, which grows down: room for both, and a guard. */
	r.up = TEST_ADDR;
	r.down = TEST_ADDR + 1900 * PAGE_SIZE;
	use_mm(r.mm);
	sys_mmap(r.up, PAGE_SIZE, RW | VM_GROWSUP);
	sys_mmap(r.down - PAGE_SIZE, PAGE_SIZE, RW | VM_GROWSDOWN);
	unuse_mm();
	crew_run(t, crew_racers() + 1, stack_racer, &r, 0);
	down_read(&r.mm->mmap_sem);
	mm_check(r.mm);
	up_read(&r.mm->mmap_sem);
	EXPECT(t, r.mm->map_count == 2);
	mmput(r.mm);
	balance_end(t, &b);
}
TEST(mm, stack_race, TEST_RACE, test_stack_race);

/* ---- all threads fault on the same pages at once ---- */

#define SHARED_PAGES 24

static void same_page_racer(struct crew *c, unsigned int me)
{
	struct mm_struct *mm = c->arg;

	use_mm(mm);
	for (unsigned long i = 0; i < SHARED_PAGES; i++) {
		unsigned long addr = TEST_ADDR + i * PAGE_SIZE;

		crew_meet(c, me);
		if (i % 3 == 0)
			expect_read(c->t, addr + 8 * me, 0, "own word");
		expect_write(c->t, addr + 8 * me, i + me, "own word");
	}
	crew_meet(c, me);
	for (unsigned long i = 0; i < SHARED_PAGES; i++)
		for (unsigned int other = 0; other < c->nr; other++)
			expect_read(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * other, i + other,
				    "word of another");
	unuse_mm();
}

static void test_same_page(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm;

	balance_begin(t, &b);
	for (unsigned int round = 0; round < 3; round++) {
		mm = mm_alloc();
		if (!EXPECT(t, mm != NULL))
			return;
		use_mm(mm);
		sys_mmap(TEST_ADDR, SHARED_PAGES * PAGE_SIZE, RW);
		unuse_mm();
		crew_run(t, crew_racers(), same_page_racer, mm, 0);
		EXPECT_MSG(t, mm->anon_rss == SHARED_PAGES, "%lu pages", mm->anon_rss);
		mmput(mm);
	}
	balance_end(t, &b);
}
TEST(mm, fault_same_page, TEST_RACE, test_same_page, .min_cpus = 2);

/* ---- who faults on one CPU goes on on another ---- */

struct mover {
	struct test *t;
	struct mm_struct *mm;
};

/* In the midst of the fault: sleep on CPU 1, wake up on CPU 0. */
static void move(const void *unused)
{
	current->allowed = 1;
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(1);
}

/* What the trap saved was CPU 1's: where its per-CPU data is must not come back with the rest. */
static void mover_run(void *arg)
{
	struct mover *m = arg;
	struct task_struct *me = current;

	use_mm(m->mm);
	expect_write(m->t, TEST_ADDR, 1, "by a thread that moves");
	EXPECT_MSG(m->t, me->cpu == 0 && smp_processor_id() == 0 && current == me,
		   "on CPU %u, as if on %u", me->cpu, smp_processor_id());
	unuse_mm();
}

static void test_fault_moves(struct test *t)
{
	static const struct sync_rule rule = {
		.at = "fault.found", .cpu = 1, .call = move, .task = "mover"
	};
	struct mover m = { .t = t };
	struct task_struct *task;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	m.mm = mm_alloc();
	if (!EXPECT(t, m.mm != NULL))
		return;
	use_mm(m.mm);
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, RW) == (long)TEST_ADDR);
	unuse_mm();
	sync_rules_arm(&rule, 1, 1);
	task = thread_create("mover", 1ULL << 1, mover_run, &m);
	if (EXPECT(t, task != NULL))
		thread_join(task);
	sync_rules_disarm();
	mmput(m.mm);
}

TEST(mm, fault_moves, TEST_RACE, test_fault_moves, .min_cpus = 2);

/* Without memory: counted as that, and not as an access that is not permitted. */
static void test_fault_oom(struct test *t)
{
	struct mm_struct *mm = mm_alloc();

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, RW) == (long)TEST_ADDR);
	kinds_note();
	fail_inject(FAIL_PAGE, 1, 1);
	EXPECT(t, user_write64(TEST_ADDR, 1) == -ENOMEM);
	fail_inject(FAIL_PAGE, 0, 0);
	EXPECT_MSG(t, kind_count(MM_FAULT_OOM) == 1 && !kind_count(MM_FAULT_BAD), "%lu and %lu",
		   kind_count(MM_FAULT_OOM), kind_count(MM_FAULT_BAD));
	unuse_mm();
	mmput(mm);
}
TEST(mm, fault_oom, TEST_ASSERT, test_fault_oom);
