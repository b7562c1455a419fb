/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before arm64's: the devices are those of tests/host/ports/arm64.c. */
#pragma once

#include <lib/types.h>

u64 host_mmio_read(unsigned long addr, unsigned int bits);
void host_mmio_write(unsigned long addr, unsigned int bits, u64 val);

#define __HOST_MMIO(bits) \
	static inline u##bits mmio_read##bits(const volatile void *p) \
	{ \
		return host_mmio_read((unsigned long)p, bits); \
	} \
	static inline void mmio_write##bits(volatile void *p, u##bits v) \
	{ \
		host_mmio_write((unsigned long)p, bits, v); \
	}

__HOST_MMIO(8)
__HOST_MMIO(16)
__HOST_MMIO(32)
__HOST_MMIO(64)
