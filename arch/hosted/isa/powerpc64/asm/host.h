/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * powerpc64 under Linux: what a process may do of it. The per-CPU offset is in r13, as on the bare
 * machine; a return from a signal would restore it.
 */
#pragma once

#include <asm/host_nr.h>
#include <lib/compiler.h>
#include <lib/types.h>

/* A result in -4095 to -1 is a negative errno: summary overflow of CR0 says that r3 is one. */
static inline long host_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r0 __asm__("r0") = nr;
	register long r3 __asm__("r3") = a;
	register long r4 __asm__("r4") = b;
	register long r5 __asm__("r5") = c;
	register long r6 __asm__("r6") = d;
	register long r7 __asm__("r7") = e;
	register long r8 __asm__("r8") = f;

	__asm__ __volatile__("sc; bns+ 1f; neg %1, %1; 1:"
			     : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(r8)
			     :
			     : "memory", "cr0", "ctr", "xer", "r9", "r10", "r11", "r12");
	return r3;
}

/* A counter at a constant rate: the time base. */
static inline u64 host_counter(void)
{
	u64 v;

	__asm__ __volatile__("mftb %0" : "=r"(v) : : "memory");
	return v;
}

static inline unsigned long host_percpu_offset(void)
{
	unsigned long offset;

	__asm__ __volatile__("mr %0, 13" : "=r"(offset));
	return offset;
}

static inline void host_percpu_set(unsigned long offset)
{
	__asm__ __volatile__("mr 13, %0" : : "r"(offset) : "memory");
}

#define HOST_CPUINFO_NAME "cpu" /* a CPU's name in /proc/cpuinfo */

/* No register that a process may read says more than that. */
static inline u64 host_cpu_id(void)
{
	return 0;
}

static inline bool host_hypervisor(char name[12])
{
	return false;
}

/* ---- what a signal's handler finds: struct ucontext, arch/powerpc/include/uapi/asm ---- */

#define HOST_SIGACTION_RESTORER 1 /* the member is there; the vDSO's serves */
#define HOST_GREGS_OFFSET	232
#define HOST_GREG_PC		32
#define HOST_GREG_SP		1
#define HOST_GREG_FP		1
#define HOST_GREG_NAMES \
	"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", \
		"r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", \
		"r25", "r26", "r27", "r28", "r29", "r30", "r31", "nip", "msr", "origr3", "ctr", \
		"lr", "xer", "ccr", "softe", "trap", "dar", "dsisr", "result"

/*
 * By the instruction, as an emulator leaves DSISR out: stores with an offset, and of opcode 31
 * those with an index (Power ISA 3.0B, Book I, 3.3.3; Book II, 4.6).
 */
static inline bool host_fault_is_write(const u64 *gregs)
{
	u32 insn = *(const u32 *)gregs[HOST_GREG_PC];
	u32 op = insn >> 26;

	if (op != 31)
		return (op >= 36 && op <= 39) || op == 44 || op == 45 || op == 62;
	switch (insn >> 1 & 0x3ff) {
	case 149: /* stdx */
	case 150: /* stwcx. */
	case 151: /* stwx */
	case 214: /* stdcx. */
	case 215: /* stbx */
	case 407: /* sthx */
		return true;
	}
	return false;
}

static inline void host_frame_set_percpu(u64 *gregs, unsigned long offset)
{
	gregs[13] = offset;
}

static inline void host_frame_return(u64 *gregs, unsigned long ret)
{
	gregs[HOST_GREG_PC] = gregs[36];
	gregs[3] = ret;
}

/*
 * ---- frames: at the stack pointer the caller's, and in that the return address ----
 *
 * (64-Bit ELF V2 ABI, 2.2.2: the back chain, and LR 16 bytes into the frame that it names.)
 */

#define HOST_FRAME_LOW	0 /* a frame lies in [fp + LOW, fp + HIGH) */
#define HOST_FRAME_HIGH 32

static inline unsigned long host_frame_ra(const unsigned long *fp)
{
	return fp[2];
}

static inline unsigned long host_frame_up(const unsigned long *fp)
{
	return fp[0];
}
