/* SPDX-License-Identifier: GPL-2.0-only */
/* Machine checks: what they mean. */
#pragma once

#include <lib/types.h>

struct mce {
	u64 code; /* the bit of DSISR, or the value of SRR1's bits */
	const char *what;
	bool drop_translations; /* that mends it */
};

/* Of the registers as the interrupt set them; the gravest if there are several. Never NULL. */
const struct mce *mce_decode(u64 srr1, u64 dsisr);
