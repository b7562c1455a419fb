/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: device registers. Accesses of one hart to one device are in a strongly ordered region of
 * I/O memory and keep their order (Privileged Architecture 1.12, section 3.6.5); memory is not
 * ordered with them, which polled output does not need.
 */
#pragma once

#include <lib/types.h>

/* mmio_read<bits>(p), mmio_write<bits>(p, v) by l<s> and s<s>. */
#define __RISCV_MMIO(bits, s) \
	static inline u##bits mmio_read##bits(const volatile void *p) \
	{ \
		u##bits v; \
\
		__asm__ __volatile__("l" s " %0, 0(%1)" : "=r"(v) : "r"(p) : "memory"); \
		return v; \
	} \
	static inline void mmio_write##bits(volatile void *p, u##bits v) \
	{ \
		__asm__ __volatile__("s" s " %z1, 0(%0)" : : "r"(p), "rJ"(v) : "memory"); \
	}

__RISCV_MMIO(8, "b")
__RISCV_MMIO(16, "h")
__RISCV_MMIO(32, "w")
