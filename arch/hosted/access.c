/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses through the hosted MMU, each one instruction to the kernel: it is done, or it traps and
 * may be done again, and no interrupt comes in its midst.
 */
#include <arch/access.h>
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/translation.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <lib/compiler.h>
#include <mm/address.h>

#include "mmu.h"

/*
 * What stands for the instruction that faults, and for where to go on if nobody resolves it: two
 * places that are never executed.
 */
__asm__("	.pushsection .text, \"ax\"\n"
	"	.globl	mmu_access_insn, mmu_access_fixup\n"
	"	.balign	4\n"
	"mmu_access_insn:\n"
	"	nop\n"
	"mmu_access_fixup:\n"
	"	nop\n"
	"	.popsection\n"
	"	.pushsection __ex_table, \"a\"\n"
	"	.balign	4\n"
	"	.4byte	mmu_access_insn - ., mmu_access_fixup - .\n"
	"	.popsection\n");
extern const char mmu_access_insn[], mmu_access_fixup[];

enum access_kind { READ8, WRITE8, READ64, WRITE64, CMPXCHG64 };

bool mmu_shows_stale_faults;

/* On the frame. *val: what is stored, and what was loaded. */
static __always_inline void perform(enum access_kind kind, void *at, u64 old, u64 *val)
{
	switch (kind) {
	case READ8:
		*val = READ_ONCE(*(u8 *)at);
		break;
	case WRITE8:
		WRITE_ONCE(*(u8 *)at, *val);
		break;
	case READ64:
		*val = READ_ONCE(*(u64 *)at);
		break;
	case WRITE64:
		WRITE_ONCE(*(u64 *)at, *val);
		break;
	case CMPXCHG64:
		*val = cmpxchg((u64 *)at, old, *val);
		break;
	}
}

/* The port's trap: 0, try again; -EFAULT, it was not resolved. Interrupts disabled. */
static noinline int fault(unsigned long va, enum mmu_need need, bool absent, bool irqs_enabled)
{
	struct pt_regs regs;
	struct trap_info ti = {
		.cause = absent ? "hosted MMU: no translation" : "hosted MMU: not permitted",
		.code = need | absent << 1,
		.access = need == MMU_WRITE ? FAULT_WRITE : FAULT_READ,
		.not_present = absent,
		.addr = va,
	};
	struct mmu *m = mmu_here();

	if (!READ_ONCE(mmu_shows_stale_faults) && mmu_tables_permit(m, va, need)) {
		arch_tlb_fix_fault_local(m->asid, va);
		return 0;
	}
	regs_here(&regs, (unsigned long)mmu_access_insn, (unsigned long)__builtin_frame_address(0),
		  irqs_enabled);
	trap_handle(&regs, &ti);
	return regs_pc(&regs) == (unsigned long)mmu_access_insn ? 0 : -EFAULT;
}

/* Interrupts are as the caller has them between the tries: a fault may sleep. */
static __always_inline int access(enum access_kind kind, unsigned long va, u64 old, u64 *val)
{
	enum mmu_need need = kind == READ8 || kind == READ64 ? MMU_READ : MMU_WRITE;
	bool irqs_enabled = !arch_irqs_disabled(), absent, done;
	phys_addr_t pa;
	int err = 0;

	do {
		unsigned long flags = arch_irq_save();
		struct mmu *m = mmu_here();

		done = mmu_translate(m, va, need, &pa, &absent);
		if (likely(done)) {
			perform(kind, __va(pa), old, val);
			mmu_go_on(m);
		} else {
			err = fault(va, need, absent, irqs_enabled);
		}
		arch_irq_restore(flags);
	} while (unlikely(!done && !err));
	return err;
}

int mmu_read8(unsigned long va, u8 *val)
{
	u64 word = 0;
	int err = access(READ8, va, 0, &word);

	if (!err)
		*val = word;
	return err;
}

int mmu_write8(unsigned long va, u8 val)
{
	u64 word = val;

	return access(WRITE8, va, 0, &word);
}

int mmu_read64(unsigned long va, u64 *val)
{
	return access(READ64, va, 0, val);
}

int mmu_write64(unsigned long va, u64 val)
{
	return access(WRITE64, va, 0, &val);
}

int mmu_cmpxchg64(unsigned long va, u64 old, u64 new, u64 *found)
{
	u64 word = new;
	int err = access(CMPXCHG64, va, old, &word);

	if (!err)
		*found = word;
	return err;
}
