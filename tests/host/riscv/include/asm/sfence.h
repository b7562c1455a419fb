/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before riscv64's: the hart of main.c executes it. */
#pragma once

void riscv_sfence_vma_all(void);
void riscv_sfence_vma_asid(unsigned long asid);
void riscv_sfence_vma_page(unsigned long va, unsigned long asid);
