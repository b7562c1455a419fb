/* SPDX-License-Identifier: GPL-2.0-only */
/* What user page-table entries say, and what the MMU makes of them, on every CPU. */
#include <arch/irq.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <test/space.h>

#define FLAGS_ALL    0x1f
#define FLAGS_RIGHTS (PTE_USER_WRITE | PTE_USER_EXEC | PTE_USER_NONE)

static void check_flags(struct test *t, phys_addr_t pa, unsigned int f)
{
	pteval_t pte = pte_make_user(pa, f);

	EXPECT_MSG(t, pte_present(pte) && !pte_none(pte) && !pte_is_swap(pte), "flags %x", f);
	EXPECT_MSG(t, pte_phys(pte) == pa, "flags %x: %llx", f, (unsigned long long)pte);
	EXPECT_MSG(t, pte_write(pte) == !!(f & PTE_USER_WRITE), "flags %x", f);
	/* One that permits nothing need not say it, and some CPUs cannot forbid it. */
	EXPECT_MSG(t,
		   (f & PTE_USER_NONE) || pte_exec(pte) == !!(f & PTE_USER_EXEC) ||
			   !pgtable_can_forbid_exec(),
		   "flags %x", f);
	EXPECT_MSG(t, pte_young(pte) == !!(f & PTE_USER_YOUNG), "flags %x", f);
	EXPECT_MSG(t, pte_dirty(pte) == !!(f & PTE_USER_DIRTY), "flags %x", f);
	EXPECT_MSG(t, pte_noaccess(pte) == !!(f & PTE_USER_NONE), "flags %x", f);
	EXPECT_MSG(t, pte_mkwrite(pte) == pte_make_user(pa, f | PTE_USER_WRITE), "flags %x", f);
	EXPECT_MSG(t, pte_mkdirty(pte) == pte_make_user(pa, f | PTE_USER_DIRTY), "flags %x", f);
	EXPECT_MSG(t, pte_mkyoung(pte) == pte_make_user(pa, f | PTE_USER_YOUNG), "flags %x", f);
	EXPECT_MSG(t, pte_wrprotect(pte) == pte_make_user(pa, f & ~PTE_USER_WRITE), "flags %x", f);
	EXPECT_MSG(t, pte_mkclean(pte) == pte_make_user(pa, f & ~PTE_USER_DIRTY), "flags %x", f);
	EXPECT_MSG(t, pte_mkold(pte) == pte_make_user(pa, f & ~PTE_USER_YOUNG), "flags %x", f);
	for (unsigned int m = 0; m <= FLAGS_ALL; m++)
		EXPECT_MSG(t,
			   pte_modify(pte, m) ==
				   pte_make_user(pa, (m & FLAGS_RIGHTS) | (f & ~FLAGS_RIGHTS)),
			   "flags %x modified to %x", f, m);
}

/* Every combination of flags is read back, and each change changes that one thing. */
static void test_pte_flags(struct test *t)
{
	for (unsigned int f = 0; f <= FLAGS_ALL; f++)
		check_flags(t, 0x12345000, f);
}
TEST(tlb, pte_flags, TEST_ASSERT, test_pte_flags);

static void test_pte_swap(struct test *t)
{
	for (unsigned int bit = 0; bit <= PTE_SWAP_BITS; bit++) {
		u64 entry = (1ULL << bit) - 1;
		pteval_t pte = pte_make_swap(entry);

		EXPECT_MSG(t, !pte_present(pte) && !pte_none(pte) && pte_is_swap(pte), "%llx",
			   (unsigned long long)entry);
		EXPECT(t, pte_swap_entry(pte) == entry);
	}
	EXPECT(t, pte_none(0) && !pte_present(0) && !pte_is_swap(0));
}
TEST(tlb, pte_swap, TEST_ASSERT, test_pte_swap);

/* ---- access ---- */

#define NR_ACCESS_PAGES 3 /* writable, read-only, without access; the fourth is not mapped */
#define RDONLY_VALUE	77

struct access_test {
	struct test *t;
	struct space s;
	struct page *frame[NR_ACCESS_PAGES];
};

