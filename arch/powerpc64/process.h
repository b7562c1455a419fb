/* SPDX-License-Identifier: GPL-2.0-only */
/* A Linux process of this ISA: where a signal came, in what its handler gets. Not for an image. */
#pragma once

#include <ucontext.h>

#define PROCESS_PC(uc) ((uc)->uc_mcontext.gp_regs[32])

/* Whose threads the cores' others are, the process does not know: it yields to them. */
bool cpu_has_threads = true;
