/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor itself: the contract. <asm/cpu.h> defines as static inline or macro:
 *
 *   cpu_relax()		 in a spin loop; a compiler barrier too
 *   arch_cpu_idle()		 called with interrupts disabled: sleep until an interrupt is
 *				 pending, return with interrupts enabled and it taken. A wake-up
 *				 that arrives between the caller's check and the sleep is not lost.
 *   arch_cpu_halt() __noreturn	 interrupts off for ever
 *   arch_percpu_offset()	 unsigned long: what is added to the address of a DEFINE_PER_CPU
 *				 variable to reach this CPU's copy; kept in a dedicated register
 *   arch_set_percpu_offset(unsigned long)
 *   arch_current_sp()		 stack pointer
 *   ARCH_CACHE_LINE_MAX	 constant for alignment, at least the line size of any such CPU
 *   ARCH_STACK_FRAME_POINTER() frame pointer of the current function, for unwinding
 *
 * and declares (in arch/<isa>/ C files):
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#include <asm/cpu.h>

#ifndef cpu_relax
#error "asm/cpu.h: cpu_relax is part of the contract (define it, also if it is a function)"
#endif
#ifndef ARCH_NAME
#error "the build defines ARCH_NAME: the name of the port's directory"
#endif

/* Data cache line size in bytes as the CPU or device tree reports it. Any context. */
unsigned int arch_cache_line_size(void);

/*
 * Write back and evict the line at @p from this CPU's caches.
 * Returns false, and does nothing, where the ISA has no such instruction at this privilege.
 */
bool arch_cache_flush_line(const void *p);

/* One line for the BEGIN record, such as "cortex-a72 r0p3". Static or percpu-init storage. */
const char *arch_cpu_model(void);
