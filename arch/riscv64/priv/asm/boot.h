/* SPDX-License-Identifier: GPL-2.0-only */
/* What boot.S shares with smp.c, where the values are checked, and with setup.c. */
#pragma once

#define BOOT_STACK_SIZE 16384
#define BOOT_NR_CPUS	64

/* A tree that claims more bytes than this is damaged; Linux sets the same limit on some ISAs. */
#define FDT_SIZE_MAX 0x200000

/* struct secondary_args */
#define ARGS_SATP      0
#define ARGS_STACK_TOP 8
#define ARGS_PERCPU    16
#define ARGS_CPU       24
#define ARGS_HART      32
#define ARGS_SIZE      40
