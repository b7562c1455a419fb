/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated port: a physical address is the host's address of a frame. */
#pragma once

#define PAGE_OFFSET   0UL
#define ARCH_USER_END (1UL << 18)
