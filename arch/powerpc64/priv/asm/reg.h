/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Special-purpose registers and their bits, for C and assembly.
 * Cited is the Power ISA, version 3.0B, by the titles of its sections.
 */
#pragma once

/* Numbers of the registers (Book III, "Move To/From System Register Instructions"). */
#define SPR_DSISR  18
#define SPR_DAR	   19
#define SPR_DEC	   22
#define SPR_SRR0   26
#define SPR_SRR1   27
#define SPR_AMR	   29
#define SPR_PIDR   48
#define SPR_IAMR   61
#define SPR_TB	   268
#define SPR_SPRG0  272
#define SPR_SPRG1  273
#define SPR_SPRG2  274
#define SPR_PVR	   287
#define SPR_HSPRG0 304
#define SPR_HSRR0  314
#define SPR_HSRR1  315
#define SPR_LPCR   318
#define SPR_LPIDR  319
#define SPR_PTCR   464
#define SPR_PSSCR  855
#define SPR_PIR	   1023

/* Processor version register: the version in its upper half. */
#define PVR_VERSION_SHIFT  16
#define PVR_VERSION_POWER9 0x4e

/*
 * Instruction authority mask register (Book III, "Storage Control", "Virtual Page Class Key
 * Protection"): of the keys a radix tree uses number 0 alone, and only for pages of users.
 */
#define IAMR_NO_EXECUTE 0x4000000000000000

/* Machine state register (Book III, "Machine State Register"). */
#define MSR_SF 0x8000000000000000 /* 64-bit */
#define MSR_HV 0x1000000000000000 /* hypervisor */
#define MSR_EE 0x8000		  /* external interrupts, decrementer, doorbells */
#define MSR_ME 0x1000		  /* machine checks are interrupts, not checkstops */
#define MSR_IR 0x20		  /* instruction relocation */
#define MSR_DR 0x10		  /* data relocation */
#define MSR_RI 0x2		  /* SRR0 and SRR1 hold nothing that an interrupt would destroy */

/* What the kernel runs with, EE apart; and what OPAL and our real-mode code run with. */
#define MSR_REAL   (MSR_SF | MSR_HV | MSR_ME)
#define MSR_KERNEL (MSR_REAL | MSR_IR | MSR_DR | MSR_RI)

/* Logical partitioning control register (Book III, chapter "Logical Partitioning"). */
#define LPCR_UPRT   0x400000  /* translate through the process table */
#define LPCR_EVIRT  0x200000  /* not ours: hypervisor emulation of msgsnd and the like */
#define LPCR_HR	    0x100000  /* radix for the hypervisor itself */
#define LPCR_LD	    0x20000   /* decrementer wider than 32 bits */
#define LPCR_PECEDH 0x8000    /* these leave power saving: hypervisor doorbell, */
#define LPCR_PECE1  0x2000    /* decrementer, */
#define LPCR_PECE2  0x1000    /* machine check and the like */
#define LPCR_HAIL   0x4000000 /* POWER10 */
#define LPCR_AIL    0x1800000 /* interrupts at an alternate location; we take them in real mode */
#define LPCR_HDICE  0x1	      /* hypervisor decrementer */
#define LPCR_PECE   (LPCR_PECEDH | LPCR_PECE1 | LPCR_PECE2)
#define LPCR_SET    (LPCR_UPRT | LPCR_HR | LPCR_LD | LPCR_PECE)
#define LPCR_CLEAR  (LPCR_EVIRT | LPCR_HAIL | LPCR_AIL | LPCR_HDICE)

/*
 * msgsnd RB and msgclr RB (Book III, "Processor Control"). RB: message type, or-ed with the PIR of
 * the target. These and tlbie are given by their bits: LLVM's assembler does not know them, or not
 * this form.
 */
#define DOORBELL_HV	  0x28000000 /* type 5 */
#define MSGSND_OPCODE(rb) (0x7c00019c | (rb) << 11)
#define MSGCLR_OPCODE(rb) (0x7c0001dc | (rb) << 11)

/*
 * tlbie RB, RS, RIC, PRS, R=1 (Book III, "TLB Management Instructions"). RB: what to invalidate;
 * RS: PID and LPID.
 */
#define TLBIE_OPCODE(rb, rs, ric, prs) \
	(0x7c000264 | (rs) << 21 | (ric) << 18 | (prs) << 17 | 1 << 16 | (rb) << 11)
/* tlbiel, the same for the CPU that runs it; slbia with IH (same chapter). */
#define TLBIEL_OPCODE(rb, rs, ric, prs) \
	(0x7c000224 | (rs) << 21 | (ric) << 18 | (prs) << 17 | 1 << 16 | (rb) << 11)
#define SLBIA_OPCODE(ih) (0x7c0003e4 | (ih) << 21)
#define TLBIE_RIC_TLB	 0     /* translations */
#define TLBIE_RIC_ALL	 2     /* also page-walk caches, process and partition table entries */
#define TLBIE_IS_ALL	 0xc00 /* RB: whatever the address and PID */

#ifdef __ASSEMBLY__
#define TLBIE(rb, rs, ric, prs) .long TLBIE_OPCODE(rb, rs, ric, prs)
#define MSGCLR(rb)		.long MSGCLR_OPCODE(rb)
#else

#include <lib/types.h>

#define mfspr(nr) \
	__extension__({ \
		u64 __v; \
		__asm__ __volatile__("mfspr %0, %1" : "=r"(__v) : "i"(nr)); \
		__v; \
	})
#define mtspr(nr, v) __asm__ __volatile__("mtspr %0, %1" : : "i"(nr), "r"((u64)(v)) : "memory")

static inline u64 mfmsr(void)
{
	u64 v;

	__asm__ __volatile__("mfmsr %0" : "=r"(v) : : "memory");
	return v;
}

static inline void doorbell_send(u64 pir)
{
	register u64 r3 __asm__("r3") = DOORBELL_HV | pir;

	__asm__ __volatile__(".long %c1" : : "r"(r3), "i"(MSGSND_OPCODE(3)) : "memory");
}

static inline void doorbell_clear(void)
{
	register u64 r3 __asm__("r3") = DOORBELL_HV;

	__asm__ __volatile__(".long %c1" : : "r"(r3), "i"(MSGCLR_OPCODE(3)) : "memory");
}

#endif
