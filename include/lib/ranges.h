/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of physical addresses, as ranges in a table of the caller's: ascending, none empty, no two
 * overlap or touch. @n: how many there are; @max: how many the table holds.
 */
#pragma once

#include <lib/types.h>

struct phys_range {
	phys_addr_t base;
	u64 size; /* base + size does not wrap */
};

static inline phys_addr_t range_end(const struct phys_range *r)
{
	return r->base + r->size;
}

/* Add @x, which is not empty. False, and nothing added: it would be one range too many. */
bool ranges_add(struct phys_range *r, unsigned int *n, unsigned int max, struct phys_range x);

/*
 * Take @x out. False: that would have made one range too many, so the smaller of two pieces that
 * were left of one has gone, too.
 */
bool ranges_cut(struct phys_range *r, unsigned int *n, unsigned int max, struct phys_range x);

/* Join the two neighbours that are nearest to each other, what lies between them with them. */
void ranges_close_gap(struct phys_range *r, unsigned int *n);
