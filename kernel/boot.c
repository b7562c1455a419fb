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

static int add_range(struct phys_range *table, unsigned int *n, phys_addr_t base, u64 size,
		     const char *what)
{
	if (!size)
		return 0;
	if (base + size < base) {
		pr_err("%s at %llx of %llx bytes wraps around\n", what, (unsigned long long)base,
		       (unsigned long long)size);
		return -EINVAL;
	}
	if (*n == BOOT_MAX_RANGES) {
		pr_err("more than %d ranges of %s\n", BOOT_MAX_RANGES, what);
		return -ENOSPC;
	}
	table[*n].base = base;
	table[*n].size = size;
	(*n)++;
	return 0;
}

int boot_add_memory(phys_addr_t base, u64 size)
{
	return add_range(boot_info.memory, &boot_info.nr_memory, base, size, "memory");
}

int boot_add_reserved(phys_addr_t base, u64 size)
{
	return add_range(boot_info.reserved, &boot_info.nr_reserved, base, size, "reserved memory");
}

void boot_set_cmdline(const char *s, size_t len)
{
	size_t n = strnlen(s, len);

	if (n >= sizeof(boot_info.cmdline)) {
		n = sizeof(boot_info.cmdline) - 1;
		boot_info.cmdline_truncated = true;
	}
	memcpy(boot_info.cmdline, s, n);
	boot_info.cmdline[n] = '\0';
}
