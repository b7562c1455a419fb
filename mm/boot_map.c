/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot tables' second half: boot.S maps the image and nothing else. What firmware left to be
 * read, memory and the console are added here as they become known, so that no CPU ever has a
 * cacheable mapping of an address at which there is no memory, or somebody else's: a processor may
 * read such a mapping speculatively, and real machines do not forgive it.
 *
 * Boot CPU only, under no lock.
 */
#include <arch/barrier.h>
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/pgtable.h>

/*
 * Tables; a range of memory needs at most four when its ends are ragged, and two if its neighbour
 * lies in the same gibibyte: enough for some sixty pieces.
 */
#define BOOT_POOL     128
#define TABLE_ENTRIES (PAGE_SIZE / sizeof(pteval_t))
#define LARGE_SIZE    (2UL << 20)
static pteval_t boot_pool[BOOT_POOL][TABLE_ENTRIES] __aligned(PAGE_SIZE);
static unsigned int boot_pool_used;

/* A boot table's address in the image, where all of them are. */
static pteval_t *boot_table(phys_addr_t table)
{
	return (pteval_t *)(__image_start + (table - kimage_phys));
}

static pteval_t *boot_table_below(pteval_t *entry, unsigned int level)
{
	if (!pte_present(*entry)) {
		if (boot_pool_used == BOOT_POOL)
			return NULL;
		/* The zeroed pool; pairs with the walker's dependency; tests: litmus.MP+wmb+addr */
		wmb();
		WRITE_ONCE(*entry, pte_make_table(__pa(boot_pool[boot_pool_used++]), level));
	}
	return boot_table(pte_phys(*entry));
}

/* The start of [va, va + size) as one leaf, or what is there already: *@span. 0 or -ENOMEM. */
static int map_first(unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot, u64 *span)
{
	pteval_t *table = arch_boot_root(), *entry;

	for (unsigned int level = pgtable_levels() - 1;; level--) {
		*span = 1ULL << pgtable_shift(level);
		entry = &table[pgtable_index(va, level)];
		if (pte_present(*entry) && pte_is_leaf(*entry, level))
			return 0;
		if (!pte_present(*entry) && pgtable_leaf_ok(level) && size >= *span &&
		    IS_ALIGNED((u64)va | pa, *span)) {
			WRITE_ONCE(*entry, pte_make_leaf(pa, level, prot));
			return 0;
		}
		table = boot_table_below(entry, level);
		if (!table)
			return -ENOMEM;
	}
}

int boot_map(unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot)
{
	while (size) {
		u64 span, step;
		int err = map_first(va, pa, size, prot, &span);

		if (err)
			return err;
		step = MIN(size, span - (va & (span - 1)));
		va += step;
		pa += step;
		size -= step;
	}
	arch_mmu_sync_new_mapping(va);
	return 0;
}

int boot_map_linear(phys_addr_t pa, u64 size, enum pgprot prot)
{
	phys_addr_t page = ALIGN_DOWN(pa, PAGE_SIZE);

	return boot_map((unsigned long)__va(page), page, ALIGN_UP(pa + size, PAGE_SIZE) - page,
			prot);
}

/* No other mapping of it may be cacheable, unless this one is; and nobody gets it as memory. */
static int claim(const struct framebuffer *fb)
{
	u32 size = framebuffer_size(fb);

	return fb->cached ? boot_add_reserved(fb->pa, size) : boot_add_no_map(fb->pa, size);
}

void *boot_map_framebuffer(unsigned long va, const struct framebuffer *fb)
{
	phys_addr_t page = ALIGN_DOWN(fb->pa, PAGE_SIZE);
	u64 size = ALIGN_UP(fb->pa + framebuffer_size(fb), PAGE_SIZE) - page;

	va += page & (LARGE_SIZE - 1);
	if (boot_map(va, page, size, fb->cached ? PROT_KERNEL_RW : PROT_WRITE_COMBINED) ||
	    claim(fb))
		return NULL;
	boot_info.on_screen = true;
	return (void *)(va + (unsigned long)(fb->pa - page));
}

/* Into the boot tables' linear map; NULL, or why not. */
static const char *map_range(const struct phys_range *m)
{
	phys_addr_t start = ALIGN_UP(m->base, PAGE_SIZE);
	phys_addr_t end = ALIGN_DOWN(range_end(m), PAGE_SIZE);

	if (end > LINEAR_MAP_SIZE)
		return "beyond the linear map";
	if (start < end && boot_map((unsigned long)__va(start), start, end - start, PROT_KERNEL_RW))
		return "too many pieces for the boot page tables";
	return NULL;
}

void boot_map_memory(void)
{
	for (unsigned int i = 0; i < boot_info.nr_memory;) {
		struct phys_range m = boot_info.memory[i];
		const char *why = map_range(&m);

		if (!why) {
			i++;
			continue;
		}
		pr_warn("memory at %llx is left out: %s\n", (unsigned long long)m.base, why);
		ranges_cut(boot_info.memory, &boot_info.nr_memory, BOOT_MAX_RANGES, m);
	}
}
