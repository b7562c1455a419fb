/* SPDX-License-Identifier: GPL-2.0-only */
/* A number that a reset may leave in memory: see the header. */
#include <arch/cpu.h>
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <lib/crc32.h>
#include <lib/options.h>
#include <mm/address.h>
#include <mm/survivor.h>

#define SURVIVOR_DISTANCE \
	0x100000 /* behind the image; a device tree or a boot line may be nearer */

struct survivor {
	u64 value;
	u32 key;
	u32 check; /* crc32() of both */
};

/* NULL, or in the linear map. Set once, by the boot CPU. */
static struct survivor *survivor;

static bool go_on;
OPTION(go_on, "go_on", OPT_BOOL, &go_on, 0, 0,
       "after a crash reset the machine and go on behind the test that crashed");

static bool overlaps(const struct phys_range *r, phys_addr_t page)
{
	return page < range_end(r) && page + PAGE_SIZE > r->base;
}

/* Memory, and nobody's? */
static bool page_is_ours(phys_addr_t page)
{
	bool is_memory = false;

	for (unsigned int i = 0; i < boot_info.nr_memory; i++)
		is_memory |= page >= boot_info.memory[i].base &&
			     page + PAGE_SIZE <= range_end(&boot_info.memory[i]);
	for (unsigned int i = 0; i < boot_info.nr_reserved; i++)
		is_memory &= !overlaps(&boot_info.reserved[i], page);
	return is_memory;
}

void survivor_init(void)
{
	phys_addr_t page = ALIGN_UP(kimage_phys + (__image_end - __image_start), PAGE_SIZE) +
			   SURVIVOR_DISTANCE;

	if (!go_on)
		return;
	if (!page_is_ours(page) || boot_add_reserved(page, PAGE_SIZE)) {
		pr_warn("go_on=1: there is no memory at %llx that a reset could leave alone\n",
			(unsigned long long)page);
		return;
	}
	survivor = __va(page);
}

bool survivor_is_there(void)
{
	return survivor;
}

void survivor_keep(u32 key, u64 value)
{
	if (!survivor)
		return;
	survivor->key = key;
	survivor->value = value;
	survivor->check = crc32(survivor, offsetof(struct survivor, check));
	arch_cache_flush_line(survivor);
}

u64 survivor_read(u32 key)
{
	if (!survivor || survivor->key != key ||
	    survivor->check != crc32(survivor, offsetof(struct survivor, check)))
		return 0;
	return survivor->value;
}
