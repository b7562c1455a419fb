/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated port: one thread a CPU. */
#pragma once

struct task_struct;
struct task_struct *arch_current(void);
