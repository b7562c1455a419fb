/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses that may fault. To a user address: by the hosted MMU (access.c). To any other: by an
 * instruction of the ISA, which the host's kernel lets fault; the ISA's half says which, and is
 * included under other names.
 */
#pragma once

#define arch_probe_read	    host_probe_read
#define arch_probe_write    host_probe_write
#define arch_probe_trap	    host_probe_trap
#define arch_user_read64    host_read64
#define arch_user_write64   host_write64
#define arch_user_cmpxchg64 host_cmpxchg64
#include_next <asm/access.h>
#undef arch_probe_read
#undef arch_probe_write
#undef arch_probe_trap
#undef arch_user_read64
#undef arch_user_write64
#undef arch_user_cmpxchg64

#include <asm/memory.h>

/* access.c. Any context. 0, or -EFAULT when it faulted and was recovered. */
int mmu_read8(unsigned long va, u8 *val);
int mmu_write8(unsigned long va, u8 val);
int mmu_read64(unsigned long va, u64 *val);
int mmu_write64(unsigned long va, u64 val);
int mmu_cmpxchg64(unsigned long va, u64 old, u64 new, u64 *found);

static inline int arch_probe_read(const volatile u8 *p, u8 *val)
{
	if ((unsigned long)p < ARCH_USER_END)
		return mmu_read8((unsigned long)p, val);
	return host_probe_read(p, val);
}

static inline int arch_probe_write(volatile u8 *p, u8 val)
{
	if ((unsigned long)p < ARCH_USER_END)
		return mmu_write8((unsigned long)p, val);
	return host_probe_write(p, val);
}

static inline int arch_probe_trap(void)
{
	return host_probe_trap();
}

static inline int arch_user_read64(const u64 *uaddr, u64 *val)
{
	*val = 0;
	return mmu_read64((unsigned long)uaddr, val);
}

static inline int arch_user_write64(u64 *uaddr, u64 val)
{
	return mmu_write64((unsigned long)uaddr, val);
}

static inline int arch_user_cmpxchg64(u64 *uaddr, u64 old, u64 new, u64 *found)
{
	*found = 0;
	return mmu_cmpxchg64((unsigned long)uaddr, old, new, found);
}
