/* SPDX-License-Identifier: GPL-2.0-only */
/* A Linux process of this ISA: where a signal came, in what its handler gets. Not for an image. */
#pragma once

#include <ucontext.h>

#define PROCESS_PC(uc) ((uc)->uc_mcontext.gregs[REG_RIP])
