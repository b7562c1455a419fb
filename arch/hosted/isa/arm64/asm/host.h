/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 under Linux: what a process may do of it. The per-CPU offset is in TPIDR_EL0, which is the
 * host thread's: a return from a signal leaves it alone.
 */
#pragma once

#include <asm/host_nr.h>
#include <lib/compiler.h>
#include <lib/types.h>

/* A result in -4095 to -1 is a negative errno. */
static inline long host_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ __volatile__("svc #0"
			     : "+r"(x0)
			     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			     : "memory", "cc");
	return x0;
}

/* A counter at a constant rate: the virtual count of the generic timer. */
static inline u64 host_counter(void)
{
	u64 v;

	__asm__ __volatile__("isb; mrs %0, cntvct_el0" : "=r"(v) : : "memory");
	return v;
}

static inline unsigned long host_percpu_offset(void)
{
	unsigned long offset;

	__asm__ __volatile__("mrs %0, tpidr_el0" : "=r"(offset));
	return offset;
}

static inline void host_percpu_set(unsigned long offset)
{
	__asm__ __volatile__("msr tpidr_el0, %0" : : "r"(offset) : "memory");
}

#define HOST_CPUINFO_NAME "CPU part" /* a CPU's name in /proc/cpuinfo */

/* No register that a process may read says more than that. */
static inline u64 host_cpu_id(void)
{
	return 0;
}

static inline bool host_hypervisor(char name[12])
{
	return false;
}

/* ---- what a signal's handler finds: struct ucontext, arch/arm64/include/uapi/asm ---- */

#define HOST_SIGACTION_RESTORER 1   /* the member is there; that of the vDSO serves */
#define HOST_GREGS_OFFSET	184 /* behind fault_address */
#define HOST_GREG_PC		32
#define HOST_GREG_SP		31
#define HOST_GREG_FP		29
#define HOST_GREG_NAMES \
	"x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", \
		"x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", \
		"x25", "x26", "x27", "x28", "x29", "lr", "sp", "pc", "pstate"

/*
 * By the instruction: the port's own loads and stores are of the classes "load/store register" and
 * "pair", whose bit 22 (Arm ARM DDI 0487, C4.1.88) tells a load, and exclusives, of which it does,
 * too.
 */
static inline bool host_fault_is_write(const u64 *gregs)
{
	u32 insn = *(const u32 *)gregs[HOST_GREG_PC];

	return !(insn & 1 << 22);
}

static inline void host_frame_set_percpu(u64 *gregs, unsigned long offset)
{
}

static inline void host_frame_return(u64 *gregs, unsigned long ret)
{
	gregs[HOST_GREG_PC] = gregs[30];
	gregs[0] = ret;
}

/* ---- frames: at the frame pointer the caller's, and above it the return address ---- */

#define HOST_FRAME_LOW	0 /* a frame lies in [fp + LOW, fp + HIGH) */
#define HOST_FRAME_HIGH 16

static inline unsigned long host_frame_ra(const unsigned long *fp)
{
	return fp[1];
}

static inline unsigned long host_frame_up(const unsigned long *fp)
{
	return fp[0];
}
