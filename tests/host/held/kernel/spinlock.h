/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the kernel's own in held_check: of a lock only the address matters. */
#pragma once

struct spinlock {
	unsigned long any;
};
