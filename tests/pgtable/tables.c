/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables as a tree of their own, which no CPU walks: leaves, their sizes, what is refused. */
#include <arch/pgtable_user.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/kmap.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>
#include <test/balance.h>
#include <test/test.h>

/* What is mapped at @va of @root: the leaf's level and the address of its page. */
static void expect_leaf(struct test *t, phys_addr_t root, unsigned long va, int level,
			phys_addr_t pa)
{
	pteval_t pte = 0;
	int found = pgtable_lookup(root, va, &pte);

	EXPECT_MSG(t, found == level, "level %d at %lx, not %d", found, va, level);
	EXPECT_MSG(t, pte_phys(pte) == pa, "%llx at %lx, not %llx",
		   (unsigned long long)pte_phys(pte), va, (unsigned long long)pa);
}

static void test_tables(struct test *t)
{
	static phys_addr_t root; /* kept: tables are never given back */
	u64 large = 1ULL << pgtable_shift(1);
	unsigned long va = ALIGN_UP(VMAP_BASE, large);
	pteval_t pte;

	if (root) {
		test_skip(t, "the tables have been made");
		return;
	}
	root = pgtable_create();
	if (!EXPECT(t, root))
		return;
	/* Not aligned to the size of a large leaf: small ones. */
	EXPECT(t, !pgtable_map(root, va, large + PAGE_SIZE, large, PROT_KERNEL_RW));
	expect_leaf(t, root, va, 0, large + PAGE_SIZE);
	expect_leaf(t, root, va + large - PAGE_SIZE, 0, 2 * large);
	EXPECT(t, pgtable_map(root, va, large, PAGE_SIZE, PROT_KERNEL_RW) == -EEXIST);
	expect_leaf(t, root, va, 0, large + PAGE_SIZE);
	/* Aligned, and not so large. */
	va += large;
	EXPECT(t, !pgtable_map(root, va, large, large / 2, PROT_KERNEL_RW));
	expect_leaf(t, root, va + large / 2 - PAGE_SIZE, 0, large + large / 2 - PAGE_SIZE);
	EXPECT(t, pgtable_lookup(root, va + large / 2, &pte) == -ENOENT);
	/* Aligned and large enough: one leaf, which is no table. */
	va += large;
	EXPECT(t, !pgtable_map(root, va, large, large, PROT_KERNEL_RW));
	expect_leaf(t, root, va + 3 * PAGE_SIZE, pgtable_leaf_ok(1),
		    pgtable_leaf_ok(1) ? large : large + 3 * PAGE_SIZE);
	EXPECT(t, pgtable_map(root, va + PAGE_SIZE, large, PAGE_SIZE, PROT_KERNEL_RW) == -EEXIST);
	/* The page's address is aligned, where it is mapped is not. */
	va += large + PAGE_SIZE;
	EXPECT(t, !pgtable_map(root, va, large, large, PROT_KERNEL_RW));
	expect_leaf(t, root, va, 0, large);
	expect_leaf(t, root, va + large - PAGE_SIZE, 0, 2 * large - PAGE_SIZE);
	/* Tables that are there already are kept, with what they map. */
	EXPECT(t, !pgtable_reserve(root, VMAP_BASE, VMAP_SIZE));
	expect_leaf(t, root, va, 0, large);
}
TEST(pgtable, tables, TEST_ASSERT, test_tables);

/* A device in the middle of a page is where it is asked for. */
static void test_ioremap(struct test *t)
{
	char *p = ioremap(__pa(__data_start) + 24, 8);
	pteval_t pte = 0;

	if (!EXPECT(t, p))
		return;
	EXPECT(t, ((unsigned long)p & (PAGE_SIZE - 1)) == 24);
	EXPECT(t, pgtable_lookup(kernel_root, (unsigned long)p, &pte) == 0);
	EXPECT(t, pte_phys(pte) == ALIGN_DOWN(__pa(__data_start) + 24, PAGE_SIZE));
	/* One that lies in two pages has both. */
	p = ioremap(__pa(__data_start) + PAGE_SIZE - 4, 8);
	if (!EXPECT(t, p))
		return;
	EXPECT(t, pgtable_lookup(kernel_root, (unsigned long)p + 7, &pte) == 0);
	EXPECT(t, pte_phys(pte) == __pa(__data_start) + PAGE_SIZE);
	/* No room, as there must be an unmapped page on either side; and none is taken. */
	EXPECT(t, !ioremap(0, VMAP_SIZE) && !ioremap(0, VMAP_SIZE + PAGE_SIZE));
	p = ioremap(__pa(__data_start), 8);
	EXPECT(t, p && (unsigned long)p - VMAP_BASE < VMAP_SIZE);
}
TEST(pgtable, ioremap, TEST_ASSERT, test_ioremap);

/* A root takes as many pages as its entries need, and gives them back. */
static void test_root_size(struct test *t)
{
	unsigned long bytes = pgtable_entries(pgtable_levels() - 1) * sizeof(pteval_t);
	unsigned long pages = 1, took;
	struct balance b;
	phys_addr_t root;

	while (pages * PAGE_SIZE < bytes)
		pages *= 2;
	balance_take(&b);
	root = pgtable_root_alloc();
	if (!EXPECT(t, root != 0))
		return;
	took = b.pages - nr_free_pages();
	EXPECT_MSG(t, took == pages, "%lu pages for %lu bytes", took, bytes);
	pgtable_root_free(root);
	balance_expect(t, &b);
}
TEST(pgtable, root_size, TEST_ASSERT, test_root_size);
