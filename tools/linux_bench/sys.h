/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Linux without a C library: the program's entry, system calls, and a thread's start, for the ISAs
 * that the comparison runs on.
 *
 * Numbers of the calls: x86_64 has a table of its own (the kernel's
 * arch/x86/entry/syscalls/syscall_64.tbl), arm64 the generic one
 * (include/uapi/asm-generic/unistd.h). Registers: syscall(2), "Architecture calling conventions".
 */
#pragma once

#if defined(__x86_64__)
enum {
	NR_WRITE = 1,
	NR_MMAP = 9,
	NR_MUNMAP = 11,
	NR_SCHED_YIELD = 24,
	NR_CLONE = 56,
	NR_EXIT = 60,
	NR_WAIT4 = 61,
	NR_UNAME = 63,
	NR_MOUNT = 165,
	NR_REBOOT = 169,
	NR_READ = 0,
	NR_CLOSE = 3,
	NR_FUTEX = 202,
	NR_SCHED_SETAFFINITY = 203,
	NR_SCHED_GETAFFINITY = 204,
	NR_CLOCK_GETTIME = 228,
	NR_OPENAT = 257,
	NR_GETCPU = 309,
};

static inline long sys_call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return ret;
}

/* The stack holds argc, argv, the environment and the auxiliary vector: hand its address on. */
asm(".globl _start\n"
    "_start:\n"
    "	xor %ebp, %ebp\n"
    "	mov %rsp, %rdi\n"
    "	and $-16, %rsp\n"
    "	call bench_main\n"
    "	ud2\n");

/* A new thread has our registers but for rax and rsp; r8 (unused: no CLONE_SETTLS) and r9 live. */
asm(".globl thread_clone\n"
    "thread_clone:\n"
    "	mov %rcx, %r10\n"
    "	mov $56, %eax\n"
    "	syscall\n"
    "	test %rax, %rax\n"
    "	jnz 1f\n"
    "	xor %ebp, %ebp\n"
    "	mov %r9, %rdi\n"
    "	call *%r8\n"
    "	ud2\n"
    "1:	ret\n");

static inline void cpu_relax(void)
{
	asm volatile("pause" ::: "memory");
}

#elif defined(__aarch64__)
enum {
	NR_MOUNT = 40,
	NR_OPENAT = 56,
	NR_CLOSE = 57,
	NR_READ = 63,
	NR_WRITE = 64,
	NR_EXIT = 93,
	NR_FUTEX = 98,
	NR_CLOCK_GETTIME = 113,
	NR_SCHED_SETAFFINITY = 122,
	NR_SCHED_GETAFFINITY = 123,
	NR_SCHED_YIELD = 124,
	NR_REBOOT = 142,
	NR_UNAME = 160,
	NR_GETCPU = 168,
	NR_MUNMAP = 215,
	NR_CLONE = 220,
	NR_MMAP = 222,
	NR_WAIT4 = 260,
};

static inline long sys_call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 asm("x8") = nr;
	register long x0 asm("x0") = a;
	register long x1 asm("x1") = b;
	register long x2 asm("x2") = c;
	register long x3 asm("x3") = d;
	register long x4 asm("x4") = e;
	register long x5 asm("x5") = f;

	asm volatile("svc #0"
		     : "+r"(x0)
		     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
		     : "memory");
	return x0;
}

/* The stack holds argc, argv, the environment and the auxiliary vector: hand its address on. */
asm(".globl _start\n"
    "_start:\n"
    "	mov x29, #0\n"
    "	mov x30, #0\n"
    "	mov x0, sp\n"
    "	bl bench_main\n"
    "	brk #0\n");

/* Here clone() takes the thread pointer before the second address of the thread's number. */
asm(".globl thread_clone\n"
    "thread_clone:\n"
    "	mov x6, x4\n"
    "	mov x4, x3\n"
    "	mov x3, #0\n"
    "	mov x8, #220\n"
    "	svc #0\n"
    "	cbnz x0, 1f\n"
    "	mov x29, #0\n"
    "	mov x30, #0\n"
    "	mov x0, x5\n"
    "	blr x6\n"
    "	brk #0\n"
    "1:	ret\n");

static inline void cpu_relax(void)
{
	asm volatile("yield" ::: "memory");
}

#else
#error "sys.h: this ISA's system calls are not written down yet"
#endif

/**
 * thread_clone - clone(2) a thread that runs fn(arg) on a stack of its own
 * @flags: CLONE_*
 * @stack: the end of the new stack, 16-byte aligned
 * @ptid, @ctid: where the kernel writes the thread's number, as @flags say
 * @fn: must not return
 *
 * Returns the thread's number, or a negative errno.
 */
long thread_clone(unsigned long flags, void *stack, int *ptid, int *ctid, void (*fn)(void *),
		  void *arg);
