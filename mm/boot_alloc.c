/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot-time allocator: what firmware calls memory, less what is reserved, given out from the
 * lowest address upwards and not taken back. Nothing below 64 KiB is given out: page 0 and the
 * pages after it are where vectors and trampolines live. Once somebody has taken over what is left,
 * boot_alloc() asks him for whole pages.
 */
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_alloc.h>

#define LOWEST_PHYS    0x10000ULL
#define MEMORY_MINIMUM (2ULL << 20)

/* Free ranges, ascending, page-aligned. Boot CPU only. */
static struct phys_range free_ranges[2 * BOOT_MAX_RANGES];
static unsigned int nr_free;
static u64 total_bytes;

void *(*boot_alloc_pages)(size_t size, size_t align);
void (*boot_free_pages)(void *p, size_t size);

static u64 max_bytes = ~0ULL;
OPTION(mem, "mem", OPT_U64, &max_bytes, 0, 0, "use at most this many bytes of memory");

static void free_add(phys_addr_t start, phys_addr_t end)
{
	start = ALIGN_UP(MAX(start, LOWEST_PHYS), PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (start < end && end - start > max_bytes - total_bytes)
		end = start + ALIGN_DOWN(max_bytes - total_bytes, PAGE_SIZE);
	if (start >= end || nr_free == ARRAY_SIZE(free_ranges))
		return;
	free_ranges[nr_free].base = start;
	free_ranges[nr_free++].size = end - start;
	total_bytes += end - start;
}

/* One range of memory, less every reservation. */
static void free_add_unreserved(const struct phys_range *m)
{
	phys_addr_t start = m->base, end = m->base + m->size;

	for (unsigned int i = 0; i < boot_info.nr_reserved; i++) {
		const struct phys_range *r = &boot_info.reserved[i];

		if (r->base >= end)
			break;
		if (r->base + r->size <= start)
			continue;
		if (r->base > start)
			free_add(start, r->base);
		start = MAX(start, r->base + r->size);
	}
	if (start < end)
		free_add(start, end);
}

int boot_alloc_init(void)
{
	for (unsigned int i = 0; i < boot_info.nr_memory; i++)
		free_add_unreserved(&boot_info.memory[i]);
	if (total_bytes < MEMORY_MINIMUM) {
		pr_err("%llu KiB of free memory; the least is %llu KiB\n",
		       (unsigned long long)total_bytes >> 10,
		       (unsigned long long)MEMORY_MINIMUM >> 10);
		return -ENOMEM;
	}
	return 0;
}

bool boot_alloc_hand_over(struct phys_range *r)
{
	while (nr_free) {
		*r = free_ranges[--nr_free];
		if (r->size)
			return true;
	}
	return false;
}

void *boot_alloc(size_t size, size_t align)
{
	if (boot_alloc_pages)
		return boot_alloc_pages(size, align);
	for (unsigned int i = 0; i < nr_free; i++) {
		struct phys_range *r = &free_ranges[i];
		phys_addr_t base = ALIGN_UP(r->base, align);
		u64 skip = base - r->base;
		void *p;

		if (skip > r->size || r->size - skip < size)
			continue;
		/* What alignment skips at the front is lost: most requests are aligned tables. */
		r->base = base + size;
		r->size -= skip + size;
		p = __va(base);
		memset(p, 0, size);
		return p;
	}
	return NULL;
}

void boot_free(void *p, size_t size)
{
	if (boot_free_pages)
		boot_free_pages(p, size);
}

u64 boot_alloc_total_bytes(void)
{
	return total_bytes;
}
