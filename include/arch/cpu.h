/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor as every program sees it: the contract. <asm/cpu.h> names ARCH_CACHE_LINE_MAX, a
 * constant for alignment: at least the line size of any such CPU.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* In a spin loop; a compiler barrier too. */
static inline void cpu_relax(void);

static inline unsigned long arch_current_sp(void);

/*
 * Write back and evict the line at @p from this CPU's caches; not waited for.
 * Returns false, and does nothing, where the ISA has no such instruction without privilege.
 */
static inline bool arch_cache_flush_line(const void *p);

#include <asm/cpu.h>

#ifndef ARCH_CACHE_LINE_MAX
#error "asm/cpu.h: ARCH_CACHE_LINE_MAX is part of the contract"
#endif
#ifndef ARCH_NAME
#error "the build defines ARCH_NAME: the name of the port's directory"
#endif
