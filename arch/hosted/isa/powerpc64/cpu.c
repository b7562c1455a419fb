/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose threads the cores' others are, a process does not know: it yields to them. */
#include <arch/cpu.h>

bool cpu_has_threads = true;
