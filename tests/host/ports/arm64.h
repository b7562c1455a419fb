/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of arm64 share: the power manager of the Pi (arm64_end.c). */
#pragma once

#include <lib/types.h>

#define PM     0x3f100000UL
#define PM_END 0x3f100100UL

u32 pm_read(u32 reg);
void pm_write(u32 reg, u32 val);

void test_end(void);