/* Each CPU has a word of the writable page. */
static void access_writable(struct access_test *a, unsigned int cpu)
{
	struct test *t = a->t;
	u64 *word = (u64 *)space_va(0) + cpu;
	u64 val = 0, found = 0;

	EXPECT(t, !arch_user_write64(word, 100 + cpu) && !arch_user_read64(word, &val));
	EXPECT_MSG(t, val == 100 + cpu, "cpu %u read %llu", cpu, (unsigned long long)val);
	EXPECT(t, *frame_word(a->frame[0], cpu) == 100 + cpu);
	EXPECT(t, !arch_user_cmpxchg64(word, 1, 2, &found) && found == 100 + cpu);
	EXPECT(t, !arch_user_cmpxchg64(word, 100 + cpu, 200 + cpu, &found) && found == 100 + cpu);
	EXPECT(t, !arch_user_read64(word, &val) && val == 200 + cpu);
}

static void access_denied(struct access_test *a)
{
	struct test *t = a->t;
	u64 val = 0, found = 0;

	EXPECT(t, !space_read(1, &val) && val == RDONLY_VALUE);
	EXPECT(t, space_write(1, 5) == -EFAULT);
	EXPECT(t, arch_user_cmpxchg64((u64 *)space_va(1), val, 6, &found) == -EFAULT);
	EXPECT(t, !space_read(1, &val) && val == RDONLY_VALUE);
	EXPECT(t, space_read(2, &val) == -EFAULT && space_write(2, 5) == -EFAULT);
	EXPECT(t, space_read(3, &val) == -EFAULT && space_write(3, 5) == -EFAULT);
	EXPECT(t, arch_user_cmpxchg64((u64 *)space_va(3), 0, 6, &found) == -EFAULT);
	EXPECT(t, this_cpu(last_fault).addr == space_va(3));
	EXPECT(t, arch_user_read64((const u64 *)(ARCH_USER_END - 8), &val) == -EFAULT);
}

static void access_on_cpu(void *arg, unsigned int cpu)
{
	struct access_test *a = arg;
	u64 val;

	space_load(&a->s);
	access_writable(a, cpu);
	access_denied(a);
	space_load(NULL);
	EXPECT(a->t, space_read(0, &val) == -EFAULT);
}

static void test_access(struct test *t)
{
	static const unsigned int flags[NR_ACCESS_PAGES] = { SPACE_RW, PTE_USER_YOUNG,
							     SPACE_RW | PTE_USER_NONE };
	static struct access_test a;

	a.t = t;
	if (!space_create(t, &a.s))
		return;
	for (unsigned int i = 0; i < NR_ACCESS_PAGES; i++) {
		a.frame[i] = frame_create(t);
		if (a.frame[i])
			space_map(&a.s, i, a.frame[i], flags[i]);
	}
	if (a.frame[0] && a.frame[1] && a.frame[2]) {
		*frame_word(a.frame[1], 0) = RDONLY_VALUE;
		space_faults_begin();
		on_cpus(access_on_cpu, &a);
		space_faults_end();
	}
	for (unsigned int i = 0; i < NR_ACCESS_PAGES; i++)
		ptep_get_and_clear(&a.s.pte[i]);
	space_destroy(&a.s);
	for (unsigned int i = 0; i < NR_ACCESS_PAGES; i++)
		frame_free(a.frame[i]);
}
TEST(tlb, access, TEST_ASSERT, test_access);

/* ---- access and dirty bits ---- */

struct bits_test {
	struct test *t;
	struct space s;
	struct page *frame;
};

static void clean(pteval_t *ptep)
{
	pteval_t old;

	do
		old = ptep_get(ptep);
	while (ptep_cmpxchg(ptep, old, pte_mkclean(old)) != old);
}

