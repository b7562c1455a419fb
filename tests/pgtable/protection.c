/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's own mappings permit, shown by touching them on every CPU: each forbidden access
 * must fault, as the right kind, at the right address, and be recovered from.
 */
#include <arch/pgtable_user.h>
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_alloc.h>
#include <mm/kmap.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>
#include <test/test.h>

struct attempt {
	enum fault_access access;
	const volatile void *addr;
	int ret;
	struct fault_record fault;
};

static void attempt_run(void *arg)
{
	struct attempt *a = arg;
	unsigned long before = this_cpu(last_fault).count;
	u8 v = 0;

	switch (a->access) {
	case FAULT_READ:
		a->ret = probe_read(a->addr, &v);
		break;
	case FAULT_WRITE:
		/* Write back what is there, should it be permitted after all. */
		if (probe_read(a->addr, &v))
			v = 0;
		before = this_cpu(last_fault).count;
		a->ret = probe_write((volatile void *)a->addr, v);
		break;
	default:
		a->ret = probe_exec((const void *)a->addr);
	}
	a->fault = this_cpu(last_fault);
	if (a->fault.count != before + (a->ret == -EFAULT))
		a->ret = -EIO;
}

/* Does the access fault on @cpu, as it should? If not, @why says what happened. */
static bool faults_on(unsigned int cpu, enum fault_access access, const volatile void *addr,
		      bool not_present, char *why, size_t size)
{
	struct attempt a = { .access = access, .addr = addr };

	smp_call_function_single(cpu, attempt_run, &a, true);
	if (a.ret == -EFAULT && a.fault.access == access && a.fault.addr == (unsigned long)addr &&
	    a.fault.not_present == not_present)
		return true;
	snprintf(why, size, "cpu %u access %d of %lx: returned %d; fault: access %d, addr %lx, %s",
		 cpu, access, (unsigned long)addr, a.ret, a.fault.access, a.fault.addr,
		 a.fault.not_present ? "not present" : "not permitted");
	return false;
}

/* A fetch that cannot fault would run what is there; one that faults is then called a read. */
static bool cannot_forbid(struct test *t, enum fault_access access)
{
	if (access != FAULT_EXEC || pgtable_can_forbid_exec())
		return false;
	test_skip(t, "this CPU cannot forbid execution; all else here is as it should be");
	return true;
}

static void expect_fault(struct test *t, enum fault_access access, const volatile void *addr,
			 bool not_present)
{
	unsigned int cpu;
	char why[160];

	if (cannot_forbid(t, access))
		return;
	for_each_cpu_in(cpu, smp_online_mask()) {
		test_check(t);
		if (!faults_on(cpu, access, addr, not_present, why, sizeof(why)))
			test_fail(t, "%s", why);
	}
}

static void expect_no_fault(struct test *t, enum fault_access access, const volatile void *addr)
{
	struct attempt a = { .access = access, .addr = addr };
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask()) {
		smp_call_function_single(cpu, attempt_run, &a, true);
		EXPECT_MSG(t, a.ret == 0, "cpu %u access %d of %lx: %d", cpu, access,
			   (unsigned long)addr, a.ret);
	}
}

/* @off bytes from @p, without the compiler's opinion of what lies there. */
static char *beside(const volatile void *p, long off)
{
	unsigned long addr = (unsigned long)p;

	OPTIMIZER_HIDE_VAR(addr);
	return (char *)(addr + off);
}

static void test_null_page(struct test *t)
{
	char *null = beside(NULL, 0);

	expect_fault(t, FAULT_READ, null, true);
	expect_fault(t, FAULT_WRITE, null, true);
	expect_fault(t, FAULT_EXEC, null, true);
	expect_fault(t, FAULT_READ, null + PAGE_SIZE - 1, true);
}
TEST(pgtable, null_page, TEST_ASSERT, test_null_page);

static noinline int returns_zero(void)
{
	return 0;
}

static void test_text(struct test *t)
{
	expect_fault(t, FAULT_WRITE, __text_start, false);
	expect_fault(t, FAULT_WRITE, beside(__text_end, -1), false);
	expect_no_fault(t, FAULT_READ, __text_start);
	expect_no_fault(t, FAULT_EXEC, (const void *)(unsigned long)returns_zero);
	/* Nor is there a second way to it, through the linear map. */
	expect_fault(t, FAULT_WRITE, __va(__pa(__text_start)), false);
	expect_fault(t, FAULT_EXEC, __va(__pa(__text_start)), false);
}
TEST(pgtable, text, TEST_ASSERT, test_text);

