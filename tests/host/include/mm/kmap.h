/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/mm/kmap.h in the host's build. */
#pragma once

/* Top of KERNEL_STACK_SIZE bytes with an unmapped page on either side. */
void *stack_alloc(void);
