/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64: device registers. A plain load or store each: of others, say with write-back, a hypervisor
 * that emulates the device is not told the register (Arm ARM DDI 0487, ESR_ELx.ISV).
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* A core that needs it has come up (errata.c): registers are read by load-acquire. */
extern bool arm64_load_acquire;

/* mmio_read<bits>(p), mmio_write<bits>(p, v) by ldr<s> or ldar<s>, str<s> of a <reg> register. */
#define __ARM64_MMIO(bits, s, reg) \
	static inline u##bits mmio_read##bits(const volatile void *p) \
	{ \
		u##bits v; \
\
		if (unlikely(READ_ONCE(arm64_load_acquire))) \
			__asm__ __volatile__("ldar" s " %" reg "0, [%1]" \
					     : "=r"(v) \
					     : "r"(p) \
					     : "memory"); \
		else \
			__asm__ __volatile__("ldr" s " %" reg "0, [%1]" \
					     : "=r"(v) \
					     : "r"(p) \
					     : "memory"); \
		return v; \
	} \
	static inline void mmio_write##bits(volatile void *p, u##bits v) \
	{ \
		__asm__ __volatile__("str" s " %" reg "1, [%0]" : : "r"(p), "rZ"(v) : "memory"); \
	}

__ARM64_MMIO(8, "b", "w")
__ARM64_MMIO(16, "h", "w")
__ARM64_MMIO(32, "", "w")
__ARM64_MMIO(64, "", "x")
