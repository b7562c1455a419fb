/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: system registers. */
#pragma once

#include <lib/types.h>

#define arm64_read_sysreg(reg) \
	__extension__({ \
		u64 __val; \
		__asm__ __volatile__("mrs %0, " #reg : "=r"(__val)); \
		__val; \
	})
#define arm64_write_sysreg(val, reg) \
	__asm__ __volatile__("msr " #reg ", %x0" : : "rZ"((u64)(val)) : "memory")

/* MPIDR_EL1: the affinity fields, by which firmware and interrupt controllers name a CPU. */
#define MPIDR_AFFINITY_MASK 0xff00ffffffULL
