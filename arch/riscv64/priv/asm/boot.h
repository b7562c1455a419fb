/* SPDX-License-Identifier: GPL-2.0-only */
/* What boot.S and smp.c share; the values are checked in smp.c. */
#pragma once

#define BOOT_STACK_SIZE 16384
#define BOOT_NR_CPUS	64

/* struct secondary_args */
#define ARGS_SATP      0
#define ARGS_STACK_TOP 8
#define ARGS_PERCPU    16
#define ARGS_CPU       24
#define ARGS_HART      32
#define ARGS_SIZE      40
