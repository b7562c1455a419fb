/* SPDX-License-Identifier: GPL-2.0-only */
/* What start-up code works with, and the table of what the port found out about the machine. */
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/string.h>

phys_addr_t kimage_phys;
char boot_stack[KERNEL_STACK_SIZE] __aligned(4096);

struct boot_info boot_info;
struct boot_handover boot_handover __section(".data.boot_handover");

/* 1: there is something to add; 0: nothing; or -errno, printed. */
static int check_range(phys_addr_t base, u64 size, const char *what)
{
	if (base + size >= base)
		return size != 0;
	pr_err("%s at %llx of %llx bytes wraps around\n", what, (unsigned long long)base,
	       (unsigned long long)size);
	return -EINVAL;
}

static void cut_memory(struct phys_range x)
{
	if (!ranges_cut(boot_info.memory, &boot_info.nr_memory, BOOT_MAX_RANGES, x))
		pr_warn("memory beside %llx is left out: more than %d pieces\n",
			(unsigned long long)x.base, BOOT_MAX_RANGES);
}

int boot_add_memory(phys_addr_t base, u64 size)
{
	int ret = check_range(base, size, "memory");

	if (ret <= 0)
		return ret;
	if (!ranges_add(boot_info.memory, &boot_info.nr_memory, BOOT_MAX_RANGES,
			(struct phys_range){ base, size }))
		pr_warn("memory at %llx is left out: more than %d pieces\n",
			(unsigned long long)base, BOOT_MAX_RANGES);
	for (unsigned int i = 0; i < boot_info.nr_no_map; i++)
		cut_memory(boot_info.no_map[i]);
	return 0;
}

/* In a full table two neighbours become one: what lies between them is given up. */
static void add_joined(struct phys_range *r, unsigned int *n, struct phys_range x)
{
	if (ranges_add(r, n, BOOT_MAX_RANGES, x))
		return;
	ranges_close_gap(r, n);
	ranges_add(r, n, BOOT_MAX_RANGES, x);
}

int boot_add_reserved(phys_addr_t base, u64 size)
{
	int ret = check_range(base, size, "reserved memory");

	if (ret > 0)
		add_joined(boot_info.reserved, &boot_info.nr_reserved,
			   (struct phys_range){ base, size });
	return MIN(ret, 0);
}

int boot_add_no_map(phys_addr_t base, u64 size)
{
	int ret = check_range(base, size, "memory that must not be mapped");

	if (ret <= 0)
		return ret;
	add_joined(boot_info.no_map, &boot_info.nr_no_map, (struct phys_range){ base, size });
	for (unsigned int i = 0; i < boot_info.nr_no_map; i++)
		cut_memory(boot_info.no_map[i]);
	return 0;
}

void boot_set_cmdline(const char *s, size_t len)
{
	size_t n = strnlen(s, len);

	boot_info.cmdline_truncated = n >= sizeof(boot_info.cmdline);
	if (boot_info.cmdline_truncated)
		n = sizeof(boot_info.cmdline) - 1;
	memcpy(boot_info.cmdline, s, n);
	boot_info.cmdline[n] = '\0';
}
