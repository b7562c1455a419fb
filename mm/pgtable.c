/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables of any ISA: a radix tree whose levels and entries the port describes in
 * <asm/pgtable.h>. Level 0 holds the entries of 4 KiB pages. The kernel's tables are only ever
 * added to: by the boot CPU, and for new threads' stacks under slot_grow_lock (kernel/thread.c);
 * tables come from the boot-time allocator.
 */
#include <arch/barrier.h>
#include <arch/pgtable_user.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/boot_alloc.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>

static pteval_t *table_of(phys_addr_t table)
{
	return __va(table);
}

static phys_addr_t table_create(unsigned int level)
{
	size_t size = pgtable_entries(level) * sizeof(pteval_t);
	void *p;

	size = MAX(size, PAGE_SIZE);
	p = boot_alloc(size, size);
	return p ? __pa(p) : 0;
}

phys_addr_t pgtable_create(void)
{
	return table_create(pgtable_levels() - 1);
}

/* The highest level at which one leaf maps [va, pa] and fits in @size. */
static unsigned int leaf_level(unsigned long va, phys_addr_t pa, u64 size)
{
	unsigned int level = pgtable_levels() - 1;

	for (; level; level--) {
		u64 span = 1ULL << pgtable_shift(level);

		if (pgtable_leaf_ok(level) && size >= span && IS_ALIGNED((u64)va, span) &&
		    IS_ALIGNED(pa, span))
			break;
	}
	return level;
}

static int map_one(phys_addr_t root, unsigned long va, phys_addr_t pa, unsigned int leaf,
		   enum pgprot prot)
{
	pteval_t *table = table_of(root);
	pteval_t *pte;

	for (unsigned int level = pgtable_levels() - 1; level > leaf; level--) {
		pte = &table[pgtable_index(va, level)];
		if (!pte_present(*pte)) {
			phys_addr_t next = table_create(level - 1);

			if (!next)
				return -ENOMEM;
			/*
			 * The zeroed table before its entry; pairs with the table walker's address
			 * dependency; tests: litmus.MP+wmb+addr
			 */
			wmb();
			WRITE_ONCE(*pte, pte_make_table(next, level));
		} else if (pte_is_leaf(*pte, level)) {
			return -EEXIST;
		}
		table = table_of(pte_phys(*pte));
	}
	pte = &table[pgtable_index(va, leaf)];
	if (pte_present(*pte))
		return -EEXIST;
	WRITE_ONCE(*pte, pte_make_leaf(pa, leaf, prot));
	return 0;
}

int pgtable_map(phys_addr_t root, unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot)
{
	while (size) {
		unsigned int leaf = leaf_level(va, pa, size);
		u64 span = 1ULL << pgtable_shift(leaf);
		int err = map_one(root, va, pa, leaf, prot);

		if (err)
			return err;
		va += span;
		pa += span;
		size -= MIN(span, size);
	}
	return 0;
}

int pgtable_reserve(phys_addr_t root, unsigned long va, u64 size)
{
	unsigned int level = pgtable_levels() - 1;
	u64 span = 1ULL << pgtable_shift(level);

	for (u64 off = 0; off < size; off += span) {
		pteval_t *pte = &table_of(root)[pgtable_index(va + off, level)];
		phys_addr_t next;

		if (pte_present(*pte))
			continue;
		next = table_create(level - 1);
		if (!next)
			return -ENOMEM;
		/*
		 * As in map_one(): pairs with the table walker's address dependency; tests:
		 * litmus.MP+wmb+addr
		 */
		wmb();
		WRITE_ONCE(*pte, pte_make_table(next, level));
	}
	return 0;
}

static unsigned int root_order(void)
{
	u64 size = pgtable_entries(pgtable_levels() - 1) * sizeof(pteval_t);
	unsigned int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

phys_addr_t pgtable_root_alloc(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, root_order());

	return page ? page_to_phys(page) : 0;
}

void pgtable_root_free(phys_addr_t root)
{
	free_pages(phys_to_page(root), root_order());
}

int pgtable_lookup(phys_addr_t root, unsigned long va, pteval_t *pte)
{
	pteval_t *table = table_of(root);

	for (unsigned int level = pgtable_levels(); level--;) {
		*pte = READ_ONCE(table[pgtable_index(va, level)]);
		if (!pte_present(*pte))
			return -ENOENT;
		if (!level || pte_is_leaf(*pte, level))
			return level;
		table = table_of(pte_phys(*pte));
	}
	return -ENOENT;
}