static void test_rodata(struct test *t)
{
	expect_fault(t, FAULT_WRITE, __rodata_start, false);
	expect_fault(t, FAULT_WRITE, beside(__rodata_end, -1), false);
	expect_fault(t, FAULT_EXEC, __rodata_start, false);
	expect_fault(t, FAULT_WRITE, __va(__pa(__rodata_start)), false);
	expect_no_fault(t, FAULT_READ, beside(__rodata_end, -1));
}
TEST(pgtable, rodata, TEST_ASSERT, test_rodata);

static u8 data_byte = 1;
static u8 bss_page[PAGE_SIZE] __aligned(4096);

static void test_data(struct test *t)
{
	expect_no_fault(t, FAULT_WRITE, &data_byte);
	expect_fault(t, FAULT_EXEC, __data_start, false);
	expect_no_fault(t, FAULT_WRITE, bss_page);
	expect_fault(t, FAULT_EXEC, bss_page, false);
	expect_fault(t, FAULT_EXEC, __va(__pa(bss_page)), false);
}
TEST(pgtable, data, TEST_ASSERT, test_data);

static void test_stack_guards(struct test *t)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask()) {
		char *bottom = (char *)per_cpu(current_stack, cpu).bottom;
		char *top = (char *)per_cpu(current_stack, cpu).top;

		expect_fault(t, FAULT_WRITE, bottom - 1, true);
		expect_fault(t, FAULT_READ, bottom - PAGE_SIZE, true);
		expect_fault(t, FAULT_WRITE, top, true);
		expect_no_fault(t, FAULT_READ, bottom);
		expect_no_fault(t, FAULT_READ, top - 1);
		expect_fault(t, FAULT_EXEC, bottom, false);
	}
}
TEST(pgtable, stack_guards, TEST_ASSERT, test_stack_guards);

/* The busted twin: where an access is permitted, the checker must not claim a fault. */
static void test_checker_twin(struct test *t)
{
	char why[160];

	EXPECT(t, !faults_on(0, FAULT_WRITE, &data_byte, false, why, sizeof(why)));
	EXPECT(t, !faults_on(0, FAULT_READ, __text_start, false, why, sizeof(why)));
	EXPECT(t, !faults_on(0, FAULT_EXEC, (const void *)(unsigned long)returns_zero, false, why,
			     sizeof(why)));
	/* The right fault for the wrong reason. */
	EXPECT(t, !faults_on(0, FAULT_WRITE, __text_start, true, why, sizeof(why)));
}
TEST(pgtable, checker_twin, TEST_ASSERT, test_checker_twin);

static void test_lookup(struct test *t)
{
	pteval_t pte;
	int level;

	/* The gap before the first mapping. The null page is another test's: where users' addresses
	 * have tables of their own, the kernel's say nothing about it. */
	EXPECT(t, pgtable_lookup(kernel_root, VMAP_BASE, &pte) == -ENOENT);
	level = pgtable_lookup(kernel_root, (unsigned long)bss_page, &pte);
	EXPECT_MSG(t, level >= 0 && ALIGN_DOWN(pte_phys(pte), PAGE_SIZE) <= __pa(bss_page),
		   "level %d", level);
	/* All memory that firmware named is in the linear map, at its own address. */
	for (unsigned int i = 0; i < boot_info.nr_memory; i++) {
		phys_addr_t pa = ALIGN_UP(boot_info.memory[i].base, PAGE_SIZE);
		u64 span;

		level = pgtable_lookup(kernel_root, (unsigned long)__va(pa), &pte);
		EXPECT_MSG(t, level >= 0, "%llx is not mapped", (unsigned long long)pa);
		if (level < 0)
			continue;
		span = 1ULL << pgtable_shift(level);
		EXPECT_MSG(t, pte_phys(pte) == ALIGN_DOWN(pa, span), "%llx maps to %llx",
			   (unsigned long long)pa, (unsigned long long)pte_phys(pte));
	}
}
TEST(pgtable, lookup, TEST_ASSERT, test_lookup);

/* The part of [pa, pa + size) that firmware forbids to map, or NULL. */
static const struct phys_range *forbidden(phys_addr_t pa, u64 size)
{
	for (unsigned int i = 0; i < boot_info.nr_no_map; i++) {
		const struct phys_range *r = &boot_info.no_map[i];

		if (pa < range_end(r) && r->base < pa + size)
			return r;
	}
	return NULL;
}

static bool in_linear_map(unsigned long va)
{
	unsigned int top = pgtable_levels() - 1;
	unsigned long below = (unsigned long)pgtable_entries(top) << pgtable_shift(top);

	/* Of the address the tables know the bits below a power of two. */
	return ((va - PAGE_OFFSET) & (below - 1)) < LINEAR_MAP_SIZE;
}

