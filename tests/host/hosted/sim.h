/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands for the headers of the kernel that arch/hosted's MMU is made of, in its test: CPUs are
 * numbers, interrupts a flag, and a trap is a call of the test's.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/report.h>
#include <lib/types.h>

#define NR_CPUS 2

#define DEFINE_PER_CPU(type, name) __typeof__(type) name##_of[NR_CPUS]
#define this_cpu(name)		   name##_of[smp_processor_id()]

extern unsigned int sim_cpu;
extern unsigned long sim_irqs_off;

static inline unsigned int smp_processor_id(void)
{
	return sim_cpu;
}

static inline unsigned long arch_irq_save(void)
{
	unsigned long was = sim_irqs_off;

	sim_irqs_off = 1;
	return was;
}

static inline void arch_irq_restore(unsigned long flags)
{
	sim_irqs_off = flags;
}

static inline bool arch_irqs_disabled(void)
{
	return sim_irqs_off;
}

struct pt_regs {
	unsigned long pc;
	bool irqs_enabled;
};

static inline void regs_here(struct pt_regs *regs, unsigned long pc, unsigned long fp,
			     bool irqs_enabled)
{
	*regs = (struct pt_regs){ pc, irqs_enabled };
}

static inline unsigned long regs_pc(const struct pt_regs *regs)
{
	return regs->pc;
}

enum fault_access { FAULT_NONE, FAULT_READ, FAULT_WRITE, FAULT_EXEC };

struct trap_info {
	const char *cause;
	u64 code;
	enum fault_access access;
	bool not_present, stack_overflow;
	unsigned long addr;
};

void trap_handle(struct pt_regs *regs, const struct trap_info *ti);
