/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Synchronous exceptions: the syndrome register into words (Arm ARM DDI 0487, D17.2 ESR_EL1), and
 * backtraces along the frame records of the procedure call standard (AAPCS64, 6.4.6).
 */
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <lib/compiler.h>

#include "port.h"

extern char trap_vectors[];

DECLARE_PER_CPU(char, overflow_stack[OVERFLOW_STACK_SIZE]);

/* For trap.S: of CPU 0; the others' are at their per-CPU offset from it. */
extern char *const overflow_stack_top;
char *const overflow_stack_top = overflow_stack + OVERFLOW_STACK_SIZE;

BUILD_BUG_ON(offsetof(struct pt_regs, sp) != PT_SP);
BUILD_BUG_ON(offsetof(struct pt_regs, pc) != PT_PC);
BUILD_BUG_ON(offsetof(struct pt_regs, pstate) != PT_PSTATE);
BUILD_BUG_ON(offsetof(struct pt_regs, frame) != PT_FRAME);
BUILD_BUG_ON(sizeof(struct pt_regs) != PT_REGS_SIZE);

/* Exception classes, ESR_EL1.EC. */
enum {
	EC_UNKNOWN = 0x00,
	EC_FP = 0x07,
	EC_ILLEGAL_STATE = 0x0e,
	EC_SYSREG = 0x18,
	EC_INSN_ABORT = 0x21,
	EC_PC_ALIGN = 0x22,
	EC_DATA_ABORT = 0x25,
	EC_SP_ALIGN = 0x26,
	EC_BRK = 0x3c,
};

#define ESR_EC(esr)	((esr) >> 26 & 0x3f)
#define ESR_FSC(esr)	((esr)&0x3f)
#define ESR_WNR		(1 << 6)  /* a write */
#define ESR_CM		(1 << 8)  /* cache maintenance, which WNR calls a write */
#define ESR_FNV		(1 << 10) /* FAR_EL1 is not valid */
#define FSC_TRANSLATION 0x04

static const char *ec_text(unsigned int ec)
{
	switch (ec) {
	case EC_UNKNOWN:
		return "undefined instruction";
	case EC_FP:
		return "use of floating-point or SIMD registers";
	case EC_ILLEGAL_STATE:
		return "illegal execution state";
	case EC_SYSREG:
		return "trapped system register access";
	case EC_INSN_ABORT:
		return "instruction abort";
	case EC_PC_ALIGN:
		return "misaligned program counter";
	case EC_DATA_ABORT:
		return "data abort";
	case EC_SP_ALIGN:
		return "misaligned stack pointer";
	case EC_BRK:
		return "brk instruction";
	default:
		return "exception of an unexpected class";
	}
}

/*
 * Fault status codes from 0x00 to 0x0f carry a level in their low two bits. These are words made
 * beforehand, since a fault at a user address is nothing rare.
 */
#define BY_LEVEL(text) text ", level 0", text ", level 1", text ", level 2", text ", level 3"
#define ABORT(kind) \
	BY_LEVEL(kind ": address size fault"), BY_LEVEL(kind ": translation fault"), \
		BY_LEVEL(kind ": access flag fault"), BY_LEVEL(kind ": permission fault")
static const char *const abort_text[2][16] = { { ABORT("data abort") },
					       { ABORT("instruction abort") } };

/* The other fault status codes. */
static const char *fsc_text(unsigned int fsc)
{
	switch (fsc) {
	case 0x10:
		return "external abort";
	case 0x14 ... 0x17:
		return "external abort on a table walk";
	case 0x18:
		return "parity error";
	case 0x21:
		return "misaligned address";
	case 0x30:
		return "TLB conflict";
	default:
		return "fault of an unexpected kind";
	}
}

