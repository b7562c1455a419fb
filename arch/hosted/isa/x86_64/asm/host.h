/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64 under Linux: what a process may do of it. The per-CPU offset is the base of segment GS, as
 * on the bare machine; Linux sets it for us, wants it below the end of user addresses, and a return
 * from a signal leaves it alone.
 */
#pragma once

#include <asm/host_nr.h>
#include <lib/compiler.h>
#include <lib/types.h>

#define HOST_ARCH_SET_GS 0x1001

/* A result in -4095 to -1 is a negative errno. */
static inline long host_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ __volatile__("syscall"
			     : "+a"(nr)
			     : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			     : "rcx", "r11", "memory");
	return nr;
}

/* A counter at a constant rate: the time stamp counter. */
static inline u64 host_counter(void)
{
	u32 lo, hi;

	__asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}

/* A per-CPU variable that holds its own copy's offset; DEFINE_PER_CPU in smp.c. */
extern unsigned long hosted_offset;

static inline unsigned long host_percpu_offset(void)
{
	unsigned long offset;

	__asm__ __volatile__("movq %%gs:hosted_offset(%%rip), %0" : "=r"(offset));
	return offset;
}

static inline void host_percpu_set(unsigned long offset)
{
	*(unsigned long *)((unsigned long)&hosted_offset + offset) = offset;
	host_syscall(HOST_NR_arch_prctl, HOST_ARCH_SET_GS, (long)offset, 0, 0, 0, 0);
}

#define HOST_CPUINFO_NAME "model name" /* a CPU's name in /proc/cpuinfo */

struct host_cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct host_cpuid host_cpuid(u32 leaf)
{
	struct host_cpuid c = { .eax = leaf };

	__asm__ __volatile__("cpuid" : "+a"(c.eax), "=b"(c.ebx), "+c"(c.ecx), "=d"(c.edx));
	return c;
}

/* As arch_cpu_id(). */
static inline u64 host_cpu_id(void)
{
	return host_cpuid(1).eax;
}

/*
 * What names itself as the machine's emulator or hypervisor, 12 letters; false: nothing does (Intel
 * SDM vol. 2A, CPUID: ECX bit 31 of leaf 1 is not used by hardware; leaf 0x40000000 has the name).
 */
static inline bool host_hypervisor(char name[12])
{
	struct host_cpuid c;

	if (!(host_cpuid(1).ecx >> 31))
		return false;
	c = host_cpuid(0x40000000);
	__builtin_memcpy(name, &c.ebx, 12);
	return true;
}

/* ---- what a signal's handler finds: struct ucontext, arch/x86/include/uapi/asm ---- */

#define HOST_SIGACTION_RESTORER 1 /* Linux returns from a handler by what we name */
#define HOST_GREGS_OFFSET	40
#define HOST_GREG_PC		16
#define HOST_GREG_SP		15
#define HOST_GREG_FP		10
#define HOST_GREG_NAMES \
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rdi", "rsi", "rbp", "rbx", "rdx", \
		"rax", "rcx", "rsp", "rip", "rflags", "seg", "error", "trapno", "oldmask", "cr2"

/* The error code of a page fault: Intel SDM vol. 3A section 4.7. */
static inline bool host_fault_is_write(const u64 *gregs)
{
	return gregs[19] & 2;
}

/* What the thread finds in its registers when it goes on, here. */
static inline void host_frame_set_percpu(u64 *gregs, unsigned long offset)
{
}

static inline void host_frame_return(u64 *gregs, unsigned long ret)
{
	gregs[HOST_GREG_PC] = *(const u64 *)gregs[HOST_GREG_SP];
	gregs[HOST_GREG_SP] += 8;
	gregs[13] = ret;
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
