/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this port tell one another. */
#pragma once

#include <kernel/percpu.h>
#include <lib/types.h>

#include "linux.h"

struct pt_regs;

/* ---- start.S ---- */

/* Start a thread on @stack_top; it enters hosted_secondary(). Its id, or a negative errno. */
long host_clone(unsigned long flags, void *stack_top, unsigned int cpu, unsigned long percpu);
void host_restorer(void);

/* ---- the machine: setup.c ---- */

/* Where the process begins, by start.S: what Linux left on its stack. */
void hosted_start(unsigned long *sp) __noreturn;

/* Text of a file, NUL at its end, cut to @size; its length, or a negative errno. */
long hosted_read_file(const char *path, char *buf, size_t size);

/* Which cores there are for us; and this thread becomes CPU @cpu, on one of them. */
void hosted_cores_init(void);
void hosted_cpu_init(unsigned int cpu);
unsigned int hosted_nr_cores(void);

/* ---- kernel_map.c ---- */

/* Make @size bytes of memory, and say where in boot_info. 0 or -errno, printed. */
int hosted_memory_init(u64 size);
/* What the file @fd holds, as boot_info.mailbox. 0 or -errno, printed. */
int hosted_map_mailbox(u64 fd);
/* The address sanitizer's shadow, before the first function that asks it; without it, nothing. */
void hosted_shadow_init(void);
/* Do the kernel's tables have a translation of @addr? */
bool hosted_kernel_mapped(unsigned long addr);

/* ---- smp.c ---- */

/* Where a new CPU's thread begins, by start.S. */
void hosted_secondary(unsigned int cpu, unsigned long percpu) __noreturn;

/* The Linux thread that is CPU @cpu; 0 until it runs. */
DECLARE_PER_CPU(s32, hosted_tid);

/* ---- signal.c ---- */

/* What a CPU takes as interrupts; blocked while a handler runs. */
#define HOSTED_IRQ_SIGNALS (LINUX_SIGMASK(LINUX_SIGUSR1) | LINUX_SIGMASK(LINUX_SIGALRM))

typedef void hosted_handler(int sig, struct linux_siginfo *info, void *ucontext);

/* @fn handles @sig, with the signals of @mask blocked meanwhile. */
void hosted_signal_set(int sig, hosted_handler *fn, unsigned long flags, u64 mask);
/* Those that instructions raise are traps; for the process, once. */
void hosted_traps_init(void);
/* The registers that a handler's @ucontext has. */
void hosted_regs_of(struct pt_regs *regs, void *ucontext);
