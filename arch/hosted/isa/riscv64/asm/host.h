/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64 under Linux: what a process may do of it. The per-CPU offset is in tp, as on the bare
 * machine; a return from a signal would restore it.
 */
#pragma once

#include <asm/host_nr.h>
#include <lib/compiler.h>
#include <lib/types.h>

/* A result in -4095 to -1 is a negative errno. */
static inline long host_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = nr;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ __volatile__("ecall"
			     : "+r"(a0)
			     : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
			     : "memory");
	return a0;
}

/* A counter at a constant rate: CSR time. */
static inline u64 host_counter(void)
{
	u64 v;

	__asm__ __volatile__("rdtime %0" : "=r"(v) : : "memory");
	return v;
}

static inline unsigned long host_percpu_offset(void)
{
	unsigned long offset;

	__asm__ __volatile__("mv %0, tp" : "=r"(offset));
	return offset;
}

static inline void host_percpu_set(unsigned long offset)
{
	__asm__ __volatile__("mv tp, %0" : : "r"(offset) : "memory");
}

#define HOST_CPUINFO_NAME "uarch" /* a CPU's name in /proc/cpuinfo */

/* No register that a process may read says more than that. */
static inline u64 host_cpu_id(void)
{
	return 0;
}

static inline bool host_hypervisor(char name[12])
{
	return false;
}

/* ---- what a signal's handler finds: struct ucontext, arch/riscv/include/uapi/asm ---- */

#define HOST_SIGACTION_RESTORER 0
#define HOST_GREGS_OFFSET	176
#define HOST_GREG_PC		0
#define HOST_GREG_SP		2
#define HOST_GREG_FP		8
#define HOST_GREG_NAMES \
	"pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", \
		"a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", \
		"t3", "t4", "t5", "t6"

/*
 * By the instruction, as Linux does not say: major opcode STORE, an AMO or sc, or a compressed
 * store (RISC-V Unprivileged ISA 20191213, chapters 24 and 16.8).
 */
static inline bool host_fault_is_write(const u64 *gregs)
{
	const u16 *pc = (const u16 *)gregs[HOST_GREG_PC];
	u32 insn = pc[0];

	if ((insn & 3) == 3)
		return (insn & 0x7f) == 0x23 ||
		       ((insn & 0x7f) == 0x2f && (pc[1] >> 11 & 0x1f) != 2 /* lr */);
	return (insn & 3) != 1 && insn >> 13 >= 5;
}

static inline void host_frame_set_percpu(u64 *gregs, unsigned long offset)
{
	gregs[4] = offset;
}

static inline void host_frame_return(u64 *gregs, unsigned long ret)
{
	gregs[HOST_GREG_PC] = gregs[1];
	gregs[10] = ret;
}

/* ---- frames: below the frame pointer the return address, below that the caller's ---- */

#define HOST_FRAME_LOW	-16 /* a frame lies in [fp + LOW, fp + HIGH) */
#define HOST_FRAME_HIGH 0

static inline unsigned long host_frame_ra(const unsigned long *fp)
{
	return fp[-1];
}

static inline unsigned long host_frame_up(const unsigned long *fp)
{
	return fp[-2];
}
