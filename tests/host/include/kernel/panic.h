/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/kernel/panic.h in the host's build of the parsers. */
#pragma once

#include <lib/compiler.h>
#include <lib/report.h>
#include <lib/types.h>

#define KERNEL_STACK_SIZE 16384

const char *ksym_lookup(unsigned long addr, unsigned long *off, unsigned long *size);
unsigned long ksym_find(const char *name);
