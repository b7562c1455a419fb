/* SPDX-License-Identifier: GPL-2.0-only */
/* The page tables that the kernel runs on until kmap_init(): mm/boot_map.c. */
#pragma once

#include <arch/mmu.h>
#include <lib/framebuffer.h>

/*
 * Map [pa, pa + size) at @va in the boot tables, by the largest leaves that fit; what is mapped
 * there already stays. Page-aligned. Boot CPU, before kmap_init(). 0 or -ENOMEM.
 */
int boot_map(unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot);

/* The pages of [pa, pa + size), which nobody need have said to be memory, in the linear map. */
int boot_map_linear(phys_addr_t pa, u64 size, enum pgprot prot);

/*
 * The console's frame buffer, which may be megabytes: in the 2 MiB that begin at @va, a multiple of
 * that, and behind them. From now on it is nobody's memory. Its address, or NULL.
 */
void *boot_map_framebuffer(unsigned long va, const struct framebuffer *fb);

/*
 * All of boot_info.memory in the linear map: what boot_alloc() may hand out. A piece that cannot be
 * mapped is none of it any more (printed). At the end of arch_discover().
 */
void boot_map_memory(void);
