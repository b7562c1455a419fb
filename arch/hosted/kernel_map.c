/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Physical" memory, and the kernel's tables, which the host's kernel is told of: see mmu.h.
 *
 * Memory is one file of the host, all of it mapped at PAGE_OFFSET; what the tables map elsewhere is
 * the same part of the file once more. The image is where the host has loaded it: the frames that
 * kimage_phys names are kept free for it, but it does not lie in them, so what is read through the
 * linear map in the place of the image is zero.
 *
 * Once arch_mmu_activate() has begun, changes come one page at a time: boot CPU, and slot_grow_lock
 * (kernel/thread.c).
 */
#include <arch/console.h>
#include <arch/mmu.h>
#include <arch/power.h>
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/kmap.h>
#include <mm/pgtable.h>

#include <asm/host.h>
#include <asm/shadow.h>

#include "mmu.h"
#include "port.h"

#define IMAGE_PHYS   0x200000 /* as on a PC */
#define MAILBOX_SIZE 0x20000  /* at most; what is behind the end of the file is not there */
#define MAILBOX	     (VMAP_BASE + VMAP_SIZE + 0x100000000)

/* The same for all ISAs of Linux: include/uapi/asm-generic/mman-common.h. */
#define HOST_PROT_NONE	   0x0
#define HOST_PROT_READ	   0x1
#define HOST_PROT_WRITE	   0x2
#define HOST_PROT_EXEC	   0x4
#define HOST_MAP_SHARED	   0x01
#define HOST_MAP_PRIVATE   0x02
#define HOST_MAP_FIXED	   0x10
#define HOST_MAP_ANONYMOUS 0x20
#if defined(__powerpc__)
#define HOST_MAP_NORESERVE 0x40
#else
#define HOST_MAP_NORESERVE 0x4000
#endif

u64 mmu_memory_size;

static long memory_file;
static bool tables_active;

static long host_map(unsigned long va, u64 size, int prot, phys_addr_t pa)
{
	return host_syscall(HOST_NR_mmap, va, size, prot, HOST_MAP_SHARED | HOST_MAP_FIXED,
			    memory_file, pa);
}

/* Nothing is there, and nothing else of the process comes there. */
static long host_unmap(unsigned long va, u64 size)
{
	return host_syscall(HOST_NR_mmap, va, size, HOST_PROT_NONE,
			    HOST_MAP_PRIVATE | HOST_MAP_ANONYMOUS | HOST_MAP_FIXED, -1, 0);
}

#ifdef CONFIG_ASAN
/* Before anything that the sanitizer looks into: no words but these. */
void hosted_shadow_init(void)
{
	static const char words[] = "Linux gives no 12 GiB of addresses for the address "
				    "sanitizer's shadow: is there a limit, as of ulimit -v?\n";
	long at = host_syscall(
		HOST_NR_mmap, ASAN_SHADOW, (ASAN_END - ASAN_BEGIN) >> 3,
		HOST_PROT_READ | HOST_PROT_WRITE,
		HOST_MAP_PRIVATE | HOST_MAP_ANONYMOUS | HOST_MAP_FIXED | HOST_MAP_NORESERVE, -1, 0);

	if (at == (long)ASAN_SHADOW)
		return;
	arch_console_write(words, sizeof(words) - 1);
	arch_power_off(RUN_CONFIG);
}
#else
void hosted_shadow_init(void)
{
}
#endif

static long memory_map(u64 size)
{
	long err;

	memory_file = host_syscall(HOST_NR_memfd_create, (long)"fencepost-memory", 0, 0, 0, 0, 0);
	err = memory_file < 0 ? memory_file
			      : host_syscall(HOST_NR_ftruncate, memory_file, size, 0, 0, 0, 0);
	if (err >= 0)
		err = host_map(PAGE_OFFSET, size, HOST_PROT_READ | HOST_PROT_WRITE, 0);
	return err < 0 ? err : host_unmap(VMAP_BASE, VMAP_SIZE);
}

int hosted_memory_init(u64 size)
{
	long err;

	size = ALIGN_DOWN(MIN(size, (u64)LINEAR_MAP_SIZE), PAGE_SIZE);
	err = memory_map(size);
	if (err < 0) {
		pr_err("Linux gives no %llu MiB of memory and %llu GiB of addresses (error %ld%s)",
		       (unsigned long long)size >> 20, (unsigned long long)VMAP_SIZE >> 30, -err,
		       err == -ENOMEM ? ": is there a limit, as of ulimit -v?" : "");
		return err;
	}
	mmu_memory_size = size;
	kimage_phys = IMAGE_PHYS;
	err = boot_add_memory(IMAGE_PHYS, size - IMAGE_PHYS);
	return err ? err : boot_add_reserved(kimage_phys, __image_end - __image_start);
}

