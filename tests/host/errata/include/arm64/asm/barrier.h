/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before arm64's: there is one CPU. */
#pragma once

#include_next <asm/barrier.h>

#undef arm64_isb
#define arm64_isb() barrier()
