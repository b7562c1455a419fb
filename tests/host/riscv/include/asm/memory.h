/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before riscv64's: physical addresses are the host's, the user's half is that of Sv39. */
#pragma once

#define PAGE_OFFSET   0UL
#define ARCH_USER_END (1UL << 38)
