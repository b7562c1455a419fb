/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that firmware has left waiting for an address in memory: by the spin table of Linux's boot
 * protocol (Documentation/arch/arm64/booting.rst), where a CPU waits in WFE until its release
 * address is no longer zero and goes there; and by the parking protocol of machines with ACPI
 * (Multi-processor Startup for ARM Platforms, 1.2), where it waits in WFI for an interrupt, and
 * looks whether its mailbox has its number.
 *
 * All of them look past the caches, which are off for them.
 */
#include <arch/io.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/kmap.h>

#include "port.h"

/* Little-endian; the rest of its page is firmware's. */
struct mailbox {
	u32 cpu; /* MAILBOX_READY until it is called */
	u32 reserved;
	u64 entry; /* firmware clears it when it has read it */
};
#define MAILBOX_READY (~0U)

/* Is it memory, and so in the linear map? */
static bool is_memory(phys_addr_t pa)
{
	for (unsigned int i = 0; i < boot_info.nr_memory; i++)
		if (pa >= boot_info.memory[i].base &&
		    pa - boot_info.memory[i].base < boot_info.memory[i].size)
			return true;
	return false;
}

/* The words where @cpu waits, or NULL, printed. */
static void *map_words(unsigned int cpu, size_t size)
{
	phys_addr_t pa = cpu_table[cpu].release_addr;
	void *p = NULL;

	if (pa && IS_ALIGNED(pa, sizeof(u64)))
		p = is_memory(pa) ? __va(pa) : ioremap(pa, size);
	if (!p)
		pr_err("CPU %u has no usable cpu-release-addr (%llx)\n", cpu,
		       (unsigned long long)pa);
	return p;
}

/* What is in the cache to memory, and nothing of it left: for who looks there, or wrote there. */
static void clean_line(const void *p)
{
	__asm__ __volatile__("dc civac, %0\n	dsb sy" : : "r"(p) : "memory");
}

int spin_table_start(unsigned int cpu, phys_addr_t entry)
{
	u64 *release = map_words(cpu, sizeof(*release));

	if (!release)
		return -EINVAL;
	WRITE_ONCE(*release, entry);
	clean_line(release);
	__asm__ __volatile__("sev" : : : "memory");
	return 0;
}

int parked_start(unsigned int cpu, phys_addr_t entry)
{
	struct mailbox *box = map_words(cpu, sizeof(*box));
	u32 interface = acpi_cpu_interface(cpu_table[cpu].hw_id);

	if (!box)
		return -EINVAL;
	clean_line(box);
	if (READ_ONCE(box->cpu) != MAILBOX_READY) {
		pr_err("CPU %u is not parked: its mailbox at %llx has %x\n", cpu,
		       (unsigned long long)cpu_table[cpu].release_addr, READ_ONCE(box->cpu));
		return -EBUSY;
	}
	WRITE_ONCE(box->entry, entry);
	clean_line(box); /* the address is there when the number is */
	WRITE_ONCE(box->cpu, interface);
	clean_line(box);
	if (!irq_wake(cpu, interface))
		return 0;
	pr_err("CPU %u is parked, and the interrupt controller cannot wake it\n", cpu);
	return -EOPNOTSUPP;
}
