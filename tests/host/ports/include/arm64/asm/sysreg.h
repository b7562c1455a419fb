/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before arm64's: the registers are those of tests/host/ports/arm64.c. */
#pragma once

#include <lib/types.h>

u64 host_sysreg_read(const char *name);
void host_sysreg_write(const char *name, u64 val);

#define arm64_read_sysreg(reg)	     host_sysreg_read(#reg)
#define arm64_write_sysreg(val, reg) host_sysreg_write(#reg, val)

#define MPIDR_AFFINITY_MASK 0xff00ffffffULL
