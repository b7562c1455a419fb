/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: device registers in memory, each by one mov. */
#pragma once

#include <lib/types.h>

/* mmio_read<bits>(p), mmio_write<bits>(p, v). */
#define __X86_MMIO(bits) \
	static inline u##bits mmio_read##bits(const volatile void *p) \
	{ \
		u##bits v; \
\
		__asm__ __volatile__("mov %1, %0" \
				     : "=q"(v) \
				     : "m"(*(const volatile u##bits *)p) \
				     : "memory"); \
		return v; \
	} \
	static inline void mmio_write##bits(volatile void *p, u##bits v) \
	{ \
		__asm__ __volatile__("mov %1, %0" \
				     : "=m"(*(volatile u##bits *)p) \
				     : "q"(v) \
				     : "memory"); \
	}

__X86_MMIO(8)
__X86_MMIO(16)
__X86_MMIO(32)
