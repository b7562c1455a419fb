/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/arch/context.h in the simulation: one thread a CPU. */
#pragma once

struct task_struct;
struct task_struct *arch_current(void);