/*
 * May a CPU read ahead in what this leaf maps? Where a leaf does not say, as RISC-V's memory
 * attributes are of the address, in the linear map it may: devices are not mapped there.
 */
static bool leaf_is_cacheable(unsigned long va, pteval_t pte, unsigned int level)
{
	phys_addr_t pa = pte_phys(pte);
	pteval_t device = pte_make_leaf(pa, level, PROT_DEVICE);

	if (device == pte_make_leaf(pa, level, PROT_KERNEL_RW))
		return pte != device || in_linear_map(va);
	return pte != device && pte != pte_make_leaf(pa, level, PROT_WRITE_COMBINED);
}

/* Every leaf of the tables at @table, which begins with @va, wherever it is mapped. */
static void expect_unmapped(struct test *t, unsigned long va, phys_addr_t table, unsigned int level)
{
	const pteval_t *entries = __va(table);

	for (unsigned int i = 0; i < pgtable_entries(level); i++) {
		unsigned long at = va + ((unsigned long)i << pgtable_shift(level));
		pteval_t pte = READ_ONCE(entries[i]);

		if (!pte_present(pte))
			continue;
		if (level && !pte_is_leaf(pte, level))
			expect_unmapped(t, at, pte_phys(pte), level - 1);
		else if (leaf_is_cacheable(at, pte, level))
			EXPECT_MSG(t, !forbidden(pte_phys(pte), 1ULL << pgtable_shift(level)),
				   "%llx is mapped, at level %u", (unsigned long long)pte_phys(pte),
				   level);
	}
}

/* In the final tables, and in those of the boot, which other CPUs may use when they start. */
static void test_no_map(struct test *t)
{
	if (!boot_info.nr_no_map) {
		test_skip(t, "firmware marks no memory as not to be mapped");
		return;
	}
	expect_unmapped(t, 0, kernel_root, pgtable_levels() - 1);
	expect_unmapped(t, 0, __pa(arch_boot_root()), pgtable_levels() - 1);
}
TEST(pgtable, no_map, TEST_ASSERT, test_no_map);

static void expect_absent(struct test *t, phys_addr_t root, unsigned long va)
{
	pteval_t pte;
	int level = pgtable_lookup(root, va, &pte);

	EXPECT_MSG(t, level < 0, "%lx beside the image is mapped to %llx, at level %d", va,
		   (unsigned long long)pte_phys(pte), level);
}

/* Beside the image's pages its neighbours' are not mapped, in no table that a CPU ever had. */
static void test_image_edge(struct test *t)
{
	phys_addr_t end = __pa(__image_end);

	EXPECT_MSG(t, IS_ALIGNED(end, PAGE_SIZE), "the image ends at %llx",
		   (unsigned long long)end);
	expect_absent(t, kernel_root, (unsigned long)__image_end);
	expect_absent(t, __pa(arch_boot_root()), (unsigned long)__image_end);
	expect_absent(t, kernel_root, (unsigned long)__image_start - PAGE_SIZE);
	expect_absent(t, __pa(arch_boot_root()), (unsigned long)__image_start - PAGE_SIZE);
}
TEST(pgtable, image_edge, TEST_ASSERT, test_image_edge);

static void test_boot_alloc(struct test *t)
{
	unsigned long before = nr_free_pages();
	char *a = boot_alloc(100, 64), *b = boot_alloc(PAGE_SIZE, PAGE_SIZE);

	EXPECT(t, a && b && IS_ALIGNED((unsigned long)b, PAGE_SIZE));
	EXPECT(t, b >= a + 100 || a >= b + PAGE_SIZE);
	EXPECT(t, b[0] == 0 && b[PAGE_SIZE - 1] == 0);
	EXPECT(t, nr_free_pages() <= before - 2);
	EXPECT(t, boot_alloc((before + 1) << PAGE_SHIFT, 1) == NULL);
	/* What firmware and the image use is not given out. */
	for (unsigned int i = 0; i < boot_info.nr_reserved; i++)
		EXPECT(t,
		       __pa(b) + PAGE_SIZE <= boot_info.reserved[i].base ||
			       __pa(b) >= boot_info.reserved[i].base + boot_info.reserved[i].size);
	boot_free(a, 100);
	boot_free(b, PAGE_SIZE);
	EXPECT(t, nr_free_pages() >= before);
}
TEST(pgtable, boot_alloc, TEST_ASSERT, test_boot_alloc);
