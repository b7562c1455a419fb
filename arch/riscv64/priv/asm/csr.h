/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control and status registers that supervisor mode uses: RISC-V Privileged Architecture 1.12,
 * chapter 4. Also included by assembly.
 */
#pragma once

/* sstatus, section 4.1.1 */
#define SSTATUS_SIE  0x00000002
#define SSTATUS_SPIE 0x00000020
#define SSTATUS_SPP  0x00000100
#define SSTATUS_VS   0x00000600
#define SSTATUS_FS   0x00006000
#define SSTATUS_SUM  0x00040000

/* sie and sip, section 4.1.3: bit = cause of the interrupt */
#define IRQ_S_SOFT  1
#define IRQ_S_TIMER 5

/* scause, table 4.2 */
#define CAUSE_INTERRUPT	   (1UL << 63)
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_LOAD_ACCESS  5
#define CAUSE_STORE_ACCESS 7
#define CAUSE_FETCH_PAGE   12
#define CAUSE_LOAD_PAGE	   13
#define CAUSE_STORE_PAGE   15

/* stimecmp of the Sstc extension, by number: assemblers do not all know its name. */
#define CSR_STIMECMP 0x14d

/* satp, section 4.1.11 */
#define SATP_MODE_SHIFT 60
#define SATP_MODE_SV39	8
#define SATP_MODE_SV48	9

#ifndef __ASSEMBLY__

#include <lib/compiler.h>

#define csr_read(csr) \
	__extension__({ \
		unsigned long __v; \
		__asm__ __volatile__("csrr %0, " #csr : "=r"(__v) : : "memory"); \
		__v; \
	})
#define csr_write(csr, v) \
	__asm__ __volatile__("csrw " __stringify(csr) ", %0" \
			     : \
			     : "rK"((unsigned long)(v)) \
			     : "memory")
#define csr_set(csr, v) \
	__asm__ __volatile__("csrs " #csr ", %0" : : "rK"((unsigned long)(v)) : "memory")
#define csr_clear(csr, v) \
	__asm__ __volatile__("csrc " #csr ", %0" : : "rK"((unsigned long)(v)) : "memory")

#endif
