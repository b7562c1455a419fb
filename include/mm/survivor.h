/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number that a reset may leave in memory: where a run was, for the boot that follows a crash. It
 * lies a mebibyte behind the image, where no loader puts anything of its own by our lights, with a
 * check sum: firmware that clears memory, or a cache that a reset drops, costs the number and no
 * more. Only with go_on=1 on the boot line.
 */
#pragma once

#include <lib/types.h>

/* Reserve the place. Boot CPU, options parsed, before boot_alloc_init(). */
void survivor_init(void);

/* Is there a place? */
bool survivor_is_there(void);

/* Keep @value for who asks with the same @key, 0: nothing. Any context, one CPU at a time. */
void survivor_keep(u32 key, u64 value);

/* What was kept with @key, by this boot or one before; 0 if nothing was. */
u64 survivor_read(u32 key);