/* Each CPU has a page of its own; all map the same frame. */
static void bits_on_cpu(void *arg, unsigned int cpu)
{
	struct bits_test *b = arg;
	struct test *t = b->t;
	pteval_t *pte = &b->s.pte[cpu];
	u64 val;

	space_load(&b->s);
	EXPECT(t, !pte_young(ptep_get(pte)) && !pte_dirty(ptep_get(pte)));
	EXPECT(t, !space_read(cpu, &val));
	EXPECT(t, pte_young(ptep_get(pte)) && !pte_dirty(ptep_get(pte)));
	EXPECT(t, !space_write(cpu, cpu));
	EXPECT(t, pte_young(ptep_get(pte)) && pte_dirty(ptep_get(pte)));
	/* Made old and clean, and flushed: the next write sets both again. */
	EXPECT(t, ptep_test_and_clear_young(pte));
	EXPECT(t, !ptep_test_and_clear_young(pte));
	clean(pte);
	tlb_flush_page(&b->s.mm, space_va(cpu));
	EXPECT(t, !pte_young(ptep_get(pte)) && !pte_dirty(ptep_get(pte)));
	EXPECT(t, !space_write(cpu, cpu));
	EXPECT(t, pte_young(ptep_get(pte)) && pte_dirty(ptep_get(pte)));
	/* Write-protected it denies the write, and keeps both. */
	ptep_set_wrprotect(pte);
	tlb_flush_page(&b->s.mm, space_va(cpu));
	EXPECT(t, space_write(cpu, cpu) == -EFAULT && !space_read(cpu, &val));
	EXPECT(t, pte_young(ptep_get(pte)) && pte_dirty(ptep_get(pte)));
}

static void test_young_dirty(struct test *t)
{
	static struct bits_test b;
	unsigned int cpu;

	b.t = t;
	if (!space_create(t, &b.s))
		return;
	b.frame = frame_create(t);
	if (b.frame) {
		for_each_cpu_in(cpu, smp_online_mask())
			space_map(&b.s, cpu, b.frame, PTE_USER_WRITE);
		space_faults_begin();
		on_cpus(bits_on_cpu, &b);
		space_faults_end();
		for_each_cpu_in(cpu, smp_online_mask())
			ptep_get_and_clear(&b.s.pte[cpu]);
	}
	test_record(t, "\"bits_by\":\"%s\"", b.s.faults ? "fault" : "hardware");
	if (arch_has_hw_young() && arch_has_hw_dirty())
		EXPECT_MSG(t, !b.s.faults, "%u faults", b.s.faults);
	space_destroy(&b.s);
	frame_free(b.frame);
}
TEST(tlb, young_dirty, TEST_ASSERT, test_young_dirty);

/* ---- the context that the fault handler runs in ---- */

#define NESTING_MAX 3

static struct nesting_test {
	struct test *t;
	struct space s;
	struct page *frame;
	unsigned int depth, depth_seen;
} nesting;

/*
 * A fault at page n maps it, but first touches page n + 1, which is not mapped either: the same
 * again, on the same stack, in the midst of the first.
 */
static int nesting_fault(unsigned long addr, enum fault_access access)
{
	struct nesting_test *n = &nesting;
	unsigned long page = (addr - SPACE_VA) / PAGE_SIZE;
	u64 val = 0;

	if (addr < SPACE_VA || page > NESTING_MAX)
		return -EFAULT;
	n->depth++;
	n->depth_seen = MAX(n->depth_seen, n->depth);
	EXPECT(n->t, !arch_irqs_disabled());
	if (page < NESTING_MAX)
		EXPECT(n->t, !space_read(page + 1, &val) && val == 42);
	else
		EXPECT(n->t, space_read(NESTING_MAX + 1, &val) == -EFAULT);
	space_map(&n->s, page, n->frame, SPACE_RW);
	tlb_pte_added(&n->s.mm, addr);
	n->depth--;
	return 0;
}

static void test_fault_context(struct test *t)
{
	int (*former)(unsigned long addr, enum fault_access access) = user_fault;
	struct nesting_test *n = &nesting;
	unsigned long flags;
	u64 val = 0;

	n->t = t;
	n->depth_seen = 0;
	if (!space_create(t, &n->s))
		return;
	n->frame = frame_create(t);
	if (n->frame) {
		*frame_word(n->frame, 0) = 42;
		space_load(&n->s);
		user_fault = nesting_fault;
		/* Who has interrupts disabled is not made to wait. */
		flags = arch_irq_save();
		EXPECT(t, space_read(0, &val) == -EFAULT && !n->depth_seen);
		arch_irq_restore(flags);
		EXPECT(t, !space_read(0, &val) && val == 42);
		EXPECT_MSG(t, n->depth_seen == NESTING_MAX + 1, "%u", n->depth_seen);
		user_fault = former;
		space_load(NULL);
	}
	for (unsigned int i = 0; i <= NESTING_MAX; i++)
		ptep_get_and_clear(&n->s.pte[i]);
	space_destroy(&n->s);
	frame_free(n->frame);
}
TEST(tlb, fault_context, TEST_ASSERT, test_fault_context);
