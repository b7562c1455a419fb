/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before powerpc64's: memory of the program is the linear map. */
#pragma once

#define PAGE_OFFSET   0UL
#define KIMAGE_BASE   0xc008000000000000
#define ARCH_USER_END 0x0000800000000000
