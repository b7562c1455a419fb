/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Linux's system calls take, alike on the four ISAs (include/uapi/asm-generic). No library
 * stands between: a call is host_syscall() of <asm/host.h>.
 */
#pragma once

#include <asm/host.h>

#define LINUX_EINTR  4
#define LINUX_EAGAIN 11

/* ---- signals ---- */

#define LINUX_SIGILL  4
#define LINUX_SIGTRAP 5
#define LINUX_SIGBUS  7
#define LINUX_SIGFPE  8
#define LINUX_SIGUSR1 10
#define LINUX_SIGSEGV 11
#define LINUX_SIGUSR2 12
#define LINUX_SIGALRM 14

#define LINUX_SIGMASK(sig) (1ULL << ((sig)-1))

#define LINUX_SIG_BLOCK	  0
#define LINUX_SIG_UNBLOCK 1

#define LINUX_SA_SIGINFO  0x00000004UL
#define LINUX_SA_RESTORER 0x04000000UL
#define LINUX_SA_ONSTACK  0x08000000UL
#define LINUX_SA_NODEFER  0x40000000UL

struct linux_siginfo {
	s32 signo, err, code, pad;
	u64 addr; /* of SIGSEGV and SIGBUS */
};

struct linux_sigaction {
	void (*handler)(int sig, struct linux_siginfo *info, void *ucontext);
	unsigned long flags;
#if HOST_SIGACTION_RESTORER
	void (*restorer)(void);
#endif
	u64 mask;
};

struct linux_stack {
	void *sp;
	s32 flags;
	u64 size;
};

/* How the frame of every signal begins; the registers follow, at HOST_GREGS_OFFSET. */
struct linux_ucontext {
	u64 flags, link;
	struct linux_stack stack;
};

/* ---- time ---- */

#define LINUX_CLOCK_MONOTONIC 1
#define LINUX_SIGEV_THREAD_ID 4

struct linux_timespec {
	s64 sec, nsec;
};

struct linux_itimerspec {
	struct linux_timespec interval, value;
};

struct linux_sigevent {
	u64 value;
	s32 signo, notify, tid, pad[11];
};

/* ---- threads ---- */

#define LINUX_FUTEX_WAIT_PRIVATE 128
#define LINUX_FUTEX_WAKE_PRIVATE 129

/* CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM: a thread, as a library would make it. */
#define LINUX_CLONE_THREAD 0x00050f00UL

/* ---- files and memory ---- */

#define LINUX_AT_FDCWD	    (-100)
#define LINUX_AT_PAGESZ	    6 /* of the auxiliary vector: include/uapi/linux/auxvec.h */
#define LINUX_PROT_READ	    1
#define LINUX_PROT_WRITE    2
#define LINUX_PROT_EXEC	    4
#define LINUX_MAP_SHARED    0x01
#define LINUX_MAP_PRIVATE   0x02
#define LINUX_MAP_FIXED	    0x10
#define LINUX_MAP_ANONYMOUS 0x20
#define LINUX_MAP_NOREPLACE 0x100000 /* MAP_FIXED_NOREPLACE: fails where something is */

struct linux_utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};