void trap_sync(struct pt_regs *regs, bool stack_overflow)
{
	u64 esr = arm64_read_sysreg(esr_el1);
	u64 far = arm64_read_sysreg(far_el1);
	unsigned int ec = ESR_EC(esr), fsc = ESR_FSC(esr);
	struct trap_info ti = { .code = esr, .stack_overflow = stack_overflow };
	char cause[80];

	if (ec == EC_UNKNOWN && regs->pc == (unsigned long)semihosting_insn) {
		regs->pc += 4;
		return;
	}
	if (ec == EC_DATA_ABORT || ec == EC_INSN_ABORT) {
		ti.access = ec == EC_INSN_ABORT			 ? FAULT_EXEC
			    : (esr & ESR_WNR) && !(esr & ESR_CM) ? FAULT_WRITE
								 : FAULT_READ;
		ti.not_present = fsc >> 2 == FSC_TRANSLATION >> 2;
		ti.addr = esr & ESR_FNV ? 0 : far;
		if (fsc < ARRAY_SIZE(abort_text[0]))
			ti.cause = abort_text[ec == EC_INSN_ABORT][fsc];
		else
			snprintf(cause, sizeof(cause), "%s: %s", ec_text(ec), fsc_text(fsc));
	} else {
		snprintf(cause, sizeof(cause), "%s (class 0x%x)", ec_text(ec), ec);
	}
	if (!ti.cause)
		ti.cause = cause;
	trap_handle(regs, &ti);
}

void trap_bad(struct pt_regs *regs, unsigned int vector)
{
	static const char *const from[] = { "EL1 on SP_EL0", "EL1", "EL0", "EL0 in AArch32" };
	static const char *const kind[] = { "synchronous exception", "IRQ", "FIQ", "SError" };

	panic_regs(regs, "unexpected %s from %s: esr %llx far %llx", kind[vector & 3],
		   from[vector >> 2 & 3], (unsigned long long)arm64_read_sysreg(esr_el1),
		   (unsigned long long)arm64_read_sysreg(far_el1));
}

void arch_trap_init_cpu(void)
{
	arm64_write_sysreg(trap_vectors, vbar_el1);
	arm64_isb();
	/* SError, and FIQ, which is the NMI: open from now on. */
	__asm__ __volatile__("msr daifclr, #5" : : : "memory");
}

void arch_regs_print(const struct pt_regs *regs)
{
	for (int i = 0; i < 30; i += 3)
		printk("x%-2d %016llx  x%-2d %016llx  x%-2d %016llx\n", i,
		       (unsigned long long)regs->x[i], i + 1, (unsigned long long)regs->x[i + 1],
		       i + 2, (unsigned long long)regs->x[i + 2]);
	printk("x30 %016llx  sp  %016llx  pc  %016llx\n", (unsigned long long)regs->x[30],
	       (unsigned long long)regs->sp, (unsigned long long)regs->pc);
	printk("pstate %llx (%c%c%c%c, masked: %s%s%s%s, EL%llu%c)\n",
	       (unsigned long long)regs->pstate, regs->pstate >> 31 & 1 ? 'N' : 'n',
	       regs->pstate >> 30 & 1 ? 'Z' : 'z', regs->pstate >> 29 & 1 ? 'C' : 'c',
	       regs->pstate >> 28 & 1 ? 'V' : 'v', regs->pstate >> 9 & 1 ? "D" : "",
	       regs->pstate >> 8 & 1 ? "A" : "", regs->pstate >> 7 & 1 ? "I" : "",
	       regs->pstate >> 6 & 1 ? "F" : "", (unsigned long long)regs->pstate >> 2 & 3,
	       regs->pstate & 1 ? 'h' : 't');
}

/* A frame record is {caller's frame pointer, return address}. */
static bool frame_load(struct unwind *u)
{
	const unsigned long *record = (const unsigned long *)u->fp;

	if (!IS_ALIGNED(u->fp, 8) || !stack_contains(u->fp, 2 * sizeof(*record)) || !record[1])
		return false;
	u->fp = record[0];
	u->pc = record[1];
	return true;
}

noinline void arch_unwind_start(struct unwind *u, const struct pt_regs *regs)
{
	if (regs) {
		u->pc = regs_pc(regs);
		u->fp = regs_fp(regs);
		return;
	}
	u->pc = (unsigned long)__builtin_return_address(0);
	u->fp = *(const unsigned long *)__builtin_frame_address(0);
}

bool arch_unwind_step(struct unwind *u)
{
	return frame_load(u);
}
