/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before arm64's: the registers are those of tests/host/errata/arm64.c. */
#pragma once

#include <lib/types.h>

u64 host_sysreg(const char *name);

#define arm64_read_sysreg(reg)	     host_sysreg(#reg)
#define arm64_write_sysreg(val, reg) ((void)(val))
