/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own address space: the image with each section's rights, all memory in the linear
 * map (where text and rodata are read-only too, so that there is no second, writable way to them),
 * and the VMAP area, handed out upwards with an unmapped page between any two pieces.
 *
 * The tables are written by the boot CPU, under no lock, until there are threads; from then on for
 * their stacks only, under slot_grow_lock (kernel/thread.c).
 */
#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/boot_alloc.h>
#include <mm/kmap.h>
#include <mm/pgtable.h>

phys_addr_t kernel_root;

static bool kernel_root_active;
static unsigned long vmap_next = VMAP_BASE;

static int map_section(const char *start, const char *end, enum pgprot prot)
{
	return pgtable_map(kernel_root, (unsigned long)start, __pa(start), end - start, prot);
}

static int map_image(void)
{
	int err = map_section(__text_start, __text_end, PROT_KERNEL_RX);

	if (!err)
		err = map_section(__rodata_start, __rodata_end, PROT_KERNEL_RO);
	if (!err)
		err = map_section(__data_start, __data_end, PROT_KERNEL_RW);
	return err;
}

static int map_linear(phys_addr_t start, phys_addr_t end, enum pgprot prot)
{
	start = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (start >= end)
		return 0;
	return pgtable_map(kernel_root, (unsigned long)__va(start), start, end - start, prot);
}

/* One range of memory: what is before, inside and after the image's read-only part. */
static int map_linear_range(const struct phys_range *m)
{
	phys_addr_t start = m->base, end = m->base + m->size;
	phys_addr_t ro_start = MAX(start, __pa(__text_start));
	phys_addr_t ro_end = MIN(end, __pa(__rodata_end));
	int err;

	if (ro_start >= ro_end)
		return map_linear(start, end, PROT_KERNEL_RW);
	err = map_linear(start, ro_start, PROT_KERNEL_RW);
	if (!err)
		err = map_linear(ro_start, ro_end, PROT_KERNEL_RO);
	if (!err)
		err = map_linear(ro_end, end, PROT_KERNEL_RW);
	return err;
}

int kmap_init(void)
{
	int err;

	kernel_root = pgtable_create();
	if (!kernel_root)
		return -ENOMEM;
	err = map_image();
	for (unsigned int i = 0; !err && i < boot_info.nr_memory; i++)
		err = map_linear_range(&boot_info.memory[i]);
	/*
	 * What is mapped there later must show in the roots of user address spaces that exist
	 * then.
	 */
	if (!err)
		err = pgtable_reserve(kernel_root, VMAP_BASE, VMAP_SIZE);
	if (!err)
		err = arch_kmap_devices();
	if (err)
		return err;
	arch_mmu_activate(kernel_root);
	kernel_root_active = true;
	return 0;
}

/* Room for @size bytes in the VMAP area, an unmapped page before and after it. 0: full. */
static unsigned long vmap_reserve(u64 size)
{
	unsigned long va = vmap_next + PAGE_SIZE;

	if (size > VMAP_SIZE || va + size + PAGE_SIZE > VMAP_BASE + VMAP_SIZE)
		return 0;
	vmap_next = va + size;
	return va;
}

static int vmap_map(unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot)
{
	int err = pgtable_map(kernel_root, va, pa, size, prot);

	if (!err && kernel_root_active)
		for (u64 off = 0; off < size; off += PAGE_SIZE)
			arch_mmu_sync_new_mapping(va + off);
	return err;
}

static void *map_device(phys_addr_t pa, size_t size, enum pgprot prot)
{
	phys_addr_t start = ALIGN_DOWN(pa, PAGE_SIZE);
	u64 len = ALIGN_UP(pa + size, PAGE_SIZE) - start;
	unsigned long va = vmap_reserve(len);
	int err = va ? vmap_map(va, start, len, prot) : -ENOSPC;

	if (err) {
		pr_err("cannot map the device at %llx (error %d)\n", (unsigned long long)pa, err);
		return NULL;
	}
	return (void *)(va + (unsigned long)(pa - start));
}

void *ioremap(phys_addr_t pa, size_t size)
{
	return map_device(pa, size, PROT_DEVICE);
}

void *kmap_framebuffer(const struct framebuffer *fb)
{
	return map_device(fb->pa, framebuffer_size(fb),
			  fb->cached ? PROT_KERNEL_RW : PROT_WRITE_COMBINED);
}

void *stack_alloc(void)
{
	void *p = boot_alloc(KERNEL_STACK_SIZE, PAGE_SIZE);
	unsigned long va = p ? vmap_reserve(KERNEL_STACK_SIZE) : 0;
	pteval_t pte;

	if (va && !vmap_map(va, __pa(p), KERNEL_STACK_SIZE, PROT_KERNEL_RW))
		return (void *)(va + KERNEL_STACK_SIZE);
	/* A page that was mapped cannot be given back, since nothing is ever unmapped. */
	if (p && (!va || pgtable_lookup(kernel_root, va, &pte) < 0))
		boot_free(p, KERNEL_STACK_SIZE);
	return NULL;
}
