/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before arm64's: there is one CPU. */
#pragma once

#include "../../../../one_cpu/asm/barrier.h"

#define arm64_isb()	barrier()
#define arm64_dsb(what) barrier()
#define arm64_dmb(what) barrier()
