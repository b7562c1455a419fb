/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an allocation may do to succeed.
 *
 * GFP_KERNEL	may sleep, drain every CPU's lists and reclaim; a reserve is left for those who may
 *		not. Interrupts enabled, no spinlock held.
 * GFP_NOWAIT	takes what is there, but not the reserve. Any context but NMI.
 * GFP_ATOMIC	the reserve too. Any context but NMI.
 *
 * There is no flag by which an allocation could not fail.
 */
#pragma once

#include <kernel/sched.h>
#include <lib/types.h>

typedef u32 gfp_t;

#define __GFP_WAIT     0x1U /* may sleep and reclaim */
#define __GFP_HIGH     0x2U /* may use the reserve */
#define __GFP_ZERO     0x4U /* zeroed memory */
#define __GFP_NOINJECT 0x8U /* no failure is injected: the harness's own memory */

#define GFP_NOWAIT 0U
#define GFP_KERNEL __GFP_WAIT
#define GFP_ATOMIC __GFP_HIGH

/*
 * First thing in every allocation, @what, whether there is memory at hand or not: may it do here
 * what @gfp says? Else that is reported, and what is returned does not wait.
 */
static inline gfp_t gfp_check(gfp_t gfp, const char *what)
{
	if (!(gfp & __GFP_WAIT) || might_sleep(what))
		return gfp;
	return gfp & ~__GFP_WAIT;
}