int hosted_map_mailbox(u64 fd)
{
	long at =
		host_syscall(HOST_NR_mmap, MAILBOX, MAILBOX_SIZE, HOST_PROT_READ | HOST_PROT_WRITE,
			     HOST_MAP_SHARED | HOST_MAP_FIXED, fd, 0);

	if (at < 0) {
		pr_err("file %llu of -mailbox cannot be mapped (error %ld)\n",
		       (unsigned long long)fd, at);
		return at;
	}
	boot_info.mailbox = (void *)at;
	return 0;
}

/* ---- what the tables say, handed on ---- */

/* Leaves beside each other in both, with the same rights. */
struct run {
	unsigned long va;
	phys_addr_t pa;
	u64 size;
	int prot;
};

static int prot_of(pteval_t pte)
{
	return (pte & PTE_R ? HOST_PROT_READ : 0) | (pte & PTE_W ? HOST_PROT_WRITE : 0) |
	       (pte & PTE_X ? HOST_PROT_EXEC : 0);
}

/* The image has its rights from the host's loader. */
static void run_apply(const struct run *r)
{
	long err = 0;

	if (!r->size || addr_in_image(r->va))
		return;
	if (r->va == (unsigned long)__va(r->pa))
		err = host_syscall(HOST_NR_mprotect, r->va, r->size, r->prot, 0, 0, 0);
	else
		err = host_map(r->va, r->size, r->prot, r->pa);
	BUG_IF(err < 0, "the host does not map %lx: error %ld", r->va, err);
}

static void run_add(struct run *r, const struct run *leaf)
{
	if (r->size && r->va + r->size == leaf->va && r->pa + r->size == leaf->pa &&
	    r->prot == leaf->prot) {
		r->size += leaf->size;
		return;
	}
	run_apply(r);
	*r = *leaf;
}

static void table_apply(phys_addr_t table, unsigned int level, unsigned long va, struct run *r)
{
	const pteval_t *entries = __va(table);
	u64 span = 1ULL << pgtable_shift(level);

	for (unsigned int i = 0; i < pgtable_entries(level); i++, va += span) {
		pteval_t pte = entries[i];
		struct run leaf = { va, pte_phys(pte), span, prot_of(pte) };

		if (!pte_present(pte))
			continue;
		if (pte_is_leaf(pte, level))
			run_add(r, &leaf);
		else
			table_apply(pte_phys(pte), level - 1, va, r);
	}
}

/* No hole of the tables needs to be made: nothing is mapped yet but what they map. */
void arch_mmu_activate(phys_addr_t root)
{
	struct run r = { 0 };

	table_apply(root, pgtable_levels() - 1, 0, &r);
	run_apply(&r);
	tables_active = true;
}

static void page_apply(unsigned long va)
{
	struct run r = { .va = va & PAGE_MASK, .size = PAGE_SIZE };
	pteval_t pte;
	int level = pgtable_lookup(kernel_root, va, &pte);
	long err;

	if (level >= 0) {
		r.pa = pte_phys(pte) + (r.va & ((1UL << pgtable_shift(level)) - 1));
		r.prot = prot_of(pte);
		run_apply(&r);
		return;
	}
	err = host_unmap(r.va, r.size);
	BUG_IF(err < 0, "the host does not unmap %lx: error %ld", va, err);
}

/* The host sees to it that each thread of the process finds it: mmap(2). */
void arch_mmu_sync_new_mapping(unsigned long va)
{
	page_apply(va);
}

/*
 * In the place of what was there, at once for all threads: the host's kernel invalidates the TLBs
 * of the CPUs that they run on before mmap(2) returns. tests: pgtable.remote_flush
 */
void arch_tlb_flush_kernel_range(unsigned long va, unsigned long size)
{
	for (unsigned long end = va + size; va < end; va += PAGE_SIZE)
		page_apply(va);
}

bool hosted_kernel_mapped(unsigned long addr)
{
	pteval_t pte;

	if (addr < ARCH_USER_END || addr >> pgtable_shift(MMU_LEVELS))
		return false;
	return !tables_active || pgtable_lookup(kernel_root, addr, &pte) >= 0;
}

/* There are no boot tables: the host has mapped the image, and memory is mapped as a whole. */
pteval_t *arch_boot_root(void)
{
	static pteval_t none[PAGE_SIZE / sizeof(pteval_t)] __aligned(PAGE_SIZE);

	return none;
}

int arch_kmap_devices(void)
{
	return 0;
}
