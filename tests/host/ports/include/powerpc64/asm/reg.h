/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before powerpc64's: the registers are those of tests/host/ports/powerpc64.c. */
#pragma once

#include_next <asm/reg.h>

u64 host_spr(unsigned int nr);

#undef mfspr
#define mfspr(nr) host_spr(nr)
