/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SFENCE.VMA, the one instruction that orders table walks on RISC-V (Privileged Architecture 1.12,
 * section 4.2.1): stores that this hart has made or has seen come before its walks that follow, and
 * what it has cached of the tables is dropped. A fence does neither, nor does a write to satp
 * (4.1.11). It acts on the hart that runs it.
 *
 * rs1 = x0: entries of all levels. rs1 = an address: leaf entries of that address alone, so not
 * what is cached of a table above them, nor that there was none.
 * rs2 = x0: every address space and what is global. rs2 = an id: that space, and nothing global.
 */
#pragma once

static inline void riscv_sfence_vma_all(void)
{
	__asm__ __volatile__("sfence.vma" : : : "memory");
}

static inline void riscv_sfence_vma_asid(unsigned long asid)
{
	__asm__ __volatile__("sfence.vma zero, %0" : : "r"(asid) : "memory");
}

static inline void riscv_sfence_vma_page(unsigned long va, unsigned long asid)
{
	__asm__ __volatile__("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
}
